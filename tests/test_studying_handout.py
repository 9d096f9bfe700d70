"""What a handout holds to study with: hints, and the stubs that `grader reset` puts back."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from handouts import folder_files, make_course, put

from grader.course import Course, CourseError, HandoutPolicy, Policy, load_course
from grader.handout import HandoutError, make_handout
from grader.hints import hints_of
from grader.kept import made_folder
from grader.student.progress import Progress
from grader.student.resetting import reset

HINTS = """\
[double]
nudge = "What is three and three?"
idea = "Add it to itself."
formula = "double(x) = x + x"
"""


@pytest.fixture
def course(tmp_path: Path) -> Course:
    made = make_course(tmp_path / "course")
    put(made.stubs / "hints" / "double.toml", HINTS)
    put(made.stubs / "hints" / "triple.toml", HINTS.replace("double", "triple"))
    without_recording = HandoutPolicy(hints="none")  # which takes its time, and is not asked here
    return dataclasses.replace(made, policy=Policy(handout=without_recording))


def test_hints_and_stubs_of_what_is_graded_are_handed_out(course: Course, tmp_path: Path) -> None:
    made = make_handout(course, tmp_path / "twice")
    files = folder_files(made.folder)
    assert files["exercises/hints/double.toml"] == HINTS.encode()
    assert files["grader/pristine/double.txt"] == files["exercises/double.py"]
    assert not [name for name in files if "triple" in name]
    given = load_course(made.folder)
    assert hints_of(given, "double")[0] == "What is three and three?"


def test_a_function_is_reset_in_a_handout(course: Course, tmp_path: Path) -> None:
    given = load_course(make_handout(course, tmp_path / "twice").folder)
    file = given.stubs / "double.py"
    stub = file.read_bytes()
    file.write_bytes(stub.replace(b'raise NotImplementedError("TODO: double")', b"return 2"))
    assert file.read_bytes() != stub
    backup = reset(given, "double.double")
    assert file.read_bytes() == stub
    assert backup is not None and backup.is_relative_to(given.root / ".grader" / "backups")


def test_a_handout_that_was_tried_is_made_anew_and_none_with_backups(
    course: Course, tmp_path: Path
) -> None:
    given = load_course(make_handout(course, tmp_path / "twice").folder)
    Progress.read(given).write()
    make_handout(course, tmp_path / "twice")
    assert not (given.root / ".grader").exists()
    backup = made_folder(given.root) / "backups" / "double_2026-11-21_15-00-00.py"
    put(backup, "my own\n")
    with pytest.raises(HandoutError, match="is not of the handout: move it away"):
        make_handout(course, tmp_path / "twice")
    assert backup.read_text(encoding="utf-8") == "my own\n"


def test_hints_that_lack_something_are_handed_to_nobody(course: Course, tmp_path: Path) -> None:
    put(course.stubs / "hints" / "double.toml", HINTS.replace("idea", "code"))
    with pytest.raises(CourseError, match=r"double\.toml: double\.code: is no hint"):
        make_handout(course, tmp_path / "twice")
    assert not (tmp_path / "twice").exists()


def test_a_hint_that_tells_the_solution_is_handed_to_nobody(course: Course, tmp_path: Path) -> None:
    told = "return both.sum(dim=0, dtype=number.dtype)"
    put(course.stubs / "hints" / "double.toml", HINTS.replace("Add it to itself.", told))
    with pytest.raises(HandoutError, match=r"exercises/hints/double\.toml, line 3: .*both.sum"):
        make_handout(course, tmp_path / "twice")


def test_a_course_without_hints_has_a_handout(course: Course, tmp_path: Path) -> None:
    (course.stubs / "hints" / "double.toml").unlink()
    made = make_handout(course, tmp_path / "twice")
    assert hints_of(load_course(made.folder), "double") == []
