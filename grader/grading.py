"""Submissions to grades: in parallel, each committed as it is made, resumed where a run ended."""

from __future__ import annotations

import importlib.metadata
import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from grader.course import Course, load_course
from grader.digests import conditions_of
from grader.examiner.engine import Engine, EngineError, EngineSettings
from grader.gradebook import (
    Gradebook,
    GradedExercise,
    Grading,
    MadeExercise,
    NewGrading,
    RunSetup,
    held_by_all,
)
from grader.parts import exercise_parts
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


@dataclass(frozen=True)
class _Work:
    """A submission that is to be examined: in which exercises, and what it has in the others."""

    submission: Submission
    known: Mapping[str, GradedExercise]
    missing: Sequence[str]


class Run:
    """One run of the grader over some submissions."""

    def __init__(self, settings: RunSettings, gradebook: Gradebook, results: Path) -> None:
        self._settings = settings
        self._gradebook = gradebook
        self._results = results
        self._engine: Engine | None = None
        self._able: frozenset[str] = frozenset()  # the exercises that the engine examines
        drawn = settings.seed
        self._seed = gradebook.seed(secrets.randbelow(_SEEDS)) if drawn is None else drawn
        self.torch = importlib.metadata.version("torch")
        self._conditions = conditions_of(
            settings.course, self._seed, settings.device, settings.level, settings.data
        )
        self._parts = {name: exercise_parts(settings.course, name) for name in self._names}
        self._number = 0  # of this run, in the gradebook

    def grade(self, paths: Sequence[Path], progress: Progress) -> dict[str, Any]:
        """Grade every submission found in `paths`; the run as the JSON of the command.

        SubmissionError, CourseError, EngineError and GradebookError pass, each with one message.
        """
        began = time.monotonic()
        found = find_submissions(paths, self._names)
        progress.began(len(found))
        self._number = self._gradebook.begin(self._setup(paths))
        for name, parts in self._parts.items():
            self._gradebook.keep_parts(self._conditions[name].checks, parts)
        gradings = {}
        with ExitStack() as stack:
            for grading in self._gradings(found, stack, progress):
                gradings[grading.submission_id] = grading
        ordered = [gradings[each.id] for each in found]
        made = [exercise for grading in ordered for exercise in grading.exercises]
        layers = held_by_all([exercise.layers for exercise in made])
        seconds = round(time.monotonic() - began, 3)
        self._gradebook.end(self._number, layers, seconds)
        return {
            "format": FORMAT,
            "course": self._settings.course.title,
            "seed": self._seed,
            "device": self._settings.device,
            "torch": self.torch,
            "sandbox": {"level": self._settings.level, "layers": list(layers)},
            "seconds": seconds,
            "submissions": [_shown(grading) for grading in ordered],
        }

    @property
    def _names(self) -> list[str]:
        return self._settings.course.names

    def _setup(self, paths: Sequence[Path]) -> RunSetup:
        settings, course = self._settings, self._settings.course
        whole = load_course(course.root).graded().names
        return RunSetup(
            course=course.title,
            seed=self._seed,
            device=settings.device,
            sandbox=settings.level,
            torch=self.torch,
            grader=importlib.metadata.version("torchgrade"),
            data=str(settings.data.resolve()) if settings.data else "",
            paths=paths,
            only=None if course.names == whole else course.names,
            course_folder=course.root,
        )

    # what was graded before, then what is to be examined

    def _gradings(
        self, found: Sequence[Found], stack: ExitStack, progress: Progress
    ) -> Iterator[Grading]:
        """The gradings as they come, each committed before it is told."""
        waiting: list[Found] = []
        missing: set[str] = set()
        for each in found:
            if len(missing) == len(self._names):  # the engine will have to know every exercise
                waiting.append(each)
                continue
            work = self._look_up(each)
            if isinstance(work, Grading):
                yield self._told(work, progress, reused=True)
            else:
                missing.update(work.missing)
                waiting.append(each)
        yield from self._examined(waiting, missing, stack, progress)

    def _examined(
        self, found: Sequence[Found], missing: set[str], stack: ExitStack, progress: Progress
    ) -> Iterator[Grading]:
        """At most a few submissions are in memory at a time; each is read again, and looked up."""
        jobs = self._settings.jobs
        pool = stack.enter_context(ThreadPoolExecutor(jobs))
        running: dict[Future[list[MadeExercise]], _Work] = {}
        waiting = iter(found)
        exhausted = False
        while running or not exhausted:
            while len(running) < jobs and not exhausted:
                each = next(waiting, None)
                if each is None:
                    exhausted = True
                    break
                work = self._look_up(each)
                if isinstance(work, Grading):
                    yield self._told(work, progress, reused=True)
                else:
                    engine = self._warm(missing.union(work.missing), stack)
                    running[pool.submit(self._examine, engine, work)] = work
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                grading = self._keep(running.pop(future), future)
                yield self._told(grading, progress, reused=False)

    def _told(self, grading: Grading, progress: Progress, reused: bool) -> Grading:
        progress.graded(_shown(grading), reused=reused)
        return grading

    def _look_up(self, found: Found) -> Grading | _Work:
        """The grading of what needs no examination, kept; else what is to be examined of it."""
        submission = read_submission(found, self._names, self._settings.course.stub_files())
        if submission.reason is not None:
            new = self._new(submission, reason=submission.reason)
            return self._gradebook.add(new, unless_newest=True)
        known: Mapping[str, GradedExercise] = {}
        if not self._settings.fresh:
            known = self._gradebook.find(submission.id, submission.digest, self._conditions)
        missing = [name for name in self._names if name not in known]
        if missing:
            return _Work(submission, known, missing)
        new = self._new(submission, exercises=[known[name] for name in self._names])
        return self._gradebook.add(new, unless_newest=True)

    def _warm(self, names: set[str], stack: ExitStack) -> Engine:
        """An engine that examines these exercises, started when a submission needs it.

        The first one does for all, unless a submission was changed since it was looked up.
        """
        if self._engine is None or not names <= self._able:
            settings = self._settings
            protected = (self._results, *self._gradebook.files)
            self._engine = stack.enter_context(
                Engine(
                    EngineSettings(
                        course=settings.course.only(names),
                        seed=self._seed,
                        device=settings.device,
                        level=settings.level,
                        data=settings.data,
                        protected=tuple(path.resolve() for path in protected),
                    )
                )
            )
            self._able = frozenset(names)
        return self._engine

    def _examine(self, engine: Engine, work: _Work) -> list[MadeExercise]:
        entries = engine.examine(work.submission.files, work.missing)
        return [
            MadeExercise(entry["name"], self._conditions[entry["name"]], engine.layers, entry)
            for entry in entries
        ]

    def _keep(self, work: _Work, future: Future[list[MadeExercise]]) -> Grading:
        """Commit a grading. Of one that could not be made the reason is: the next run tries again.

        Nothing is reused of it, for nothing was made.
        """
        try:
            made = {exercise.name: exercise for exercise in future.result()}
        except EngineError as error:
            reason = f"could not be graded: {error}"
            return self._gradebook.add(self._new(work.submission, reason=reason))
        exercises = [made.get(name) or work.known[name] for name in self._names]
        return self._gradebook.add(self._new(work.submission, exercises=exercises))

    def _new(
        self,
        submission: Submission,
        reason: str | None = None,
        exercises: Sequence[GradedExercise | MadeExercise] = (),
    ) -> NewGrading:
        return NewGrading(self._number, submission.id, submission.digest, reason, exercises)


def _shown(grading: Grading) -> dict[str, Any]:
    """The grading's entry in the JSON, whose form is fixed: what else is known is in the book."""
    entry = grading.entry
    for exercise in entry["exercises"]:
        exercise.pop("curves", None)
    return entry
