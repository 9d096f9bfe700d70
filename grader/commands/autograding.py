"""`grader autograder`: for who has submissions graded where students hand them in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from grader.commands.common import CourseOption, bad_usage, course_around
from grader.course import Course, CourseError

_PLATFORMS = ("gradescope", "github")


def autograder(
    platform: Annotated[str, typer.Argument(metavar="gradescope|github")],
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="DIR",
            help="gradescope: made, with DIR.zip beside it; github: the students' template.",
        ),
    ],
    course_repo: Annotated[
        str | None,
        typer.Option(metavar="OWNER/NAME", help="github: your private repository of the course."),
    ] = None,
    ref: Annotated[
        str, typer.Option(metavar="REF", help="github: its branch, tag or commit to grade with.")
    ] = "main",
    reporter: Annotated[
        bool, typer.Option("--reporter", help="github: run GitHub Classroom's reporter as well.")
    ] = False,
    sandbox: Annotated[
        str,
        typer.Option(
            metavar="strict|best-effort", help="gradescope: what to do where confinement lacks."
        ),
    ] = "strict",
    seed: Annotated[
        int | None,
        typer.Option(min=0, help="Default: that of the autograder in DIR, else one is drawn."),
    ] = None,
    minutes: Annotated[
        int, typer.Option(min=1, max=300, help="For one submission, the grader's start included.")
    ] = 18,
    course: CourseOption = None,
) -> None:
    """Make what Gradescope or GitHub grades each submission with, hidden checks included."""
    from grader.autograder.bundle import AutograderError

    try:
        if platform == "gradescope":
            if course_repo is not None or reporter or ref != "main":
                raise AutograderError("--course-repo, --ref and --reporter are for github")
            _for_gradescope(folder, course_around(course), sandbox, seed, minutes)
        elif platform == "github":
            if sandbox != "strict":
                raise AutograderError(
                    f"--sandbox {sandbox}: on GitHub a sandbox has the user of the checkout, and "
                    "strict alone keeps hidden checks from being read"
                )
            if course_repo is None:
                raise AutograderError("github needs --course-repo OWNER/NAME")
            _for_github(folder, course_repo, ref, reporter, seed, minutes)
        else:
            raise AutograderError(f"{platform}: must be one of {', '.join(_PLATFORMS)}")
    except (AutograderError, CourseError) as error:
        raise bad_usage(str(error)) from None
    except OSError as error:
        raise bad_usage(f"{error.filename or folder}: {error.strerror}") from None


def _for_gradescope(
    folder: Path, course: Course, sandbox: str, seed: int | None, minutes: int
) -> None:
    from grader.autograder.gradescope import Settings, make_gradescope

    archive = make_gradescope(course, folder, Settings(sandbox, minutes, seed))
    if sandbox == "best-effort":
        typer.echo(
            "grader: WARNING: with best-effort, submissions are graded also where the machine "
            "lacks layers of the sandbox; docs/autograding.md says what is lost",
            err=True,
        )
    typer.echo(
        f"made {folder} and {archive.name}: keep both, hidden checks and the seed are in them"
    )
    typer.echo("next, on Gradescope: Configure Autograder, upload the zip; in its settings choose")
    typer.echo(
        f"3 GB of memory or more and a timeout of more than {minutes} minutes; Test Autograder"
    )


def _for_github(
    folder: Path, course_repo: str, ref: str, reporter: bool, seed: int | None, minutes: int
) -> None:
    from grader.autograder.github import Workflow, make_github, next_steps

    file = make_github(folder, Workflow(course_repo, ref, minutes, reporter))
    typer.echo(f"wrote {file}")
    typer.echo(next_steps(course_repo, seed))
