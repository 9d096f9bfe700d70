"""`grader diff` and `grader regrade`: what moved since the grades before, and why."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grader.commands.common import (
    CourseOption,
    GradebookOption,
    JobsOption,
    OutOption,
    bad_usage,
    gradebook_at,
    graded_course,
)
from grader.commands.grading import exit_status, run_grading
from grader.untrusted import json_document, terminal
from grader.writing import write_whole

if TYPE_CHECKING:
    from grader.changes.sources import Compared
    from grader.gradebook import RunRecord
    from grader.grading import RunSettings

JsonOption = Annotated[
    str | None,
    typer.Option("--json", metavar="FILE", help="Write what moved as JSON; - for standard output."),
]
MarkdownOption = Annotated[
    str | None,
    typer.Option("--markdown", metavar="FILE", help="The same as Markdown; - for standard output."),
]


def diff(
    first: Annotated[
        str,
        typer.Argument(metavar="A", help="Results, a gradebook, its URL, or a run's JSON."),
    ] = "results",
    second: Annotated[
        str | None,
        typer.Argument(metavar="B", help="What to compare A with; A alone: with what it held."),
    ] = None,
    json_file: JsonOption = None,
    markdown_file: MarkdownOption = None,
) -> None:
    """What moved from A to B, or in A since each submission's grading before: who, where and why.

    A alone is a gradebook: of each submission the newest grading is compared with the one before.
    """
    from grader.changes.sources import SourceError, two, within
    from grader.gradebook import GradebookError

    _one_standard_output(json_file, markdown_file)
    try:
        compared = within(first) if second is None else two(first, second)
    except (SourceError, GradebookError) as error:
        raise bad_usage(terminal(str(error))) from None
    _tell(compared, json_file, markdown_file)


def regrade(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[PATH]...", help="Default: what the last run graded."),
    ] = None,
    out: OutOption = Path("results"),
    json_file: JsonOption = None,
    markdown_file: MarkdownOption = None,
    only: Annotated[
        str | None, typer.Option(metavar="EXERCISE,...", help="Grade these exercises alone.")
    ] = None,
    jobs: JobsOption = None,
    seed: Annotated[int | None, typer.Option(help="What the questions are drawn from.")] = None,
    device: Annotated[
        str | None, typer.Option(metavar="cpu|cuda", help="Where student code runs.")
    ] = None,
    sandbox: Annotated[
        str | None,
        typer.Option(metavar="strict|best-effort|off", help="What to do where confinement lacks."),
    ] = None,
    data: Annotated[
        Path | None, typer.Option(metavar="DIR", help="A folder with the real CIFAR-10.")
    ] = None,
    fresh: Annotated[bool, typer.Option(help="Grade again what did not change, too.")] = False,
    gradebook: GradebookOption = None,
    course: CourseOption = None,
) -> None:
    """Grade again what was changed since the last run, and show what moved.

    Options that are not given are those of the gradebook's last run. Only the exercises are graded
    again in which the submission, the checks or other conditions changed.
    """
    _one_standard_output(json_file, markdown_file)
    kept_in = gradebook_at(out, gradebook)
    runs = _runs(kept_in)
    last = runs[-1]
    if not paths and not last.paths:
        raise bad_usage(
            f"the gradebook {kept_in} does not say what its last run graded: name the paths"
        )
    settings = _settings(last, only, jobs, seed, device, sandbox, data, fresh, course)
    from grader.screen import Screen

    screen = Screen(quiet="-" in (json_file, markdown_file))
    screen.say(_intention(last, paths, settings))
    run, _ = run_grading(settings, paths or list(last.paths), out, kept_in, screen)
    finished = [each.number for each in runs if each.finished is not None]
    compared, graded_again = _since(
        kept_in, max(finished, default=None), {grade.id for grade in run.grades}
    )
    screen.say(graded_again)
    if settings.level == "off":
        screen.say("WARNING: the sandbox was off: these grades can be forged by a submission.")
    _tell(compared, json_file, markdown_file)
    raise typer.Exit(exit_status(run, None))


def _runs(kept_in: str | Path) -> list[RunRecord]:
    from grader.gradebook import Gradebook, GradebookError

    try:
        with Gradebook(kept_in, reading=True) as book:
            runs = book.runs()
            if not runs:
                raise bad_usage(f"the gradebook {book.name} is empty: grade first")
            return runs
    except GradebookError as error:
        raise bad_usage(str(error)) from None


def _settings(
    last: RunRecord,
    only: str | None,
    jobs: int | None,
    seed: int | None,
    device: str | None,
    sandbox: str | None,
    data: Path | None,
    fresh: bool,
    course: Path | None,
) -> RunSettings:
    """What is given, and else what the last run had."""
    from grader.grading import RunSettings

    if only is None and last.only is not None:
        only = ",".join(last.only)
    if data is None and last.data:
        data = Path(last.data)
    return RunSettings(
        course=graded_course(course or last.course_folder, only),
        seed=last.seed if seed is None else seed,
        device=device or last.device,
        level=sandbox or last.sandbox,
        data=data,
        jobs=jobs or os.cpu_count() or 1,
        fresh=fresh,
    )


def _intention(last: RunRecord, paths: list[Path] | None, settings: RunSettings) -> str:
    """What is about to be graded again: the defaults are not in sight of who types."""
    names = ", ".join(str(path) for path in paths or last.paths)
    with_data = f", images in {settings.data}" if settings.data else ""
    whole = "" if last.only is None else f"; {', '.join(settings.course.names)} alone"
    return (
        f"Grading {names} again where something changed; last graded on "
        f"{last.began:%Y-%m-%d %H:%M} UTC. Course {settings.course.root}{whole}; "
        f"seed {settings.seed}, {settings.device}, sandbox {settings.level}{with_data}."
    )


def _since(kept_in: str | Path, run: int | None, meant: set[str]) -> tuple[Compared, str]:
    """The grades now against those at the end of a run, and a sentence on what was graded again.

    That is the newest run that was finished before: one that was killed half-way does not count.
    """
    from grader.changes.sources import graded_since, since
    from grader.gradebook import Gradebook, GradebookError

    try:
        with Gradebook(kept_in, reading=True) as book:
            return since(book, run), graded_since(book, run, meant)
    except GradebookError as error:
        raise bad_usage(str(error)) from None


def _one_standard_output(json_file: str | None, markdown_file: str | None) -> None:
    if json_file == markdown_file == "-":
        raise bad_usage("--json and --markdown cannot both be written to standard output")


def _tell(compared: Compared, json_file: str | None, markdown_file: str | None) -> None:
    """Show what moved, and write it where it was asked for."""
    from rich.console import Console

    from grader.changes import document, markdown
    from grader.changes.comparison import compare
    from grader.changes.screen import show
    from grader.changes.words import Labels

    try:
        changes = compare(compared.before, compared.after)
    except ValueError as error:
        raise bad_usage(terminal(str(error))) from None
    labels = Labels(compared.before_label, compared.after_label)
    if json_file is not None:
        _write("--json", json_file, json_document(document.document(changes, labels)))
    if markdown_file is not None:
        _write("--markdown", markdown_file, markdown.document(changes, labels))
    quiet = "-" in (json_file, markdown_file)
    show(Console(file=sys.stderr if quiet else sys.stdout, highlight=False), changes, labels)


def _write(option: str, target: str, text: str) -> None:
    if target == "-":
        sys.stdout.write(text)
        return
    try:
        write_whole(Path(target), text)
    except OSError as error:
        raise bad_usage(f"{option} {target}: {error.strerror}") from None
