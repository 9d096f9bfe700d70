"""What the instructors' commands share: options, and where grades are kept."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grader.commands.usage import CourseOption, bad_usage, course_around
from grader.course import Course
from grader.grades import ClassGrades

if TYPE_CHECKING:
    from grader.gradebook import Gradebook

__all__ = [
    "CourseOption",
    "GradebookOption",
    "JobsOption",
    "OutOption",
    "bad_usage",
    "class_grades",
    "course_around",
    "gradebook_at",
    "graded_course",
    "opened_gradebook",
]

# Grades are many small objects, none of which refers back: to look for circles among them, as often
# as Python does by itself, takes a third of the time that it takes to read them.
_UNCOLLECTED = 50_000

OutOption = Annotated[Path, typer.Option("--out", metavar="DIR", help="Where results are kept.")]
GradebookOption = Annotated[
    str | None,
    typer.Option(
        "--gradebook",
        metavar="URL",
        help="Where grades are kept: a file, or postgresql://…; default: OUT/gradebook.db.",
    ),
]
JobsOption = Annotated[
    int | None, typer.Option("--jobs", min=1, help="Submissions at a time; default: one a core.")
]


def graded_course(folder: Path | None, only: str | None) -> Course:
    """The course without drafts; naming one is bad usage."""
    found = course_around(folder, only)
    drafts = [exercise.name for exercise in found.exercises if exercise.draft]
    if only and drafts:
        raise bad_usage(f"{', '.join(drafts)}: a draft is not graded; take `draft` out first")
    return found.graded()


def gradebook_at(out: Path, gradebook: str | None) -> str | Path:
    """The gradebook that is meant: the one named, or the one among the results."""
    return out / "gradebook.db" if gradebook is None else gradebook


@contextmanager
def opened_gradebook(gradebook: str | Path) -> Iterator[Gradebook]:
    """A gradebook to read from; bad usage where it cannot be read, also later on, or is empty."""
    from grader.gradebook import Gradebook, GradebookError

    gc.set_threshold(_UNCOLLECTED)
    try:
        with Gradebook(gradebook, reading=True) as opened:
            yield opened
    except GradebookError as error:
        raise bad_usage(str(error)) from None


@contextmanager
def class_grades(gradebook: str | Path) -> Iterator[ClassGrades]:
    """The newest grades in a gradebook, which is open as long: a class is larger than the memory.

    Bad usage as with `opened_gradebook`.
    """
    with opened_gradebook(gradebook) as opened:
        yield opened.class_grades()
