"""`grader grade` and `grader demo`: submissions to grades."""

from __future__ import annotations

import os
import sys
from contextlib import AbstractContextManager, nullcontext
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Annotated, Any

import typer

from grader import profile
from grader.commands.common import (
    CourseOption,
    GradebookOption,
    JobsOption,
    OutOption,
    bad_usage,
    course_around,
    gradebook_at,
    graded_course,
)
from grader.commands.feedback import feedback_of_run
from grader.commands.reporting import report_of_run
from grader.course import CourseError
from grader.writing import whole_file

if TYPE_CHECKING:
    from grader.grading import FinishedRun
    from grader.screen import Screen


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
        typer.Option(
            envvar="GRADER_SEED",
            help="What the questions are drawn from; default: the gradebook's own.",
        ),
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
    with_profile: Annotated[
        bool, typer.Option("--profile", help="Say at the end where the processor time went.")
    ] = False,
    cluster: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="Examine on the workers of this dask scheduler: tcp://…, tls://… or its file.",
        ),
    ] = None,
    cluster_wait: Annotated[
        float,
        typer.Option(min=0, metavar="SECONDS", help="How long a cluster may be without workers."),
    ] = 300.0,
    gradebook: GradebookOption = None,
    course: CourseOption = None,
) -> None:
    """Grade submissions: hidden checks hold each against torch itself, in a confined process."""
    from grader.grading.settings import RunSettings

    settings = RunSettings(
        course=graded_course(course, only),
        seed=seed,
        device=device,
        level=sandbox,
        data=data,
        jobs=jobs or os.cpu_count() or 1,
        fresh=fresh,
    )
    if cluster is not None and jobs is not None:
        raise bad_usage("--jobs: with --cluster each worker examines as many as it has --nthreads")
    if cluster is not None and with_profile:
        raise bad_usage("--profile: it counts what this machine does; leave it out with --cluster")
    counting = profile.begin() if with_profile else None
    with _pair_ahead() if cluster is None else nullcontext():
        from grader.screen import Screen

        screen = Screen(quiet=json_file == "-")
        elsewhere = _on_cluster(cluster, screen, cluster_wait) if cluster is not None else None
        run, kept_in = run_grading(
            settings, paths, out, gradebook_at(out, gradebook), screen, elsewhere
        )
    examining = profile.children_seconds() if counting is not None else 0.0
    if json_file is not None:
        write_json(run, gradebook_at(out, gradebook), json_file)
    screen.summary(run, kept_in)
    screen.say(report_of_run(out, gradebook_at(out, gradebook)))
    screen.say(feedback_of_run(out, gradebook_at(out, gradebook), settings.course))
    if counting is not None:
        from grader.commands.spending import spending

        screen.say(spending(counting, examining))
        profile.end()
    raise typer.Exit(exit_status(run, fail_under))


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
    from grader.grading.settings import RunSettings
    from grader.screen import Screen

    chosen = course_around(course).graded()
    submissions = make_class(chosen, to / "submissions", size)
    screen = Screen()
    screen.say(f"A class of {len(list(submissions.iterdir()))} is in {submissions}.")
    settings = RunSettings(chosen, seed=0, jobs=jobs or os.cpu_count() or 1, fresh=True)
    results = to / "results"
    run, kept_in = run_grading(
        settings, [submissions], results, gradebook_at(results, None), screen
    )
    write_json(run, gradebook_at(results, None), str(results / "run.json"))
    screen.summary(run, kept_in)
    screen.say(f"What each check found is in {results / 'run.json'}.")
    screen.say(feedback_of_run(results, gradebook_at(results, None), chosen))
    screen.say(report_of_run(results, gradebook_at(results, None)))


def _on_cluster(address: str, screen: Screen, patience: float) -> Any:
    """What makes the examiners of a run on a cluster."""
    try:
        from grader.cluster.examiners import ClusterExaminers
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("dask", "distributed"):
            raise
        raise bad_usage("--cluster needs dask: install torchgrade[dask]") from None
    return lambda settings: ClusterExaminers(address, settings, screen.say, patience)


def run_grading(
    settings: Any,
    paths: list[Path],
    out: Path,
    gradebook: str | Path,
    screen: Screen,
    elsewhere: Any = None,
) -> tuple[FinishedRun, str]:
    """What the run leaves, and the gradebook's name; `elsewhere` as for `grader.grading.Run`."""
    from grader.grading.settings import LEVELS

    if settings.level not in LEVELS:
        raise bad_usage(f"--sandbox {settings.level}: must be one of {', '.join(LEVELS)}")
    if settings.device not in ("cpu", "cuda"):
        raise bad_usage(f"--device {settings.device}: must be cpu or cuda")
    if sys.platform != "linux":
        raise bad_usage("grading needs Linux: use a container, a virtual machine or WSL")
    from grader.sandbox.confine import hide_from_others  # of Linux alone

    hide_from_others()
    with _pair_ahead() if elsewhere is None else nullcontext():
        return _graded(settings, paths, out, gradebook, screen, elsewhere)


def _pair_ahead() -> AbstractContextManager[None]:
    """Have the warm pair start: torch is imported there while this process imports the rest."""
    if sys.platform != "linux":
        return nullcontext()
    from grader.examiner.pair import pair_ahead  # of Linux alone

    return pair_ahead(when_ready=_import_reports)


def _import_reports() -> None:
    """Import what the report takes while submissions are examined elsewhere."""
    Thread(target=import_module, args=["grader.reports.html.report"], daemon=True).start()


def _graded(
    settings: Any,
    paths: list[Path],
    out: Path,
    gradebook: str | Path,
    screen: Screen,
    elsewhere: Any,
) -> tuple[FinishedRun, str]:
    from grader.cluster import ClusterError, ClusterLostError
    from grader.dataset import DatasetError
    from grader.examiner.engine import EngineError
    from grader.gradebook import Gradebook, GradebookError
    from grader.grading import Run
    from grader.submissions import SubmissionError

    try:
        out.mkdir(parents=True, exist_ok=True)
        with Gradebook(gradebook) as opened, screen:
            return Run(settings, opened, out, elsewhere).grade(paths, screen), opened.name
    except (CourseError, SubmissionError, GradebookError, DatasetError) as error:
        raise bad_usage(str(error)) from None
    except OSError as error:
        raise bad_usage(f"{error.filename or out}: {error.strerror}") from None
    except (EngineError, ClusterLostError) as error:
        typer.echo(f"grader: {error}", err=True)
        raise typer.Exit(1) from None
    except ClusterError as error:
        raise bad_usage(str(error)) from None
    except KeyboardInterrupt:
        typer.echo("grader: interrupted; the same command goes on where it was", err=True)
        raise typer.Exit(130) from None


@profile.timed(profile.REPORT)
def write_json(run: FinishedRun, gradebook: str | Path, target: str) -> None:
    """Write a run's JSON, a few submissions in memory at a time."""
    from grader.gradebook import Gradebook, GradebookError

    try:
        with Gradebook(gradebook, reading=True) as opened:
            parts = run.document(opened)
            if target == "-":
                for part in parts:
                    sys.stdout.write(part)
                return
            with whole_file(Path(target)) as file:
                file.writelines(part.encode("ascii") for part in parts)
    except GradebookError as error:
        raise bad_usage(str(error)) from None
    except OSError as error:
        raise bad_usage(f"--json {target}: {error.strerror}") from None


def exit_status(run: FinishedRun, fail_under: float | None) -> int:
    for grade in run.grades:
        if grade.status != "graded":
            return 1
        if fail_under is not None and 100 * grade.points < fail_under * grade.max_points:
            return 1
    return 0
