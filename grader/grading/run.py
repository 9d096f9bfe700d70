"""One run: submissions found, looked up, examined where they have to be, and kept."""

from __future__ import annotations

import importlib.metadata
import secrets
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from pathlib import Path

from grader.course import load_course
from grader.digests import conditions_of
from grader.examiner.engine import Engine, EngineError, EngineSettings
from grader.gradebook import (
    Gradebook,
    GradedExercise,
    Grading,
    MadeExercise,
    NewGrading,
    RunSetup,
)
from grader.grading.engines import Examined, Examiners, LocalExaminers
from grader.grading.finished import FinishedRun, Tally, shown
from grader.grading.settings import Progress, RunSettings
from grader.grading.work import LookUp, Work
from grader.parts import exercise_parts
from grader.submissions import Found, find_submissions

_SEEDS = 1 << 53  # too many to be tried out on an input that feedback shows; exact in any JSON


class Run:
    """One run of the grader over some submissions."""

    def __init__(self, settings: RunSettings, gradebook: Gradebook, results: Path) -> None:
        self._settings = settings
        self._gradebook = gradebook
        self._results = results
        drawn = settings.seed
        self._seed = gradebook.seed(secrets.randbelow(_SEEDS)) if drawn is None else drawn
        self.torch = importlib.metadata.version("torch")
        self._conditions = conditions_of(
            settings.course, self._seed, settings.device, settings.level, settings.data
        )
        self._parts = {name: exercise_parts(settings.course, name) for name in self._names}
        self._look_up = LookUp(gradebook, settings.course, self._conditions, settings.fresh)
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
        with LocalExaminers(self._engine, self._settings.jobs) as examiners:
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

    def _engine(self, names: set[str]) -> Engine:
        """An engine that examines these exercises as this run grades."""
        settings = self._settings
        protected = (self._results, *self._gradebook.files)
        return Engine(
            EngineSettings(
                course=settings.course.only(names),
                seed=self._seed,
                device=settings.device,
                level=settings.level,
                data=settings.data,
                protected=tuple(path.resolve() for path in protected),
            )
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
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                grading = self._keep(running.pop(future), future)
                yield self._told(grading, progress, reused=False)

    def _told(self, grading: Grading, progress: Progress, reused: bool) -> Grading:
        progress.graded(shown(grading), reused=reused)
        return grading

    def _known(self, work: Work, progress: Progress) -> Grading:
        """The grading of what needs no examination, kept."""
        exercises = [work.known[name] for name in self._names if name in work.known]
        new = self._new(work, reason=work.submission.reason, exercises=exercises)
        return self._told(self._gradebook.add(new, unless_newest=True), progress, reused=True)

    def _keep(self, work: Work, future: Future[Examined]) -> Grading:
        """Commit a grading. Of one that could not be made the reason is: the next run tries again.

        Nothing is reused of it, for nothing was made.
        """
        try:
            examined = future.result()
        except EngineError as error:
            return self._gradebook.add(self._new(work, reason=f"could not be graded: {error}"))
        made = {
            entry["name"]: MadeExercise(
                entry["name"], self._conditions[entry["name"]], examined.layers, entry
            )
            for entry in examined.entries
        }
        exercises = [made.get(name) or work.known[name] for name in self._names]
        return self._gradebook.add(self._new(work, exercises=exercises))

    def _new(
        self,
        work: Work,
        reason: str | None = None,
        exercises: Sequence[GradedExercise | MadeExercise] = (),
    ) -> NewGrading:
        submission = work.submission
        return NewGrading(self._number, submission.id, submission.digest, reason, exercises)
