"""A notebook that is handed in counts like the .py files that its cells write, or is refused."""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from notebook_files import (
    WORK,
    code,
    losses,
    notebook,
    notebook_3,
    writing,
)

from grader.autograder.one import one_submission
from grader.submissions import Submission, find_submissions, read_submission

EXERCISES = ("layers", "losses", "training")
FIRST, SECOND = WORK.splitlines()
STUB = b'def l1_loss(input, target):\n    raise NotImplementedError("TODO: l1_loss")\n'
STUBS = {"losses.py": STUB}
OTHER = "def l1_loss(input, target):\n    return 0\n"
AS_PY = Submission("alice", {"losses.py": WORK.encode()})


def lay_out(folder: Path, files: Mapping[str, bytes]) -> Path:
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def graded(*paths: Path) -> dict[str, Submission]:
    found = find_submissions(paths, EXERCISES)
    return {each.id: read_submission(each, EXERCISES, STUBS) for each in found}


def alices(folder: Path, files: Mapping[str, bytes]) -> Submission:
    """The submission of a student who hands in a folder with these files."""
    lay_out(folder / "alice", files)
    return graded(folder)["alice"]


def held(folder: Path, data: bytes) -> Mapping[str, bytes] | str:
    """The modules that a notebook called losses.ipynb stands for, or why it is refused."""
    submission = alices(folder, {"losses.ipynb": data})
    return submission.files if submission.reason is None else submission.reason


# Which cells


def test_a_notebook_is_the_submission_that_its_py_file_is(tmp_path: Path) -> None:
    submission = alices(tmp_path, {"losses.ipynb": losses()})
    assert submission == AS_PY
    assert submission.digest == AS_PY.digest  # so that a grade is found again


@pytest.mark.parametrize(
    "data",
    [
        notebook(writing(WORK)),
        notebook(code(writing(WORK).splitlines(keepends=True))),
        notebook(writing(WORK, "losses.py")),
        notebook(writing(WORK, "/content/course/exercises/losses.py")),
        notebook(writing(WORK, "{course}/exercises/losses.py")),
        notebook(writing(WORK, r"exercises\losses.py")),
        notebook(writing(WORK, '"my course/exercises/losses.py"')),
        notebook(f"%%file exercises/losses.py\n{WORK}"),
        notebook(f"\n \n%%writefile  exercises/losses.py \n{WORK}"),
        notebook(writing(OTHER), writing(WORK)),
        notebook(writing(WORK), writing(OTHER, "old/losses.py")),
        notebook(writing(FIRST), writing(SECOND, "-a exercises/losses.py")),
        notebook(writing(FIRST), writing(SECOND, "exercises/losses.py --append")),
        notebook(writing(WORK), {"cell_type": "markdown", "source": writing(OTHER)}),
        notebook(writing(WORK), {"cell_type": "raw", "source": writing(OTHER)}),
        notebook(writing(WORK), f"# notes\n{writing(OTHER)}", writing("", "exercises/losses.py")),
        notebook_3(writing(WORK)),
        notebook_3("x = 1", writing(WORK).splitlines(keepends=True)),
        b"\xef\xbb\xbf" + notebook(writing(WORK)),
    ],
)
def test_cells_count_as_running_them_from_the_top_would_have_it(
    tmp_path: Path, data: bytes
) -> None:
    assert held(tmp_path, data) == {"losses.py": WORK.encode()}


def test_windows_line_ends_are_kept_as_a_py_file_has_them(tmp_path: Path) -> None:
    data = notebook(writing(WORK).replace("\n", "\r\n"))
    assert held(tmp_path, data) == {"losses.py": WORK.replace("\n", "\r\n").encode()}


def test_what_only_appends_is_added_to_the_stub(tmp_path: Path) -> None:
    data = notebook(writing(WORK, "-a exercises/losses.py"))
    assert held(tmp_path, data) == {"losses.py": STUB + WORK.encode()}


def test_one_notebook_may_write_several_modules_and_what_they_import(tmp_path: Path) -> None:
    data = notebook(writing(WORK), writing("x = 1\n", "layers.py"), writing("y", "notes.txt"))
    expected = {"losses.py": WORK.encode(), "layers.py": b"x = 1\n"}
    assert alices(tmp_path / "1", {"Week 3.ipynb": data, "data.csv": b""}).files == expected
    data = notebook(writing("from helpers import x\n"), writing("x = 1\n", "helpers.py"))
    files = alices(tmp_path / "2", {"losses.ipynb": data}).files
    assert sorted(files) == ["helpers.py", "losses.py"]


def test_a_notebook_that_does_not_count_gives_nothing_to_import(tmp_path: Path) -> None:
    old = notebook(writing(STUB.decode()), writing("x = 2\n", "helpers.py"))
    files = {"losses.py": WORK.encode(), "helpers.py": b"x = 1\n", "losses.ipynb": old}
    assert alices(tmp_path, files).files == {"losses.py": WORK.encode(), "helpers.py": b"x = 1\n"}


def test_cells_with_outputs_of_50_megabytes_are_graded(tmp_path: Path) -> None:
    picture = {"data": {"image/png": "A" * 500_000}, "metadata": {}, "output_type": "display_data"}
    data = notebook(code("plot()", outputs=[picture] * 100), writing(WORK))
    assert len(data) > 50_000_000
    assert held(tmp_path, data) == {"losses.py": WORK.encode()}


# Notebooks that write no module


PLAIN = r"""%matplotlib inline
from __future__ import annotations
import torch
!pip install torch \
    torchvision
"""


@pytest.mark.parametrize(
    "name", ["losses.ipynb", "alice_losses.ipynb", "Copy of losses.ipynb", "losses (2).ipynb"]
)
def test_a_notebook_named_after_its_exercise_counts_with_all_its_code(
    tmp_path: Path, name: str
) -> None:
    cells = ["#@title Set up: run this cell first\nbegin()", PLAIN, f"%%time\n{WORK}l1_loss?"]
    cells += ["%%bash\nls", "if True:\n    !ls\nnow = !date\n?torch"]
    files = alices(tmp_path, {name: notebook(*cells)}).files
    assert list(files) == ["losses.py"]
    source = files["losses.py"].decode()
    compile(source, "losses.py", "exec")
    lines = source.splitlines()
    assert lines.index("import torch") == 2  # where it is in the notebook
    assert [line for line in lines if line.strip() not in ("", "#")] == [
        "from __future__ import annotations",
        "import torch",
        *WORK.splitlines(),
        "if True:",
        "    pass",
        "now = None",
    ]


def test_a_notebook_without_work_is_refused_with_what_to_do(tmp_path: Path) -> None:
    begin = "no cell begins with %%writefile exercises/losses.py"
    assert held(tmp_path / "1", notebook("x = 1")) == f"'losses.ipynb' holds no work: {begin}"
    other = alices(tmp_path / "2", {"scratch.ipynb": notebook(WORK)})
    assert other.reason == (
        "it holds no exercise file (layers.py or losses.py or training.py), only 'scratch.ipynb': "
        "put one at the top, or begin a cell with %%writefile exercises/layers.py"
    )


def test_an_experiment_beside_the_exercise_takes_nothing_from_it(tmp_path: Path) -> None:
    scratch = notebook("from losses import l1_loss", OTHER)
    files = {"losses.py": WORK.encode(), "losses.ipynb": scratch, "notes.ipynb": b"{"}
    assert alices(tmp_path, files) == AS_PY


# Files and notebooks together


@pytest.mark.parametrize("written", [WORK, WORK.replace("\n", " \r\n"), f"\ufeff{WORK}\n\n"])
def test_a_file_and_a_notebook_with_the_same_work_are_one(tmp_path: Path, written: str) -> None:
    files = {"losses.ipynb": losses(), "losses.py": written.encode()}
    assert alices(tmp_path, files).files == {"losses.py": written.encode()}


@pytest.mark.parametrize("name", ["losses.py", "Copy of losses.ipynb"])
def test_different_work_side_by_side_is_never_chosen_between(tmp_path: Path, name: str) -> None:
    other = OTHER.encode() if name == "losses.py" else losses(OTHER)
    files = {"losses.ipynb": losses(), name: other}
    reason = "hold different work for losses.py: hand in one of them"
    alone = alices(tmp_path / "alone", files).reason or ""
    assert alone.endswith(reason) and "'losses.ipynb'" in alone and f"'{name}'" in alone
    more = alices(tmp_path / "more", {**files, "layers.py": b"x = 1"})
    assert more.reason is None and more.files["layers.py"] == b"x = 1"
    with pytest.raises(ImportError, match=reason):
        exec(more.files["losses.py"])


@pytest.mark.parametrize("stub", [STUB, STUB.replace(b"\n", b"\r\n")])
@pytest.mark.parametrize(
    "place",
    [
        "my losses.ipynb",
        "exercises/losses.ipynb",
        "notebooks/a.ipynb",
        "exercises/notebooks/a.ipynb",
    ],
)
def test_a_stub_gives_way_to_a_notebook(tmp_path: Path, stub: bytes, place: str) -> None:
    files = {"exercises/losses.py": stub, "exercises/layers.py": b"x = 1", place: losses()}
    expected = {"losses.py": WORK.encode(), "layers.py": b"x = 1"}
    assert alices(tmp_path, files).files == expected


def test_a_notebook_that_is_still_the_stub_takes_nothing(tmp_path: Path) -> None:
    files = {"losses.py": WORK.encode(), "losses.ipynb": losses(STUB.decode())}
    assert alices(tmp_path / "1", files).files == AS_PY.files
    both = {"losses.py": STUB, "losses.ipynb": losses(STUB.decode())}
    assert alices(tmp_path / "2", both).files == {"losses.py": STUB}


def test_work_in_exercises_counts_before_a_notebook_elsewhere(tmp_path: Path) -> None:
    files = {"exercises/losses.py": WORK.encode(), "notebooks/losses.ipynb": losses(OTHER)}
    assert alices(tmp_path, files) == AS_PY


def test_a_file_that_cannot_be_read_gives_way_to_a_notebook(tmp_path: Path) -> None:
    files = {"losses.py": b"#" * (2 << 20), "losses.ipynb": losses()}
    assert alices(tmp_path, files) == AS_PY


# Where they come from


@pytest.mark.parametrize(
    "place",
    ["losses.ipynb", "exercises/losses.ipynb", "hw/notebooks/losses.ipynb", "hw/my work.ipynb"],
)
def test_notebooks_are_found_in_folders_zips_and_tars(tmp_path: Path, place: str) -> None:
    students = {f"{name}/{place}": losses() for name in ("alice", "bob")}
    lay_out(tmp_path / "class", students)
    with zipfile.ZipFile(tmp_path / "class.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in students.items():
            archive.writestr(f"hw1/{name}", data)
    with tarfile.open(tmp_path / "class.tar.gz", "w:gz") as tar:
        for name, data in students.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    for path in ("class", "class.zip", "class.tar.gz"):
        found = {id: each.files for id, each in graded(tmp_path / path).items()}
        assert found == dict.fromkeys(("alice", "bob"), AS_PY.files)


def test_a_notebook_in_a_zip_in_a_folder_is_found(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("work.ipynb", losses())
    assert alices(tmp_path, {"hw.zip": packed.getvalue(), "readme.txt": b""}) == AS_PY


@pytest.mark.parametrize("folders", [["images"], ["images", "models"], ["hw"], ["hw", "images"]])
def test_a_zip_of_a_notebook_and_folders_is_one_submission(
    tmp_path: Path, folders: list[str]
) -> None:
    with zipfile.ZipFile(tmp_path / "alice.zip", "w") as archive:
        archive.writestr("my work.ipynb", losses())
        for folder in folders:
            name = "exercises/layers.py" if folder == "hw" else "1.txt"
            archive.writestr(f"{folder}/{name}", "x = 1")
    (submission,) = graded(tmp_path / "alice.zip").values()
    assert submission.id == "alice.zip"
    assert submission.files["losses.py"] == WORK.encode()
    assert ("layers.py" in submission.files) == ("hw" in folders)


def test_a_zip_of_notebooks_and_of_folders_with_work_is_a_class(tmp_path: Path) -> None:
    for name, files in {
        "loose": ["alice.ipynb", "bob.ipynb"],
        "mixed": ["alice.ipynb", "bob/losses.py", "carol/losses.ipynb"],
    }.items():
        with zipfile.ZipFile(tmp_path / f"{name}.zip", "w") as archive:
            for file in files:
                archive.writestr(file, losses() if file.endswith(".ipynb") else WORK)
        found = graded(tmp_path / f"{name}.zip")
        assert list(found) == [file.partition("/")[0] for file in files]
        assert all(each.files == AS_PY.files for each in found.values())


def test_the_same_notebook_twice_in_a_zip_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "alice.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("losses.ipynb", losses())
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("losses.ipynb", losses(OTHER))
    (submission,) = graded(path).values()
    assert submission.reason == "the archive holds 'losses.ipynb' twice: leave one out"


def test_loose_notebooks_are_a_submission_each_and_an_lmss_are_their_students(
    tmp_path: Path,
) -> None:
    moodle = "Ada Lovelace_101_assignsubmission_file"
    files = {
        "alice.ipynb": losses(),
        "bob_losses-1.ipynb": losses(),
        "doejane_101_501_losses.ipynb": losses(OTHER),
        "doejane_101_502_losses-1.ipynb": losses(),
        "doejane_101_503_layers.py": b"x = 1",
        "roejohn_LATE_102_504_Copy_of_losses.ipynb": losses(),
        f"{moodle}_losses.ipynb": losses(),
        f"{moodle}_helpers.py": b"",
    }
    lay_out(tmp_path, files)
    found = graded(tmp_path)
    assert {id: sorted(each.files) for id, each in found.items()} == {
        moodle: ["helpers.py", "losses.py"],
        "alice.ipynb": ["losses.py"],
        "bob_losses-1.ipynb": ["losses.py"],
        "doejane_101": ["layers.py", "losses.py"],
        "roejohn_102": ["losses.py"],
    }
    assert all(each.files["losses.py"] == WORK.encode() for each in found.values())
    assert graded(*(tmp_path / name for name in files)) == found


def test_a_single_notebook_is_graded_by_its_path(tmp_path: Path) -> None:
    lay_out(tmp_path, {"alice.ipynb": losses()})
    assert graded(tmp_path / "alice.ipynb")["alice.ipynb"].files == AS_PY.files


def test_what_one_student_hands_in_side_by_side_is_one_submission(tmp_path: Path) -> None:
    files = {"my_losses.ipynb": losses(), "layers.py": b"x = 1"}
    submission = one_submission(lay_out(tmp_path, files), EXERCISES, STUBS)
    assert submission.files == {"losses.py": WORK.encode(), "layers.py": b"x = 1"}
