"""One run: submissions found, looked up, examined where they have to be, and kept."""

from __future__ import annotations

import importlib.metadata
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from pathlib import Path
from typing import Any

from grader.course import load_course
from grader.digests import conditions_of
from grader.examiner.engine import Engine, EngineError, EngineSettings
from grader.gradebook import (
    EVIDENCE,
    Gradebook,
    GradedExercise,
    Grading,
    MadeExercise,
    NewGrading,
    RunSetup,
    held_by_all,
)
from grader.grading.earlier import Earlier
from grader.grading.engines import Examined, Examiners, LocalExaminers
from grader.grading.finished import FinishedRun, Tally, shown
from grader.grading.settings import Progress, RunSettings
from grader.grading.work import LookUp, Work
from grader.parts import exercise_parts
from grader.submissions import Found, find_submissions

_SEEDS = 1 << 53  # too many to be tried out on an input that feedback shows; exact in any JSON


class Run:
    """One run of the grader over some submissions."""

    def __init__(
        self,
        settings: RunSettings,
        gradebook: Gradebook,
        results: Path,
        elsewhere: Callable[[EngineSettings], Examiners] | None = None,
    ) -> None:
        """`elsewhere` makes the examiners where it is not this machine that examines."""
        self._settings = settings
        self._elsewhere = elsewhere
        self._gradebook = gradebook
        self._results = results
        drawn = settings.seed
        self._seed = gradebook.seed(secrets.randbelow(_SEEDS)) if drawn is None else drawn
        self.torch = importlib.metadata.version("torch")
        self._conditions = conditions_of(
            settings.course, self._seed, settings.device, settings.level, settings.data
        )
        self._parts = {name: exercise_parts(settings.course, name) for name in self._names}
        self._earlier = Earlier(gradebook, settings.course, self._conditions)
        self._look_up = LookUp(
            gradebook, settings.course, self._conditions, self._earlier, settings.fresh
        )
        self._number = 0  # of this run, in the gradebook

    def grade(self, paths: Sequence[Path], progress: Progress) -> FinishedRun:
        """Grade every submission found in `paths`; what was found out is in the gradebook.

        SubmissionError, CourseError, EngineError and GradebookError pass, each with one message.
        """
        began = time.monotonic()
        found = find_submissions(paths, self._names)
        progress.began(len(found))
        self._number = self._gradebook.begin(self._setup(paths))
        for name, parts in self._parts.items():
            self._gradebook.keep_parts(self._conditions[name].checks, parts)
        tally = Tally()
        with self._examiners() as examiners:
            for grading in self._gradings(found, examiners, progress):
                tally.add(grading)
        seconds = round(time.monotonic() - began, 3)
        self._gradebook.end(self._number, tally.layers, seconds)
        return FinishedRun(
            course=self._settings.course.title,
            seed=self._seed,
            device=self._settings.device,
            torch=self.torch,
            level=self._settings.level,
            layers=tally.layers,
            seconds=seconds,
            grades=tally.grades,
        )

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

    def _examiners(self) -> Examiners:
        if self._elsewhere is not None:
            return self._elsewhere(self._engine_settings(set(self._names)))
        return LocalExaminers(self._engine, self._settings.jobs)

    def _engine(self, names: set[str]) -> Engine:
        return Engine(self._engine_settings(names))

    def _engine_settings(self, names: set[str]) -> EngineSettings:
        """How an engine examines these exercises as this run grades."""
        settings = self._settings
        protected = (self._results, *self._gradebook.files)
        return EngineSettings(
            course=settings.course.only(names),
            seed=self._seed,
            device=settings.device,
            level=settings.level,
            data=settings.data,
            protected=tuple(path.resolve() for path in protected),
        )

    # what was graded before, then what is to be examined

    def _gradings(
        self, found: Sequence[Found], examiners: Examiners, progress: Progress
    ) -> Iterator[Grading]:
        """The gradings as they come, each committed before it is told."""
        waiting: list[Found] = []
        missing: set[str] = set()
        for each in found:
            if len(missing) == len(self._names):  # the engine will have to know every exercise
                waiting.append(each)
                continue
            work = self._look_up.work(each)
            if work.missing:
                missing.update(work.missing)
                waiting.append(each)
            else:
                yield self._known(work, progress)
        examiners.expect(missing)
        yield from self._examined(waiting, examiners, progress)

    def _examined(
        self, found: Sequence[Found], examiners: Examiners, progress: Progress
    ) -> Iterator[Grading]:
        """At most a few submissions are in memory at a time; each is read again, and looked up."""
        running: dict[Future[Examined], Work] = {}
        waiting = iter(found)
        exhausted = False
        while running or not exhausted:
            while len(running) < examiners.room and not exhausted:
                each = next(waiting, None)
                if each is None:
                    exhausted = True
                    break
                work = self._look_up.work(each)
                if work.missing:
                    running[examiners.submit(work)] = work
                else:
                    yield self._known(work, progress)
            if running:
                self._earlier.prepare()
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                work = running.pop(future)
                grading = self._keep(work, future)
                progress.graded(shown(grading), reused=False, again=_again(work, grading))
                yield grading

    def _known(self, work: Work, progress: Progress) -> Grading:
        """The grading of what needs no examination, kept."""
        exercises = [work.known[name] for name in self._names if name in work.known]
        new = self._new(work, reason=work.submission.reason, exercises=exercises)
        grading = self._gradebook.add(new, unless_newest=True)
        progress.graded(shown(grading), reused=True)
        return grading

    def _keep(self, work: Work, future: Future[Examined]) -> Grading:
        """Commit a grading. Of one that could not be made the reason is: the next run tries again.

        Nothing is reused of it, for nothing was made.
        """
        try:
            examined = future.result()
        except EngineError as error:
            return self._gradebook.add(self._new(work, reason=f"could not be graded: {error}"))
        made = {
            entry["name"]: self._made(work, examined.layers, entry) for entry in examined.entries
        }
        exercises = [made.get(name) or work.known[name] for name in self._names]
        return self._gradebook.add(self._new(work, exercises=exercises))

    def _made(self, work: Work, layers: Sequence[str], entry: dict[str, Any]) -> MadeExercise:
        """A result, and once a run what its verdicts rest on.

        The layers are those that held for all of its checks, also for those that were kept.
        """
        name = entry["name"]
        self._earlier.note(name, entry.pop("asked"))
        if name in work.kept:
            layers = held_by_all([work.earlier[name].layers, layers])
        return MadeExercise(name, self._conditions[name], layers, entry)

    def _new(
        self,
        work: Work,
        reason: str | None = None,
        exercises: Sequence[GradedExercise | MadeExercise] = (),
    ) -> NewGrading:
        submission = work.submission
        return NewGrading(self._number, submission.id, submission.digest, reason, exercises)


def _again(work: Work, grading: Grading) -> int | None:
    """How many checks were put of a submission that was graded before; None of any other."""
    if not work.earlier or grading.reason is not None:
        return None
    made = [exercise for exercise in grading.exercises if exercise.name in work.missing]
    return sum(int(exercise.entry[EVIDENCE]["put"]) for exercise in made)
