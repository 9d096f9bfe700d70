"""What the engine says of whole submissions: right, unwritten, and torch's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from grader.course import Course
from grader.examiner.engine import Engine

Files = Mapping[str, bytes]


@pytest.fixture(scope="module")
def torch_itself(course: Course) -> dict[str, bytes]:
    """A submission that only checks its arguments and calls torch's own."""
    return {
        exercise.file_name: (course.hidden_checks / f"torch_{exercise.file_name}").read_bytes()
        for exercise in course.exercises
    }


def lost(grades: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [c for grade in grades for c in grade["checks"] if c["outcome"] != "passed"]


def test_the_solutions_earn_every_point(engine: Engine, solutions: Files) -> None:
    grades = engine.examine(solutions)
    assert lost(grades) == []
    assert sum(grade["points"] for grade in grades) == 100
    assert {grade["status"] for grade in grades} == {"passed"}


def test_the_untouched_stubs_earn_nothing_and_every_check_is_todo(
    engine: Engine, stubs: Files
) -> None:
    grades = engine.examine(stubs)
    assert sum(grade["points"] for grade in grades) == 0
    assert {check["outcome"] for grade in grades for check in grade["checks"]} == {"todo"}
    assert {grade["status"] for grade in grades} == {"todo"}


def test_torch_itself_behind_argument_checks_earns_every_point(
    engine: Engine, torch_itself: Files
) -> None:
    grades = engine.examine(torch_itself, without_rules=True)
    assert [(c["id"], c["message"]) for c in lost(grades)] == []
    assert sum(grade["points"] for grade in grades) == 100


def test_torch_itself_is_forbidden_where_it_is_to_be_written(
    engine: Engine, course: Course, torch_itself: Files
) -> None:
    grades = engine.examine(torch_itself)
    forbidden = {c["function"] for c in lost(grades) if c["outcome"] == "forbidden"}
    asked = {name for exercise in course.exercises for name in exercise.forbidden}
    assert forbidden == asked
    assert {c["function"] for c in lost(grades)} == asked
