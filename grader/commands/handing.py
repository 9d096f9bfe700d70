"""`grader handout`: what students get of the course."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from grader.commands.common import CourseOption, bad_usage, course_around
from grader.course import CourseError


def handout(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Where it goes; DIR.zip is made beside it.")
    ],
    course: CourseOption = None,
) -> None:
    """Make what students get: stubs, public checks and their part of the grader, nothing hidden."""
    from grader.handout import HandoutError, make_handout

    chosen = course_around(course)
    try:
        made = make_handout(chosen, folder, typer.echo)
    except (CourseError, HandoutError) as error:
        raise bad_usage(str(error)) from None
    except OSError as error:
        raise bad_usage(f"{error.filename or folder}: {error.strerror}") from None
    size = made.archive.stat().st_size / 1e6
    exercises = len(chosen.graded().exercises)
    typer.echo(f"made {folder} and {folder}.zip: {exercises} exercises, {size:.1f} MB")
    for name in made.left_out:
        typer.echo(f"left out: {name}")
    typer.echo(
        f"searched for the {made.searched_for:,} lines and names that are hidden: none found"
    )
    typer.echo("next: give students the zip; they run `uv run pytest exercises` in it")
