"""The digest of a course changes with all that decides a verdict, and with nothing else."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from grader.course import CourseError, load_course

ROOT = Path(__file__).parent.parent
TORCH = "2.13.0"


# the digest


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """What the digest of this repository's course depends on, in a folder of its own."""
    course = load_course(ROOT)
    for file in [*course.check_files(), *course.misconception_files(), ROOT / "course.toml"]:
        _copy(file, tmp_path)
    for file in sorted((ROOT / "solutions").glob("*.py")):
        _copy(file, tmp_path)
    return tmp_path


def _copy(file: Path, root: Path) -> None:
    target = root / file.relative_to(ROOT)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(file, target)


def digest_of(root: Path, torch_version: str = TORCH) -> str:
    return load_course(root).digest(torch_version)


def test_the_digest_does_not_depend_on_where_the_course_is(copy):
    assert digest_of(copy) == digest_of(ROOT)


@pytest.mark.parametrize(
    "changed",
    [
        "course.toml",
        "solutions/losses.py",
        "solutions/training.py",
        "exercises/test_losses.py",
        "grader/checks/test_losses.py",
        "grader/misconceptions/losses/nll.py",
    ],
)
def test_the_digest_changes_with_what_decides_a_verdict(copy, changed):
    before = digest_of(copy)
    file = copy / changed
    original = file.read_bytes()
    file.write_bytes(original + b"# one more line\n")
    assert digest_of(copy) != before
    file.write_bytes(original)
    assert digest_of(copy) == before


def test_the_digest_changes_when_lines_move_from_one_file_to_the_next(copy):
    before = digest_of(copy)
    first, second = copy / "solutions" / "losses.py", copy / "solutions" / "optimizers.py"
    lines = first.read_bytes().splitlines(keepends=True)
    first.write_bytes(b"".join(lines[:-1]))
    second.write_bytes(lines[-1] + second.read_bytes())
    assert digest_of(copy) != before


def test_the_digest_changes_when_public_and_hidden_checks_change_places(copy):
    before = digest_of(copy)
    public = copy / "exercises" / "test_losses.py"
    hidden = copy / "grader" / "checks" / "test_losses.py"
    texts = public.read_bytes(), hidden.read_bytes()
    public.write_bytes(texts[1])
    hidden.write_bytes(texts[0])
    assert digest_of(copy) != before


@pytest.mark.parametrize(
    "missing", ["solutions/losses.py", "exercises/test_losses.py", "grader/checks/test_losses.py"]
)
def test_a_file_that_is_missing_is_told(copy, missing):
    (copy / missing).unlink()
    with pytest.raises(CourseError, match="is missing; the exercise 'losses'") as raised:
        digest_of(copy)
    assert str(raised.value).startswith(str(copy / missing))


def test_the_digest_changes_with_torch_and_with_the_exercises_asked_for(copy):
    course = load_course(copy)
    digests = {course.digest(TORCH), course.digest("2.11.0"), course.only(["losses"]).digest(TORCH)}
    assert len(digests) == 3


def test_the_digest_does_not_change_with_what_students_read(copy):
    before = digest_of(copy)
    (copy / "exercises" / "losses.py").write_text("# a stub\n")
    (copy / "exercises" / "README.md").write_text("Read me.\n")
    (copy / "solutions" / "notes.py").write_text("# of no exercise\n")
    (copy / "grader" / "checks" / "__pycache__").mkdir()
    (copy / "grader" / "checks" / "__pycache__" / "test_losses.cpython-311.pyc").write_bytes(b"x")
    assert digest_of(copy) == before
