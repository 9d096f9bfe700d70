"""The command `grader`: parses, calls, prints. Nothing here decides anything about a grade."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from grader.course import Course, CourseError, find_course, load_course
from grader.screen import Screen
from grader.untrusted import json_document
from grader.writing import write_whole

app = typer.Typer(
    name="grader",
    help="Grade submissions of a deep-learning course against PyTorch itself.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

CourseOption = Annotated[
    Path | None,
    typer.Option("--course", metavar="DIR", help="The course; default: the one you are in."),
]
OutOption = Annotated[Path, typer.Option("--out", metavar="DIR", help="Where results are kept.")]
JobsOption = Annotated[
    int | None, typer.Option("--jobs", min=1, help="Submissions at a time; default: one a core.")
]


@app.callback()
def _commands() -> None:
    """Grade submissions of a deep-learning course against PyTorch itself."""


@app.command()
def grade(
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATH...", help="Folders, zips, tarballs, .py files.")
    ],
    out: OutOption = Path("results"),
    json_file: Annotated[
        str | None,
        typer.Option(
            "--json", metavar="FILE", help="Write the run as JSON; - for standard output."
        ),
    ] = None,
    only: Annotated[
        str | None, typer.Option(metavar="EXERCISE,...", help="Grade these exercises alone.")
    ] = None,
    jobs: JobsOption = None,
    seed: Annotated[
        int | None,
        typer.Option(help="What the questions are drawn from; default: the gradebook's own."),
    ] = None,
    device: Annotated[
        str, typer.Option(metavar="cpu|cuda", help="Where student code runs.")
    ] = "cpu",
    sandbox: Annotated[
        str,
        typer.Option(metavar="strict|best-effort|off", help="What to do where confinement lacks."),
    ] = "strict",
    data: Annotated[
        Path | None, typer.Option(metavar="DIR", help="A folder with the real CIFAR-10.")
    ] = None,
    fail_under: Annotated[
        float | None, typer.Option(metavar="PERCENT", help="Exit 1 if a grade is lower.")
    ] = None,
    fresh: Annotated[bool, typer.Option(help="Grade again what was graded before.")] = False,
    course: CourseOption = None,
) -> None:
    """Grade submissions: hidden checks hold each against torch itself, in a confined process."""
    from grader.grading import RunSettings

    settings = RunSettings(
        course=_graded_course(course, only),
        seed=seed,
        device=device,
        level=sandbox,
        data=data,
        jobs=jobs or os.cpu_count() or 1,
        fresh=fresh,
    )
    screen = Screen(quiet=json_file == "-")
    run = _run(settings, paths, out, screen)
    if json_file is not None:
        _write_json(run, json_file)
    screen.summary(run, out)
    raise typer.Exit(_exit_status(run, fail_under))


@app.command()
def demo(
    size: Annotated[int | None, typer.Option(min=1, help="How many submissions to make.")] = None,
    to: Annotated[
        Path, typer.Option("--to", metavar="DIR", help="Where the class and its results go.")
    ] = Path("demo-class"),
    jobs: JobsOption = None,
    course: CourseOption = None,
) -> None:
    """Make a small class - right, wrong, lazy and hostile submissions - and grade it."""
    from grader.demo import make_class
    from grader.grading import RunSettings

    chosen = _course(course).graded()
    submissions = make_class(chosen, to / "submissions", size)
    screen = Screen()
    screen.say(f"A class of {len(list(submissions.iterdir()))} is in {submissions}.")
    settings = RunSettings(chosen, seed=0, jobs=jobs or os.cpu_count() or 1, fresh=True)
    run = _run(settings, [submissions], to / "results", screen)
    _write_json(run, str(to / "results" / "run.json"))
    screen.summary(run, to / "results")
    screen.say(f"What each check found is in {to / 'results' / 'run.json'}.")


@app.command()
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
        chosen = _course(course, ",".join(exercises) if exercises else None)
        with Engine(EngineSettings(chosen, seed=seed, device=device)) as engine:
            audit = Audit(chosen, engine, device)
            trials = audit.trials(mutants)
            with progress(console, len(trials)) as heard:
                tallies = audit.run(trials, jobs or os.cpu_count() or 1, heard)
    except CourseError as error:
        raise _bad_usage(str(error)) from None
    except EngineError as error:
        typer.echo(f"grader: {error}", err=True)
        raise typer.Exit(1) from None
    show(console, tallies)
    raise typer.Exit(0 if passes(tallies) else 1)


@app.command()
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

    chosen = _course(course)
    words = title or name.replace("_", " ").capitalize()
    try:
        files = scaffold(chosen, name, function or name, words)
    except CourseError as error:
        raise _bad_usage(str(error)) from None
    for file in files:
        typer.echo(f"wrote {file.relative_to(chosen.root)}")
    typer.echo(f"added {name} to course.toml, as a draft")
    typer.echo(f"next: write them, `python -m grader.stubs`, then `grader audit {name}`")


@app.command()
def doctor() -> None:
    """Try each layer of the sandbox on this machine: can `grade --sandbox strict` be used?"""
    from rich.console import Console

    if sys.platform != "linux":
        raise _bad_usage("grading needs Linux: use a container, a virtual machine or WSL")
    from grader.doctor import diagnose, show

    diagnosis = diagnose()
    show(Console(highlight=False), diagnosis)
    raise typer.Exit(0 if diagnosis.strict else 1)


def main() -> None:
    """The console script; asked to end, it ends the warm pair on its way out."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    app()


def _course(folder: Path | None, only: str | None = None) -> Course:
    """The course named, or the one around here, reduced to the exercises in `only`."""
    try:
        found = load_course(folder) if folder is not None else find_course()
        return found.only([name.strip() for name in only.split(",")] if only else None)
    except CourseError as error:
        raise _bad_usage(str(error)) from None


def _graded_course(folder: Path | None, only: str | None) -> Course:
    """The course without drafts; naming one is bad usage."""
    found = _course(folder, only)
    drafts = [exercise.name for exercise in found.exercises if exercise.draft]
    if only and drafts:
        raise _bad_usage(f"{', '.join(drafts)}: a draft is not graded; take `draft` out first")
    return found.graded()


def _run(settings: Any, paths: list[Path], out: Path, screen: Screen) -> dict[str, Any]:
    from grader.dataset import DatasetError
    from grader.examiner.engine import EngineError
    from grader.gradebook import Gradebook, GradebookError
    from grader.grading import LEVELS, Run
    from grader.submissions import SubmissionError

    if settings.level not in LEVELS:
        raise _bad_usage(f"--sandbox {settings.level}: must be one of {', '.join(LEVELS)}")
    if settings.device not in ("cpu", "cuda"):
        raise _bad_usage(f"--device {settings.device}: must be cpu or cuda")
    if sys.platform != "linux":
        raise _bad_usage("grading needs Linux: use a container, a virtual machine or WSL")
    from grader.sandbox.confine import hide_from_others  # of Linux alone

    hide_from_others()
    try:
        out.mkdir(parents=True, exist_ok=True)
        with Gradebook(out / "gradebook.db") as gradebook, screen:
            return Run(settings, gradebook, out).grade(paths, screen)
    except (CourseError, SubmissionError, GradebookError, DatasetError) as error:
        raise _bad_usage(str(error)) from None
    except OSError as error:
        raise _bad_usage(f"{error.filename or out}: {error.strerror}") from None
    except EngineError as error:
        typer.echo(f"grader: {error}", err=True)
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        typer.echo("grader: interrupted; the same command goes on where it was", err=True)
        raise typer.Exit(130) from None


def _bad_usage(message: str) -> typer.Exit:
    typer.echo(f"grader: {message}", err=True)
    return typer.Exit(2)


def _write_json(run: dict[str, Any], target: str) -> None:
    text = json_document(run)
    if target == "-":
        sys.stdout.write(text)
        return
    try:
        write_whole(Path(target), text)
    except OSError as error:
        raise _bad_usage(f"--json {target}: {error.strerror}") from None


def _exit_status(run: dict[str, Any], fail_under: float | None) -> int:
    for grade in run["submissions"]:
        if grade["status"] != "graded":
            return 1
        if fail_under is not None and 100 * grade["points"] < fail_under * grade["max_points"]:
            return 1
    return 0


if __name__ == "__main__":
    main()
