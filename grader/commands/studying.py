"""`grader list`, `grader hint` and `grader reset`: the student's own. None of it imports torch."""

from __future__ import annotations

from typing import Annotated

import typer

from grader.commands.usage import CourseOption, bad_usage, course_around
from grader.course import CourseError


def list_(
    exercise: Annotated[
        str | None, typer.Argument(metavar="[EXERCISE]", help="More about one of them.")
    ] = None,
    course: CourseOption = None,
) -> None:
    """How far is each exercise, what state are its functions in, and what is next?"""
    from grader.student.listing import painted_listing
    from grader.student.naming import find_exercise
    from grader.student.printing import can_show, say, width

    chosen = course_around(course)
    try:
        one = None if exercise is None else find_exercise(chosen, exercise)
    except CourseError as error:
        raise bad_usage(str(error)) from None
    say(painted_listing(chosen, one, width(), ascii_only=not can_show("█░")))


def hint(
    function: Annotated[
        str | None,
        typer.Argument(metavar="[FUNCTION]", help="As `l1_loss`; default: the next to be done."),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="All of its hints at once.")] = False,
    again: Annotated[bool, typer.Option("--again", help="Only those shown before.")] = False,
    course: CourseOption = None,
) -> None:
    """A hint for a function: first a nudge; asked again, the idea; then the formula."""
    from grader.hints import LEVELS
    from grader.student.hinting import advice, painted_advice
    from grader.student.printing import say, width
    from grader.student.standing import next_step, standing

    chosen = course_around(course)
    if everything and again:
        raise bad_usage("--all and --again: give one of them")
    more = len(LEVELS) if everything else 0 if again else 1
    if function is None:
        step = next_step(standing(chosen))
        if step is None:
            typer.echo("all is done: name a function to read its hints")
            return
        if step.function is None:
            raise bad_usage(f"{step}; or name a function")
        function = f"{step.exercise}.{step.function}"
    try:
        say(painted_advice(advice(chosen, function, more), width()))
    except CourseError as error:
        raise bad_usage(str(error)) from None
    except OSError as error:
        raise bad_usage(_told(error)) from None


def reset(
    name: Annotated[
        str,
        typer.Argument(
            metavar="FUNCTION|EXERCISE", help="As `l1_loss`, or `losses` for all of it."
        ),
    ],
    course: CourseOption = None,
) -> None:
    """Put the stub of a function back, or of a whole exercise; a backup is kept."""
    from grader.student.naming import find
    from grader.student.places import shown
    from grader.student.resetting import reset as put_back

    chosen = course_around(course)
    try:
        backup = put_back(chosen, name)
        exercise, function = find(chosen, name)
    except CourseError as error:
        raise bad_usage(str(error)) from None
    except OSError as error:
        raise bad_usage(_told(error)) from None
    what = shown(chosen.stubs / exercise.file_name)
    typer.echo(f"{what if function is None else f'{function} in {what}'} is the stub again")
    if backup is not None:
        typer.echo(f"your file as it was: {shown(backup)}")


def _told(error: OSError) -> str:
    return f"{error.filename}: {error.strerror}" if error.strerror else str(error)
