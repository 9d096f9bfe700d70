"""Records an exercise: every check is run on the solutions, its questions noted, and proved."""

from __future__ import annotations

import socket
from dataclasses import dataclass, field

import pytest

from grader import profile
from grader.checking.expectations import Expectation, Verdict
from grader.checking.question import Question
from grader.course import Course, Exercise
from grader.examiner.collection import Collection
from grader.examiner.curves import keep_longest
from grader.examiner.earning import tells
from grader.examiner.examination import Examination, Subjection
from grader.examiner.marking import Manner, Marker
from grader.examiner.novelty import Novelty, is_drawn_by_hypothesis
from grader.examiner.packing import packed, unpacked
from grader.examiner.recording import Recording
from grader.outcome import Check


@dataclass(frozen=True)
class Recorded:
    """An exercise's recordings, also as bytes; what is wrong with its checks, if anything is."""

    recordings: list[Recording] = field(default_factory=list)
    packed: bytes = b""
    errors: tuple[str, ...] = ()


class Recorder:
    """Records exercises while the collected checks are at hand."""

    def __init__(
        self,
        course: Course,
        collection: Collection,
        sandboxes: socket.socket,
        solutions: Subjection,
    ) -> None:
        self._course = course
        self._collection = collection
        self._sandboxes = sandboxes
        self._solutions = solutions
        self._proving: dict[str, Recording] = {}
        self._marker = Marker(sandboxes, self._proving, collection.run, course.misconceptions)
        self._errors: list[str] = []

    def record(self, exercise: Exercise) -> Recorded:
        """What an exercise's checks ask and expect, proved.

        Every check is run on the solutions and recorded, then all are replayed: they must pass
        twice.
        """
        self._errors, noted = [], []
        with Examination(self._sandboxes, exercise, self._solutions) as examination:
            for item, check in self._collection.of_exercise(exercise.name):
                noted.append(self._recorded(item, check, examination))
        if not self._errors:
            keep_longest(noted)
            made = packed(noted)
            recordings = unpacked(made)
            self._prove(exercise, recordings)
        if self._errors:
            return Recorded(errors=tuple(self._errors))
        return Recorded(recordings, made)

    @profile.timed(profile.REFERENCE)
    def _recorded(self, item: pytest.Item, check: Check, examination: Examination) -> Recording:
        recording, is_drawn = Recording(check, is_drawn_by_hypothesis(item)), Novelty(item)

        def asking(question: Question, expectation: Expectation) -> None:
            problem, answer = examination.ask(question, expectation)
            if problem is not None:
                raise Verdict(problem)
            drawn = is_drawn() and tells(expectation)
            recording.add(question, expectation, answer, self._solutions.device, drawn)

        result = self._collection.run(check, asking)
        if result.outcome != "passed":
            self._fail(check.id, result.message)
        elif not recording.questions:
            self._errors.append(f"{check.id} asks nothing: it would pass whatever is handed in")
        return recording

    def _prove(self, exercise: Exercise, recordings: list[Recording]) -> None:
        """Put everything to the solutions again, as it is put to submissions."""
        self._proving.update((recording.check.id, recording) for recording in recordings)
        course = self._course.only([exercise.name])
        for graded in self._marker.mark(course, self._solutions, Manner()):
            for check in graded["checks"]:
                if check["outcome"] != "passed":
                    self._fail(check["id"], check["message"])

    def _fail(self, check: str, message: str | None) -> None:
        self._errors.append(f"the course's own solution does not pass {check}:\n{message}")
