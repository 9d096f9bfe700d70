"""`grader handout`: what is in it, what it refuses, and that nothing in its way is lost."""

from __future__ import annotations

import ast
import dataclasses
import os
import re
import shutil
import tomllib
from datetime import timedelta, timezone
from pathlib import Path

import pytest
from conftest import ROOT
from handouts import HIDDEN, PUBLIC, archive_files, changed, folder_files, make_course, put
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from grader.cli import app
from grader.commands import INSTRUCTORS, STUDENTS
from grader.course import Course, Exercise, Limits, Policy, load_course
from grader.handout import HandoutError, make_handout
from grader.handout.manifests import course_text, readme_text
from grader.handout.modules import imported_by
from grader.handout.placing import MARKER, Placing


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return make_course(tmp_path / "course")


@pytest.fixture(scope="session")
def real(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The handout of the course of this repository."""
    made = make_handout(changed(load_course(ROOT)), tmp_path_factory.mktemp("real") / "course")
    return archive_files(made.archive)


# what is in it


def test_it_holds_the_stubs_the_public_checks_and_no_draft(course: Course, tmp_path: Path) -> None:
    made = make_handout(course, tmp_path / "twice")
    assert [name for name in made.files if name.startswith("exercises/")] == [
        "exercises/README.md",
        "exercises/double.py",
        "exercises/test_double.py",
    ]
    assert made.left_out == ("exercises/test_triple.py", "exercises/triple.py")
    assert set(folder_files(made.folder)) >= {*made.files, MARKER}
    assert b"triple" not in b"".join(folder_files(made.folder).values())


def test_its_course_asks_what_is_graded_and_tells_nothing_else(
    course: Course, tmp_path: Path
) -> None:
    made = make_handout(course, tmp_path / "twice")
    (exercise,) = load_course(made.folder).exercises
    assert exercise == dataclasses.replace(course.exercise("double"), requires=())
    text = (made.folder / "course.toml").read_text(encoding="utf-8")
    assert "secret" not in text and "limits" not in text and "draft" not in text


def zone(minutes: int) -> timezone:
    return timezone(timedelta(minutes=minutes))


words = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


@given(
    title=words,
    points=st.floats(0.001, 100),
    things=st.lists(words, unique=True, max_size=3),
    # TOML says a time zone in minutes.
    due=st.none() | st.datetimes(timezones=st.integers(-1439, 1439).map(zone)),
)
def test_whatever_a_course_says_is_said_again(title, points, things, due):
    exercise = Exercise("a", title, points, ("f", *things), (), {"f": tuple(things)})
    policy = Policy(due=due, late_penalty=12.5 if due else 0.0)
    table = tomllib.loads(course_text(Course(Path(), title, (exercise,), Limits(), policy)))
    (entry,) = table["exercises"]
    assert (table["title"], entry["title"], entry["points"]) == (title, title, points)
    assert entry["functions"] == ["f", *things] and entry["forbidden"] == {"f": things}
    assert table.get("due") == due and table.get("late_penalty", 0.0) == policy.late_penalty


def test_the_zip_holds_what_the_folder_holds(course: Course, tmp_path: Path) -> None:
    made = make_handout(course, tmp_path / "twice")
    assert made.archive == tmp_path / "twice.zip"
    folder = {name: data for name, data in folder_files(made.folder).items() if data}
    inside = archive_files(made.archive)
    assert {name: data for name, data in inside.items() if data} == folder


def test_the_same_course_gives_the_same_bytes_wherever_it_is_made(tmp_path: Path) -> None:
    archives = []
    for place, moment in (("here", 0), ("over/there", 1_700_000_000)):
        course = make_course(tmp_path / place / "course")
        for file in course.root.rglob("*"):
            os.utime(file, (moment, moment))
        archives.append(make_handout(course, tmp_path / place / "twice").archive.read_bytes())
    assert archives[0] == archives[1]
    assert str(tmp_path).encode() not in archives[0]


def test_every_module_of_the_grader_that_is_imported_in_it_is_in_it(real) -> None:
    for name, data in real.items():
        for module in imported_by(ast.parse(data)) if name.endswith(".py") else ():
            place = Path(*module.split("."))
            if (ROOT / place).with_suffix(".py").is_file() and module.startswith("grader"):
                assert place.with_suffix(".py").as_posix() in real, (name, module)
            elif module.startswith("grader") and (ROOT / place).is_dir():
                assert (place / "__init__.py").as_posix() in real, (name, module)


def test_what_the_exercises_say_of_themselves_is_in_it(real) -> None:
    assert real["exercises/README.md"] == (ROOT / "exercises" / "README.md").read_bytes()
    assert b"](exercises/README.md)" in real["README.md"]


def test_the_instructors_part_of_the_grader_is_not_in_it(real) -> None:
    rooms = {name.split("/")[1] for name in real if name.startswith("grader/")}
    assert rooms <= {
        *("__init__.py", "cli.py", "commands", "course.py", "outcome.py", "untrusted.py"),
        *("plugin.py", "student", "checking", "probes", "dataset.py", "writing.py", "kept.py"),
        *("misconceptions", "sandbox", "hints.py", "pristine", "stubs.py"),
        *("notebooks", "sources.py", "watch"),
        *("reports", "grades.py"),  # the student's own page
    }
    assert {name for name in real if name.startswith("grader/reports/")} == {
        "grader/reports/__init__.py",
        *(f"grader/reports/html/{name}.py" for name in ("__init__", "bars", "curves")),
        *(f"grader/reports/html/{name}.py" for name in ("findings", "pages", "scales")),
        *(f"grader/reports/html/assets/{name}.css" for name in ("own", "page")),
        *(f"grader/reports/html/templates/{name}.html" for name in ("base", "findings", "own")),
    }
    for room, files in {
        "commands": {"__init__.py", "usage.py", *(f"{name}.py" for name in STUDENTS)},
        "pristine": {f"{name}.txt" for name in load_course(ROOT).names},
        "misconceptions": {"__init__.py"},  # finds none, so there is no hint
        "sandbox": {"__init__.py", "loader.py", "unwritten.py"},  # word an exception
    }.items():
        inside = {name for name in real if name.startswith(f"grader/{room}/")}
        assert inside == {f"grader/{room}/{file}" for file in files}


def test_its_readme_names_each_exercise_and_when_they_are_due(course: Course) -> None:
    due = tomllib.loads("at = 2027-01-31T23:59:00+01:00")["at"]
    late = dataclasses.replace(course.graded(), policy=Policy(due=due, late_penalty=10))
    (course.stubs / "README.md").unlink()
    text = readme_text(late)
    assert text.startswith("# Twice\n")
    assert "| `exercises/double.py` | Two times | 100 |" in text
    assert "Due on 2027-01-31 at 23:59 (UTC+01:00). Each day begun after that costs 10 %" in text
    assert "Due on" not in readme_text(course.graded())
    assert "$" not in text


def test_its_readme_says_nothing_twice_where_the_exercises_have_one_of_their_own(
    course: Course,
) -> None:
    text = readme_text(course.graded())
    assert text.count("exercises/README.md") == 2  # a link
    assert "exercises/double.py" not in text and "What comes back" not in text
    assert "uv run pytest exercises" in text and "## Handing in" in text
    assert "$" not in text


def test_it_asks_for_what_its_exercises_need_and_no_more(
    real, course: Course, tmp_path: Path
) -> None:
    def names(project: bytes) -> list[str]:
        wanted = tomllib.loads(project.decode())["project"]["dependencies"]
        return [re.split(r"[^\w.-]", one)[0] for one in wanted]

    base = ["hypothesis", "numpy", "pytest", "rich", "torch", "torchvision", "typer", "watchfiles"]
    whole = names(real["pyproject.toml"])
    assert whole == sorted([*base, "matplotlib", "tensorboard", "pillow"])
    made = make_handout(course, tmp_path / "small")
    assert names((made.folder / "pyproject.toml").read_bytes()) == base
    put(course.root / "exercises/test_double.py", PUBLIC.replace("import torch", "import PIL", 1))
    made = make_handout(course, tmp_path / "pictures")
    assert names((made.folder / "pyproject.toml").read_bytes()) == sorted([*base, "pillow"])


def test_what_public_checks_import_beside_them_comes_along(course: Course, tmp_path: Path) -> None:
    put(course.root / "exercises/numbers_of_old.py", "from older import TWO\n")
    put(course.root / "exercises/older/__init__.py", "TWO = 2\n")
    put(course.root / "exercises/conftest.py", "")
    put(course.root / "exercises/own_attempt.py", "")
    check = f"{PUBLIC}\n\ndef unused():\n    from numbers_of_old import TWO\n"
    put(course.root / "exercises/test_double.py", check)
    made = make_handout(course, tmp_path / "twice")
    wanted = {"numbers_of_old.py", "older/__init__.py", "conftest.py"}
    assert {f"exercises/{name}" for name in wanted} <= set(made.files)
    assert "exercises/own_attempt.py" in made.left_out


def test_the_course_names_what_else_is_given(course: Course, tmp_path: Path) -> None:
    put(course.root / "exercises/images/cat.png", b"\x89PNG")
    put(course.root / "exercises/notes.txt", "for me")
    manifest = course.root / "course.toml"
    text = manifest.read_text(encoding="utf-8")
    put(manifest, text.replace("[limits]", 'include = ["exercises/images"]\n\n[limits]'))
    made = make_handout(load_course(course.root), tmp_path / "twice")
    assert "exercises/images/cat.png" in made.files
    assert "exercises/notes.txt" in made.left_out


@pytest.mark.parametrize("name", ["solutions/double.py", "grader", "../other", "exercises/nothing"])
def test_nothing_outside_of_exercises_is_given_by_name(
    course: Course, tmp_path: Path, name: str
) -> None:
    put(tmp_path / "other" / "file", "")
    with pytest.raises(HandoutError, match=r"course\.toml: handout\.include: "):
        make_handout(changed(course, include=(name,)), tmp_path / "twice")


def test_known_mistakes_are_given_where_the_course_says_so(course: Course, tmp_path: Path) -> None:
    mistakes = "grader/misconceptions/double.py"
    assert mistakes not in make_handout(course, tmp_path / "without").files
    assert mistakes in make_handout(changed(course, hints="source"), tmp_path / "with").files


# what it refuses


def test_an_exercise_that_was_solved_in_its_place_is_given_to_nobody(
    course: Course, tmp_path: Path
) -> None:
    shutil.copyfile(course.solutions / "double.py", course.stubs / "double.py")
    with pytest.raises(HandoutError, match=r"double\.py is not the stub of .*grader\.stubs"):
        make_handout(course, tmp_path / "twice")
    assert not list(tmp_path.glob("twice*"))


@pytest.mark.parametrize(
    "source",
    ["import grader.misconceptions.double", "from grader.checks.test_double import HIDDEN", "def"],
)
def test_public_checks_that_no_student_could_run_are_refused(
    course: Course, tmp_path: Path, source: str
) -> None:
    put(course.root / "exercises/test_double.py", f"{PUBLIC}\n{source}\n")
    with pytest.raises(HandoutError, match=r"students do not have|is not valid Python"):
        make_handout(course, tmp_path / "twice")


@pytest.mark.parametrize(
    "place",
    [
        "course",
        ".",
        "course/exercises/given",
        "course/solutions/given",
        "course/grader/given",
        "course/.git/given",
        "given.zip",
        "what?",
        "/",
        "link",
        "file",
        "work",
    ],
)
def test_it_is_made_nowhere_where_something_else_is(
    course: Course, tmp_path: Path, place: str
) -> None:
    put(tmp_path / "work" / "thesis.txt", "years")
    put(tmp_path / "file", "")
    (tmp_path / "link").symlink_to(tmp_path / "work")
    before = folder_files(tmp_path)
    with pytest.raises(HandoutError):
        make_handout(course, tmp_path / place)
    assert folder_files(tmp_path) == before


def test_it_goes_into_an_empty_folder_and_makes_those_around_it(
    course: Course, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    make_handout(course, tmp_path / "empty")
    make_handout(course, tmp_path / "two" / "more")
    assert sorted(entry.name for entry in tmp_path.iterdir()) == [
        "course",
        "empty",
        "empty.zip",
        "two",
    ]


def test_an_earlier_handout_is_replaced_whole(course: Course, tmp_path: Path) -> None:
    put(course.root / "exercises/conftest.py", "")
    folder = make_handout(course, tmp_path / "twice").folder
    put(folder / ".venv" / "pyvenv.cfg", "")
    put(folder / "exercises" / "__pycache__" / "double.pyc", b"")
    put(folder / "uv.lock", "")
    (course.root / "exercises/conftest.py").unlink()
    made = make_handout(course, tmp_path / "twice")
    assert set(folder_files(folder)) == set(
        folder_files(make_handout(course, tmp_path / "new").folder)
    )
    assert "exercises/conftest.py" not in archive_files(made.archive)


@pytest.mark.parametrize("name", ["exercises/double.py", "exercises/own.py", ".git/HEAD"])
def test_an_earlier_handout_in_which_somebody_worked_stays(
    course: Course, tmp_path: Path, name: str
) -> None:
    folder = make_handout(course, tmp_path / "twice").folder
    put(folder / name, "hours of work\n")
    before = folder_files(tmp_path)
    with pytest.raises(HandoutError, match=re.escape(str(folder / name))):
        make_handout(course, folder)
    assert folder_files(tmp_path) == before


def test_a_zip_of_something_else_stays(course: Course, tmp_path: Path) -> None:
    put(tmp_path / "twice.zip", b"PK")
    with pytest.raises(HandoutError, match=r"twice\.zip is there already"):
        make_handout(course, tmp_path / "twice")
    assert (tmp_path / "twice.zip").read_bytes() == b"PK"
    assert not (tmp_path / "twice").exists()


def test_where_it_cannot_be_put_the_earlier_one_stays(course: Course, tmp_path: Path) -> None:
    folder = make_handout(course, tmp_path / "twice").folder
    before = folder_files(tmp_path)
    placing = Placing(folder, course.root, [])
    with placing.unfinished("Twice", {"README.md": b"new"}) as (_, archive):
        archive.unlink()
        with pytest.raises(FileNotFoundError):
            placing.put()
    assert folder_files(tmp_path) == before


# the command


def test_the_command_says_what_it_made_and_what_it_left_out(course: Course, tmp_path: Path) -> None:
    put(course.root / "exercises/notes.txt", "")
    done = CliRunner().invoke(
        app, ["handout", str(tmp_path / "twice"), "--course", str(course.root)]
    )
    assert done.exit_code == 0
    assert f"made {tmp_path}/twice and {tmp_path}/twice.zip: 1 exercises" in done.output
    assert "left out: exercises/notes.txt" in done.output


def test_the_command_says_which_line_would_be_given_away(course: Course, tmp_path: Path) -> None:
    leak = HIDDEN.splitlines()[-1]
    put(course.root / "exercises/README.md", f"# Exercises\n\nTry\n{leak}\n")
    done = CliRunner().invoke(
        app, ["handout", str(tmp_path / "twice"), "--course", str(course.root)]
    )
    assert done.exit_code == 2
    assert (
        f"exercises/README.md, line 4: {leak.strip()!r} is of grader/checks/test_double.py"
        in done.output
    )
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["course"]


def test_a_course_that_is_not_there_is_bad_usage(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["handout", str(tmp_path / "a"), "--course", str(tmp_path)])
    assert done.exit_code == 2 and "course.toml" in done.output


def test_where_the_instructors_part_is_its_commands_are_offered() -> None:
    offered = CliRunner().invoke(app, ["--help"]).output
    for name in [name for names in {**INSTRUCTORS, **STUDENTS}.values() for name in names]:
        assert re.search(rf"^\W*{name}\b", offered, re.MULTILINE), name
