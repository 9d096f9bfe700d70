"""`grader notebook` makes what Jupyter and Colab open, from the student's file; nothing is lost."""

from __future__ import annotations

import ensurepip
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from handouts import make_course
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from grader.cli import app
from grader.course import Course, load_course
from grader.handout import make_handout
from grader.notebooks.cells import writing_cell, written_modules
from grader.submissions import find_submissions, read_submission

ROOT = Path(__file__).parent.parent
SITE = Path(pytest.__file__).parent.parent  # where this environment's packages are
# On Colab neither is installed; the third has another place here.
ABSENT = ("torchgrade", "_torchgrade", "hypothesis", "_hypothesis", "google")
WORK = "def double(number):\n    return number + number\n"

Grader = Callable[..., tuple[int, str]]


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return make_course(tmp_path / "course")


@pytest.fixture
def grader(course: Course, monkeypatch: pytest.MonkeyPatch) -> Grader:
    """The command, run in the course's folder; its status and all that it said."""
    monkeypatch.chdir(course.root)

    def run(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, ["notebook", *words])
        return done.exit_code, done.output

    return run


def made(course: Course) -> Path:
    return course.root / "notebooks" / "double.ipynb"


def rewrite(file: Path, old: str, new: str) -> None:
    """Change what a student changes in a notebook: the text of a cell."""
    document = json.loads(file.read_text("utf-8"))
    for cell in document["cells"]:
        cell["source"] = "".join(cell["source"]).replace(old, new)
    file.write_text(json.dumps(document), encoding="utf-8")


def test_every_exercise_has_a_notebook_as_jupyter_itself_would_write_it(tmp_path: Path) -> None:
    words = ["notebook", "--course", str(ROOT), "--to", str(tmp_path)]
    assert CliRunner().invoke(app, words).exit_code == 0
    course = load_course(ROOT)
    files = sorted(tmp_path.iterdir())
    assert [file.name for file in files] == sorted(f"{name}.ipynb" for name in course.names)
    for file in files:
        text = file.read_text(encoding="utf-8")
        document = nbformat.reads(text, as_version=nbformat.NO_CONVERT)
        assert (document.nbformat, document.nbformat_minor) == (4, 5)
        nbformat.validate(document)
        assert f"{nbformat.writes(document)}\n" == text
        name = file.stem
        again = CliRunner().invoke(app, ["notebook", name, *words[1:]])  # named alone, the same
        assert again.output.startswith("there already: ") and file.read_text("utf-8") == text
        after = course.names[course.names.index(name) + 1 :]
        assert (f"Go on with `{after[0]}.ipynb`" if after else "the last exercise") in text
    (found,) = find_submissions([tmp_path], course.names)
    stubs = course.stub_files()
    assert read_submission(found, course.names).files == stubs


def test_the_same_file_gives_the_same_bytes_and_is_left_as_it_is(
    course: Course, grader: Grader
) -> None:
    assert grader()[0] == 0
    before = made(course).read_bytes()
    made(course).unlink()
    grader()
    assert made(course).read_bytes() == before
    ran = json.loads(before)
    ran["cells"][1]["outputs"] = [{"name": "stdout", "output_type": "stream", "text": ["double"]}]
    made(course).write_text(json.dumps(ran), encoding="utf-8")
    status, said = grader()
    assert (status, said.splitlines()[0]) == (0, "there already: notebooks/double.ipynb")
    assert json.loads(made(course).read_text("utf-8")) == ran  # with what its cells showed


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_it_holds_the_students_file_as_it_is_now(course: Course, grader: Grader, end: str) -> None:
    file = course.stubs / "double.py"
    grader()
    file.write_bytes("\ufeff".encode() + f"{WORK}# 双 🙂\n".replace("\n", end).encode())
    status, said = grader("double")
    assert (status, said.splitlines()[0]) == (0, "made notebooks/double.ipynb")
    (found,) = find_submissions([made(course)], course.names)
    assert read_submission(found, course.names).files == {"double.py": f"{WORK}# 双 🙂\n".encode()}


def test_what_a_student_wrote_in_a_notebook_is_kept(course: Course, grader: Grader) -> None:
    grader()
    rewrite(made(course), "raise NotImplementedError", "return 2 * number  # ")
    before = made(course).read_bytes()
    status, said = grader("double")
    assert status == 2
    assert "kept notebooks/double.ipynb: you changed it; --force makes it anew" in said
    assert grader()[0] == 0  # all of them: those that can be made
    assert made(course).read_bytes() == before
    status, said = grader("double", "--force")
    assert status == 0
    (backup,) = (course.root / ".grader" / "backups").iterdir()
    assert f"made notebooks/double.ipynb anew; yours is kept as .grader/backups/{backup.name}" in (
        said
    )
    assert backup.read_bytes() == before
    assert "return 2 * number" not in made(course).read_text("utf-8")
    (found,) = find_submissions([course.root], course.names)
    assert read_submission(found, course.names).reason is None  # no backup is handed in


def test_a_second_backup_takes_nothing_from_the_first(course: Course, grader: Grader) -> None:
    grader()
    for number in (1, 2):
        rewrite(
            made(course),
            "NotImplementedError",
            f"ValueError  # {number}\n    raise NotImplementedError",
        )
        grader("--force")
    backups = sorted((course.root / ".grader" / "backups").iterdir())
    assert len(backups) == 2
    assert ["ValueError  # 2" in file.read_text("utf-8") for file in backups] == [False, True]


def test_a_notebook_that_wrote_the_file_already_holds_it(course: Course, grader: Grader) -> None:
    grader()
    rewrite(made(course), "raise NotImplementedError", "return 2 * number  # ")
    cell = json.loads(made(course).read_text("utf-8"))["cells"][2]["source"]
    (module,) = written_modules([cell]).values()
    (course.stubs / "double.py").write_text(module.text, encoding="utf-8")
    assert grader("double")[1].splitlines()[0] == "there already: notebooks/double.ipynb"


@pytest.mark.parametrize("content", [b"{", b"[]", b"\xff", b'{"cells": [{}]}'])
def test_what_cannot_be_read_is_kept_too(course: Course, grader: Grader, content: bytes) -> None:
    grader()
    made(course).write_bytes(content)
    assert grader("double")[0] == 2
    assert made(course).read_bytes() == content


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nothing"], "nothing"),
        (["--to", "course.toml"], "course.toml: File exists"),
        (["--url", "example.org/course.zip"], "--url example.org/course.zip: name the whole"),
    ],
)
def test_bad_usage_gets_one_clear_error(grader: Grader, words: list[str], said: str) -> None:
    status, output = grader(*words)
    assert status == 2 and said in output and "Traceback" not in output


def test_a_file_that_cannot_be_shown_gets_one_clear_error(course: Course, grader: Grader) -> None:
    (course.stubs / "double.py").write_bytes(b"# caf\xe9\n")
    assert grader() == (
        2,
        "grader: exercises/double.py: byte 5 is not UTF-8: save the file as UTF-8\n",
    )
    (course.stubs / "double.py").unlink()
    assert grader() == (2, "grader: exercises/double.py is missing: take it from the handout\n")
    assert not made(course).exists()


@given(text=st.text(st.characters(codec="utf-8", exclude_characters="\r")))
def test_any_file_comes_back_from_its_cell(text: str) -> None:
    whole = text if text.endswith("\n") else f"{text}\n"
    cell = writing_cell("exercises/losses.py", text)
    (module,) = written_modules([cell]).values()
    assert module.text == whole and not module.added


# Where nothing is installed


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python that has torch and pytest, and neither the grader nor hypothesis: Colab's."""
    folder = tmp_path_factory.mktemp("bare")
    venv.create(folder, symlinks=True)
    packages = folder / "lib" / f"python3.{sys.version_info.minor}" / "site-packages"
    for entry in SITE.iterdir():
        if not entry.name.startswith(ABSENT):
            packages.joinpath(entry.name).symlink_to(entry)
    pip = Path(sysconfig.get_path("purelib", vars={"base": sys.base_prefix}), "pip")
    if pip.is_dir():  # compiled already: that saves seconds
        packages.joinpath("pip").symlink_to(pip)
    else:
        (wheel,) = Path(ensurepip.__file__).parent.glob("_bundled/pip-*.whl")
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(packages)
    colab = packages / "google" / "colab"
    colab.mkdir(parents=True)
    (colab / "__init__.py").touch()
    (colab / "files.py").write_text(
        "import os, shutil\n\ndef upload():\n    shutil.copy(os.environ['CHOSEN'], '.')\n"
    )
    return folder / "bin" / "python"


def wheel(folder: Path, name: str, version: str) -> None:
    """The smallest package that pip installs."""
    info = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as archive:
        archive.writestr(f"{name}.py", "")
        archive.writestr(
            f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        )
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{info}/RECORD", "")


def set_up_of(notebook: Path) -> str:
    cells = json.loads(notebook.read_text("utf-8"))["cells"]
    (text,) = ("".join(cell["source"]) for cell in cells if cell["id"] == "set-up")
    return str(text)


def run(python: Path, folder: Path, script: str, **environment: str) -> tuple[int, str]:
    kept = {name: text for name, text in os.environ.items() if name in ("PATH", "HOME", "TMPDIR")}
    done = subprocess.run(
        [python, "-c", script],
        cwd=folder,
        env=kept | environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_a_handout_makes_notebooks_without_torch(course: Course, tmp_path: Path) -> None:
    handout = make_handout(course, tmp_path / "stu").folder
    script = "import sys; sys.modules['torch'] = None; from grader.cli import app; app()"
    command = [sys.executable, "-c", script, "notebook"]
    done = subprocess.run(command, cwd=handout, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "made notebooks/double.ipynb" in done.stdout
    assert nbformat.read(handout / "notebooks" / "double.ipynb", 4).cells


def test_on_colab_the_set_up_fetches_the_course_and_what_it_lacks(
    course: Course, bare: Path, tmp_path: Path
) -> None:
    handout = make_handout(course, tmp_path / "stu")
    CliRunner().invoke(app, ["notebook", "--course", str(handout.folder)])
    set_up = set_up_of(handout.folder / "notebooks" / "double.ipynb")
    shutil.rmtree(handout.folder)
    content = tmp_path / "content"
    content.mkdir()
    (content / "sample_data").mkdir()
    wheel(tmp_path, "hypothesis", "99.0")
    script = f"""
import google.colab, subprocess
code = {set_up!r}
exec(code, {{}})
exec(code, {{}})  # a second time, from inside the course
subprocess.run([__import__("sys").executable, "-m", "pytest", "--help"], check=True)
"""
    environment = {
        "CHOSEN": str(handout.archive),
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(tmp_path),
        "PIP_TARGET": str(tmp_path / "installed"),
        "PIP_ROOT_USER_ACTION": "ignore",
    }
    status, said = run(bare, content, script, **environment)
    assert status == 0, said
    assert (content / "stu" / "exercises" / "double.py").is_file()
    assert (tmp_path / "installed" / "hypothesis.py").is_file()  # and torch was left alone
    assert [each.name for each in (tmp_path / "installed").glob("*.dist-info")] == [
        "hypothesis-99.0.dist-info"
    ]
    assert f"double: {content / 'stu' / 'exercises' / 'double.py'}, torch " in said
    assert "--device=cpu|cuda" in said  # pytest has the course's plugin


def test_elsewhere_the_set_up_says_what_is_missing(
    course: Course, bare: Path, tmp_path: Path
) -> None:
    handout = make_handout(course, tmp_path / "stu")
    CliRunner().invoke(app, ["notebook", "--course", str(handout.folder)])
    set_up = set_up_of(handout.folder / "notebooks" / "double.ipynb")
    folder = handout.folder / "notebooks"
    status, said = run(bare, folder, set_up)
    assert status == 1 and "Traceback" not in said
    assert f"lacks hypothesis. Install the course into it:\n    {bare} -m pip install -e" in said
    # with an address, it fetches the course
    address = ["--url", handout.archive.as_uri(), "--to", str(tmp_path / "fetched")]
    CliRunner().invoke(app, ["notebook", "--course", str(handout.folder), *address])
    set_up = set_up_of(tmp_path / "fetched" / "double.ipynb")
    shutil.rmtree(handout.folder)
    status, said = run(bare, tmp_path / "fetched", set_up)
    assert status == 1 and "lacks hypothesis" in said
    assert (tmp_path / "fetched" / "stu" / "exercises" / "double.py").is_file()
    # and where there is none, says so
    set_up = set_up.replace(handout.archive.as_uri(), "")
    (tmp_path / "nowhere").mkdir()
    status, said = run(bare, tmp_path / "nowhere", set_up)
    assert status == 1
    assert said == (
        f"There is no course in {tmp_path / 'nowhere'}: put its zip there, and run this cell again."
        "\n"
    )
