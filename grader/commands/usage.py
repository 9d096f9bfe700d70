"""What every command needs, a student's too: the course that is meant, and bad usage."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from grader.course import Course, CourseError, find_course, load_course

CourseOption = Annotated[
    Path | None,
    typer.Option("--course", metavar="DIR", help="The course; default: the one you are in."),
]


def course_around(folder: Path | None, only: str | None = None) -> Course:
    """The course named, or the one around here, reduced to the exercises in `only`."""
    try:
        found = load_course(folder) if folder is not None else find_course()
        return found.only([name.strip() for name in only.split(",")] if only else None)
    except CourseError as error:
        raise bad_usage(str(error)) from None


def bad_usage(message: str) -> typer.Exit:
    typer.echo(f"grader: {message}", err=True)
    return typer.Exit(2)
