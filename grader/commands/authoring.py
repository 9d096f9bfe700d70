"""`grader audit` and `grader new`: for who writes exercises."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from grader.commands.common import CourseOption, JobsOption, bad_usage, course_around
from grader.course import CourseError


def audit(
    exercises: Annotated[
        list[str] | None, typer.Argument(metavar="[EXERCISE]...", help="Default: all of them.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Another seed asks other questions.")] = 0,
    device: Annotated[
        str, typer.Option(metavar="cpu|cuda", help="Where everything is examined.")
    ] = "cpu",
    mutants: Annotated[bool, typer.Option(help="Also examine mechanical mutations.")] = True,
    jobs: JobsOption = None,
    course: CourseOption = None,
) -> None:
    """Do the checks catch every known mistake and every mechanical mutation of the solutions?"""
    from rich.console import Console

    from grader.audit.runner import Audit, passes
    from grader.audit.screen import progress, show
    from grader.examiner.engine import Engine, EngineError, EngineSettings

    console = Console(highlight=False)
    try:
        chosen = course_around(course, ",".join(exercises) if exercises else None)
        with Engine(EngineSettings(chosen, seed=seed, device=device)) as engine:
            audit = Audit(chosen, engine, device)
            trials = audit.trials(mutants)
            with progress(console, len(trials)) as heard:
                tallies = audit.run(trials, jobs or os.cpu_count() or 1, heard)
    except CourseError as error:
        raise bad_usage(str(error)) from None
    except EngineError as error:
        typer.echo(f"grader: {error}", err=True)
        raise typer.Exit(1) from None
    show(console, tallies)
    raise typer.Exit(0 if passes(tallies) else 1)


def new(
    name: Annotated[str, typer.Argument(metavar="EXERCISE", help="A module's name, as `huber`.")],
    function: Annotated[
        str | None, typer.Option(help="Its first function; default: of the exercise's name.")
    ] = None,
    title: Annotated[str | None, typer.Option(help="What students read above it.")] = None,
    course: CourseOption = None,
) -> None:
    """Scaffold one more exercise: an example that passes the audit, to be replaced by yours."""
    from grader.scaffold import scaffold

    chosen = course_around(course)
    words = title or name.replace("_", " ").capitalize()
    try:
        files = scaffold(chosen, name, function or name, words)
    except CourseError as error:
        raise bad_usage(str(error)) from None
    for file in files:
        typer.echo(f"wrote {file.relative_to(chosen.root)}")
    typer.echo(f"added {name} to course.toml, as a draft")
    typer.echo(f"next: write them, `python -m grader.stubs`, then `grader audit {name}`")
