"""How a test function becomes a check: its points, and what it is about."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from grader.course import Course, CourseError
from grader.outcome import Check

_POINTS = "__grader_points__"
_Function = TypeVar("_Function", bound=Callable[..., Any])


def points(value: float) -> Callable[[_Function], _Function]:
    """Say what a check is worth; put it above @given."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not value > 0:
        raise ValueError(f"points({value!r}): a check is worth a number above zero")

    def mark(function: _Function) -> _Function:
        setattr(function, _POINTS, float(value))
        return function

    return mark


def check_of(course: Course, file: Path, name: str, function: Callable[..., Any]) -> Check | None:
    """The check that a collected test is; None for a test that is no check of this course.

    Raises CourseError for a check without points, title or a function that it is about.
    """
    if file.parent not in (course.stubs, course.hidden_checks):
        return None
    exercise_name = file.stem.removeprefix("test_")
    if exercise_name not in course.names:
        return None
    exercise = course.exercise(exercise_name)
    about = exercise.function_of(name)
    where = f"{file}: {name}"
    if about is None:
        raise CourseError(
            f"{where}: its name begins with no function of {exercise_name}; "
            f"call it test_FUNCTION_…, with one of {', '.join(exercise.functions)}"
        )
    value = getattr(function, _POINTS, None)
    if value is None:
        raise CourseError(f"{where}: has no points; put @points(…) above it")
    title = (function.__doc__ or "").strip().split("\n")[0]
    if not title:
        raise CourseError(f"{where}: has no docstring; its first line is what students read")
    return Check(
        id=f"{exercise_name}/{name}",
        exercise=exercise_name,
        function=about,
        title=title,
        points=float(value),
        hidden=file.parent == course.hidden_checks,
    )
