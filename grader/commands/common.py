"""What the commands share: options, the course that is meant, and bad usage."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from grader.course import Course, CourseError, find_course, load_course
from grader.grades import ClassGrades

CourseOption = Annotated[
    Path | None,
    typer.Option("--course", metavar="DIR", help="The course; default: the one you are in."),
]
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


def course_around(folder: Path | None, only: str | None = None) -> Course:
    """The course named, or the one around here, reduced to the exercises in `only`."""
    try:
        found = load_course(folder) if folder is not None else find_course()
        return found.only([name.strip() for name in only.split(",")] if only else None)
    except CourseError as error:
        raise bad_usage(str(error)) from None


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


def class_grades(gradebook: str | Path) -> ClassGrades:
    """The newest grades in a gradebook; bad usage where it cannot be read or holds none."""
    from grader.gradebook import Gradebook, GradebookError

    try:
        with Gradebook(gradebook, reading=True) as opened:
            return opened.class_grades()
    except GradebookError as error:
        raise bad_usage(str(error)) from None


def bad_usage(message: str) -> typer.Exit:
    typer.echo(f"grader: {message}", err=True)
    return typer.Exit(2)
