"""`grader notebook`: the exercises as notebooks, for Colab and Jupyter."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from grader.commands.usage import CourseOption, bad_usage, course_around
from grader.course import Course, CourseError


def notebook(
    exercises: Annotated[
        list[str] | None, typer.Argument(metavar="[EXERCISE]...", help="Default: all of them.")
    ] = None,
    to: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Where they go; default: notebooks/ in the course."),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Make anew what you changed; a backup is kept.")
    ] = False,
    url: Annotated[
        str, typer.Option(metavar="URL", help="Where Colab fetches the zip of the course.")
    ] = "",
    course: CourseOption = None,
) -> None:
    """Make a notebook of each exercise, with your own file in it, for Colab and Jupyter."""
    from grader.notebooks.making import NotebookError, make_notebooks
    from grader.student.places import shown

    if url and "://" not in url:
        raise bad_usage(f"--url {url}: name the whole address of the zip, as https://…")
    chosen = course_around(course)
    # Named, a draft is made too: its author may look at it.
    names = _known(chosen, exercises) if exercises else chosen.graded().names
    folder = chosen.root / "notebooks" if to is None else to
    kept = 0
    try:
        for made in make_notebooks(chosen, names, folder, url=url, force=force):
            file = shown(made.file)
            if made.state == "kept":
                kept += 1
                typer.echo(f"kept {file}: you changed it; --force makes it anew", err=True)
            elif made.backup is not None:
                typer.echo(f"made {file} anew; yours is kept as {shown(made.backup)}")
            else:
                typer.echo(f"{'made ' if made.state == 'made' else 'there already: '}{file}")
    except NotebookError as error:
        raise bad_usage(str(error)) from None
    except OSError as error:
        raise bad_usage(f"{error.filename or folder}: {error.strerror}") from None
    if kept and exercises:
        raise typer.Exit(2)
    typer.echo(f"next: uv run --with jupyterlab jupyter lab {shown(folder)}")
    typer.echo("or upload one to Colab: its first cell asks for the zip of the course")


def _known(course: Course, names: list[str]) -> list[str]:
    """The exercises that are meant, in the course's order; bad usage where one is none."""
    try:
        return course.only(names).names
    except CourseError as error:
        raise bad_usage(str(error)) from None
