"""Submissions to grades: in parallel, each committed as it is made, resumed where a run ended."""

from __future__ import annotations

import importlib.metadata
import secrets
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from grader.course import Course
from grader.examiner.engine import Engine, EngineError, EngineSettings
from grader.gradebook import Gradebook, GradeKey
from grader.submissions import Found, Submission, find_submissions, read_submission

FORMAT = 1
LEVELS = ("strict", "best-effort", "off")
_SEEDS = 1 << 53  # too many to be tried out on an input that feedback shows; exact in any JSON


@dataclass(frozen=True)
class RunSettings:
    """How a run grades; all but `jobs` and `fresh` is part of what makes a grade reusable.

    Without a seed the gradebook's own is taken, drawn when it was begun: who does not know it
    cannot know what will be asked.
    """

    course: Course
    seed: int | None = None
    device: str = "cpu"
    level: str = "strict"
    data: Path | None = None
    jobs: int = 1
    fresh: bool = False


class Progress(Protocol):
    """What hears of a run as it goes."""

    def began(self, submissions: int) -> None: ...

    def graded(self, grade: dict[str, Any], reused: bool) -> None: ...


class Run:
    """One run of the grader over some submissions."""

    def __init__(self, settings: RunSettings, gradebook: Gradebook, results: Path) -> None:
        self._settings = settings
        self._gradebook = gradebook
        self._results = results
        self._engine: Engine | None = None
        drawn = settings.seed
        self._seed = gradebook.seed(secrets.randbelow(_SEEDS)) if drawn is None else drawn
        self.torch = importlib.metadata.version("torch")
        checks = settings.course.digest(self.torch)
        data = f" {settings.data.resolve()}" if settings.data else ""
        self._checks_digest = checks + data

    def grade(self, paths: Sequence[Path], progress: Progress) -> dict[str, Any]:
        """Grade every submission found in `paths`; the run as the JSON of the command.

        SubmissionError, CourseError, EngineError and GradebookError pass, each with one message.
        """
        began = time.monotonic()
        names = self._settings.course.names
        found = find_submissions(paths, names)
        progress.began(len(found))
        grades = {}
        with ExitStack() as stack:
            for grade in self._grades(found, stack, progress):
                grades[grade["id"]] = grade
        ordered = [grades[each.id] for each in found]
        layers = [grade.pop("layers") for grade in ordered]
        return {
            "format": FORMAT,
            "course": self._settings.course.title,
            "seed": self._seed,
            "device": self._settings.device,
            "torch": self.torch,
            "sandbox": {"level": self._settings.level, "layers": _held_by_all(layers)},
            "seconds": round(time.monotonic() - began, 3),
            "submissions": ordered,
        }

    def _grades(
        self, found: Sequence[Found], stack: ExitStack, progress: Progress
    ) -> Iterator[dict[str, Any]]:
        """The grades as they come; at most a few submissions are in memory at a time."""
        jobs = self._settings.jobs
        pool = stack.enter_context(ThreadPoolExecutor(jobs))
        running: dict[Future[dict[str, Any]], Submission] = {}
        waiting = iter(found)
        exhausted = False
        while running or not exhausted:
            while len(running) < jobs and not exhausted:
                each = next(waiting, None)
                if each is None:
                    exhausted = True
                    break
                submission = read_submission(each, self._settings.course.names)
                reused = self._known(submission)
                if reused is not None:
                    progress.graded(reused, reused=True)
                    yield reused
                else:
                    engine = self._warm(stack)
                    running[pool.submit(self._examine, engine, submission)] = submission
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                grade = self._keep(running.pop(future), future)
                progress.graded(grade, reused=False)
                yield grade

    def _warm(self, stack: ExitStack) -> Engine:
        """The engine, started when the first submission needs it."""
        if self._engine is None:
            settings = self._settings
            self._engine = stack.enter_context(
                Engine(
                    EngineSettings(
                        course=settings.course,
                        seed=self._seed,
                        device=settings.device,
                        level=settings.level,
                        data=settings.data,
                        protected=(self._results.resolve(),),
                    )
                )
            )
        return self._engine

    def _key(self, submission: Submission) -> GradeKey:
        settings = self._settings
        return GradeKey(
            submission.digest, self._checks_digest, self._seed, settings.device, settings.level
        )

    def _known(self, submission: Submission) -> dict[str, Any] | None:
        """A grade that needs no examination: a rejection, or one made before."""
        if submission.reason is not None:
            return {**_entry(submission.id, "rejected", submission.reason), "layers": None}
        if self._settings.fresh:
            return None
        return self._gradebook.find(submission.id, self._key(submission))

    def _examine(self, engine: Engine, submission: Submission) -> dict[str, Any]:
        exercises = engine.examine(submission.files)
        grade = _entry(submission.id, "graded", None, exercises)
        return {**grade, "layers": engine.layers}

    def _keep(self, submission: Submission, future: Future[dict[str, Any]]) -> dict[str, Any]:
        """Commit a grade. One that could not be made is not kept: the next run tries again."""
        try:
            grade = future.result()
        except EngineError as error:
            reason = f"could not be graded: {error}"
            return {**_entry(submission.id, "rejected", reason), "layers": None}
        self._gradebook.add(submission.id, self._key(submission), grade)
        return grade


def _entry(
    name: str, status: str, reason: str | None, exercises: list[dict[str, Any]] | None = None
) -> dict[str, Any]:
    graded = exercises or []
    return {
        "id": name,
        "status": status,
        "reason": reason,
        "points": sum(exercise["points"] for exercise in graded),
        "max_points": sum(exercise["max_points"] for exercise in graded),
        "exercises": graded,
    }


def _held_by_all(layers: Sequence[list[str] | None]) -> list[str]:
    """The layers that held for every submission that was examined."""
    lists = [names for names in layers if names is not None]
    return [name for name in lists[0] if all(name in names for names in lists)] if lists else []
