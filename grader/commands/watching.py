"""`grader watch`: checks what a student writes, each time that it is saved."""

from __future__ import annotations

import importlib.util
from typing import Annotated

import typer

from grader.commands.usage import CourseOption, bad_usage, course_around
from grader.course import CourseError


def watch(
    exercise: Annotated[
        str | None,
        typer.Argument(metavar="[EXERCISE]", help="Or one of its functions; default: the next."),
    ] = None,
    fork: Annotated[
        bool | None,
        typer.Option("--fork/--no-fork", hidden=True, help="Default: where it is safe."),
    ] = None,
    course: CourseOption = None,
) -> None:
    """Check a function each time that you save, until it is right; keys do the rest."""
    from grader.student.naming import find
    from grader.student.standing import next_step, standing

    chosen = course_around(course)
    if importlib.util.find_spec("watchfiles") is None:
        raise bad_usage(
            "watch needs watchfiles, which is not installed: `uv pip install watchfiles`"
        )
    try:
        if exercise is not None:
            found, function = find(chosen, exercise)
            name = found.name
        else:
            step = next_step(standing(chosen))
            name, function = chosen.names[0] if step is None else step.exercise, None
    except CourseError as error:
        raise bad_usage(str(error)) from None
    from grader.watch.loop import watch as watch_until_quit
    from grader.watch.runner import FORKS

    raise typer.Exit(watch_until_quit(chosen, name, function, FORKS if fork is None else fork))
