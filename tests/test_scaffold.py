"""`grader new`: what it writes, what it refuses, and that nothing is left of what fails."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from conftest import ROOT
from typer.testing import CliRunner

from grader.cli import app
from grader.course import CourseError, load_course
from grader.scaffold import scaffold


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A copy of the course's folders, to add to."""
    for part in ("exercises", "solutions", "grader/checks", "grader/misconceptions"):
        shutil.copytree(ROOT / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "course.toml", tmp_path)
    return tmp_path


def files_below(folder: Path) -> dict[str, bytes]:
    found = [file for file in folder.rglob("*") if file.is_file() and file.suffix != ".pyc"]
    return {str(file.relative_to(folder)): file.read_bytes() for file in found}


def test_a_new_exercise_is_seven_files_and_an_entry(own: Path) -> None:
    before = files_below(own)
    result = CliRunner().invoke(app, ["new", "huber", "--course", str(own)])
    assert result.exit_code == 0, result.output
    after = files_below(own)
    assert sorted(after.keys() - before.keys()) == [
        "exercises/hints/huber.toml",
        "exercises/huber.py",
        "exercises/test_huber.py",
        "grader/checks/test_huber.py",
        "grader/checks/torch_huber.py",
        "grader/misconceptions/huber.py",
        "solutions/huber.py",
    ]
    changed = [name for name in before if before[name] != after[name]]
    assert changed == ["course.toml"]
    assert after["course.toml"].startswith(before["course.toml"].rstrip())


def test_a_new_exercise_is_a_draft_that_is_not_graded(own: Path) -> None:
    scaffold(load_course(own), "huber", "huber_loss", "The Huber loss")
    course = load_course(own)
    assert course.exercise("huber").draft
    assert course.exercise("huber").functions == ("huber_loss",)
    assert "huber" not in course.graded().names
    assert sum(exercise.points for exercise in course.graded().exercises) == 100
    run = ["grade", str(own), "--course", str(own), "--only", "huber"]
    result = CliRunner().invoke(app, run)
    assert result.exit_code == 2
    assert "huber: a draft is not graded" in result.output


@pytest.mark.parametrize(
    ("name", "function", "title", "says"),
    [
        ("1st", "f", "t", "cannot be the name of exercise"),
        ("class", "f", "t", "cannot be the name of exercise"),
        ("huber", "huber-loss", "t", "cannot be the name of function"),
        ("losses", "f", "t", "an exercise 'losses' already"),
        ("random", "f", "t", "would hide the module"),
        ("torch", "f", "t", "would hide the module"),
        ("huber", "f", 'a "t"', "cannot be a title"),
        ("huber", "f", "", "cannot be a title"),
    ],
)
def test_a_name_that_cannot_be_is_refused(
    own: Path, name: str, function: str, title: str, says: str
) -> None:
    before = files_below(own)
    with pytest.raises(CourseError, match=says):
        scaffold(load_course(own), name, function, title)
    assert files_below(own) == before


def test_a_file_that_is_there_is_not_overwritten(own: Path) -> None:
    taken = own / "grader" / "checks" / "test_huber.py"
    taken.write_text("mine", encoding="utf-8")
    before = files_below(own)
    with pytest.raises(CourseError, match=r"test_huber\.py is there already"):
        scaffold(load_course(own), "huber", "huber_loss", "Huber")
    assert files_below(own) == before


def test_nothing_is_left_of_what_cannot_be_written(own: Path) -> None:
    """The last file cannot be written: the others are removed again."""
    course = load_course(own)
    before = files_below(own)
    shutil.rmtree(own / "grader" / "misconceptions")
    (own / "grader" / "misconceptions").write_text("a file where a folder is needed")
    with pytest.raises(CourseError, match="misconceptions"):
        scaffold(course, "huber", "huber_loss", "Huber")
    kept = {k: v for k, v in before.items() if not k.startswith("grader/misconceptions")}
    after = files_below(own)
    after.pop("grader/misconceptions")
    assert after == kept
