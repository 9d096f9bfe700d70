"""One submission's checks: replayed, the counterexample made small, the mistake named."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from grader.checking.diagnosis import Diagnosis, Evidence
from grader.checking.expectations import Expectation, Verdict
from grader.checking.question import Question
from grader.course import Course, Exercise
from grader.examiner.earning import counted
from grader.examiner.examination import SMALL, Examination, LiveSearch, Subjection
from grader.examiner.recording import Recording
from grader.misconceptions import Misconception, misconceptions_of
from grader.outcome import Check, Problem, Result
from grader.profile import SHRINKING, timed

Asking = Callable[[Question, Expectation], None]  # puts a question; raises what fits the answer
_DIAGNOSED = ("failed", "error")  # outcomes behind which a known mistake may be


@dataclass(frozen=True)
class Manner:
    """How a submission is examined.

    `without_rules` forbids nothing. `hidden_only` leaves the public checks out. `quick` ends an
    exercise at the first check that is not passed, and looks for no smaller counterexample and no
    known mistake: enough to tell right from wrong. Without `smaller` no smaller counterexample is
    looked for. `first` is the function whose checks come first; of `functions`, where it is given,
    alone the checks are put.
    """

    without_rules: bool = False
    hidden_only: bool = False
    quick: bool = False
    smaller: bool = True
    first: str | None = None
    functions: Sequence[str] | None = None


class Marker:
    """Turns submissions into grades, exercise by exercise."""

    def __init__(
        self,
        sandboxes: socket.socket,
        recordings: Mapping[str, Recording],
        run: Callable[[Check, Asking], Result],
        misconceptions: Path,
    ) -> None:
        """`recordings` are by the check's id, in order; `run` puts a check's own questions."""
        self._sandboxes = sandboxes
        self._recordings = recordings
        self._run = run
        self._folder = misconceptions
        self._mistakes: dict[str, list[Misconception]] = {}

    def learn_mistakes(self, course: Course) -> None:
        """Import the known mistakes of every exercise; ValueError where they are not in order."""
        for name in course.names:
            self._learn(name)

    def mark(self, course: Course, subject: Subjection, manner: Manner) -> Iterator[dict[str, Any]]:
        """The grade of each exercise of the course, as it is made.

        Those come first whose sandboxes are there first.
        """
        for exercise in sorted(course.exercises, key=lambda one: subject.warmth.turn(one.name)):
            with Examination(
                self._sandboxes, exercise, subject, manner.without_rules
            ) as examination:
                yield _Exam(self, exercise, examination, manner).graded()

    def checks(self, exercise: Exercise, manner: Manner) -> list[Check]:
        """The exercise's checks that are put, in order."""
        checks = self._of_exercise(exercise)
        if manner.hidden_only:
            checks = [check for check in checks if check.hidden]
        if manner.functions is not None:
            checks = [check for check in checks if check.function in manner.functions]
        return sorted(checks, key=lambda check: check.function != manner.first)

    def recording(self, check: Check) -> Recording:
        return self._recordings[check.id]

    def drawn(self, exercise: Exercise) -> dict[str, list[Expectation]]:
        """Of each check, what is expected of the inputs that follow from the seed."""
        return {check.id: self.recording(check).drawn for check in self._of_exercise(exercise)}

    def search(self, check: Check, search: LiveSearch) -> None:
        """Have hypothesis look for a smaller counterexample."""
        self._run(check, search.examine)

    def mistakes(self, check: Check) -> list[Misconception]:
        """The known mistakes of the function that a check is about."""
        known = self._learn(check.exercise)
        return [mistake for mistake in known if mistake.function == check.function]

    def _learn(self, exercise: str) -> list[Misconception]:
        if exercise not in self._mistakes:
            self._mistakes[exercise] = misconceptions_of(exercise, self._folder)
        return self._mistakes[exercise]

    def _of_exercise(self, exercise: Exercise) -> list[Check]:
        checks = [recording.check for recording in self._recordings.values()]
        return [check for check in checks if check.exercise == exercise.name]


class _Exam:
    """One exercise of one submission."""

    def __init__(
        self, marker: Marker, exercise: Exercise, examination: Examination, manner: Manner
    ) -> None:
        self._marker = marker
        self._exercise = exercise
        self._examination = examination
        self._manner = manner
        self._evidence: dict[str, Evidence] = {}

    def graded(self) -> dict[str, Any]:
        """The exercise's entry in the grade."""
        results = []
        checks = self._marker.checks(self._exercise, self._manner)
        for check in sorted(checks, key=self._turn):
            results.append(self._check(check))
            if self._manner.quick and results[-1].outcome != "passed":
                break
        order = [check.id for check in checks]
        results.sort(key=lambda result: order.index(result.check.id))
        if not self._manner.quick:
            drawn = self._marker.drawn(self._exercise)
            results = counted(self._diagnosed(results), drawn, self._evidence)
        return _graded(self._exercise, results, self._examination)

    def _turn(self, check: Check) -> tuple[bool, bool]:
        """What comes first: a sandbox can stop refusing things, but never begin to."""
        function = check.function
        return function != self._manner.first, function not in self._exercise.forbidden

    def _check(self, check: Check) -> Result:
        """A check's recording replayed, and where it fails in a fresh sandbox, the check itself.

        What fails in a sandbox that was used before, or that refuses what another function forbids,
        is asked again in a fresh one: what another function of the submission left behind, or must
        not use, must not cost this one its points.
        """
        began = time.monotonic()
        problem = self._replay(check)
        if problem is not None and (problem.outcome != "todo" or problem.inferred):
            if not self._examination.settled(check.function, problem):
                self._examination.start_anew(check.function)
                problem = self._replay(check)
        makes_smaller = self._manner.smaller and not self._manner.quick
        if problem is not None and problem.outcome in _DIAGNOSED and makes_smaller:
            problem = self._smallest(check, problem)
        seconds = time.monotonic() - began
        if problem is None:
            return Result(check, "passed", None, seconds)
        return Result(check, problem.outcome, problem.message, seconds)

    def _replay(self, check: Check) -> Problem | None:
        """The problem with a check's recorded questions; None where every answer is right."""
        evidence = self._evidence[check.id] = Evidence()
        recording = self._marker.recording(check)
        try:
            return self._examination.replay(check.function, recording, evidence)
        except Verdict as verdict:
            return verdict.problem

    @timed(SHRINKING, whole=True)
    def _smallest(self, check: Check, seen: Problem) -> Problem:
        """The problem on an input a person takes in at a glance, if hypothesis finds one."""
        examination = self._examination
        can_shrink = self._marker.recording(check).shrinks
        worth_it = seen.numbers > SMALL and examination.live_questions[check.function]
        if examination.unloadable or not can_shrink or not worth_it:
            return seen
        search = LiveSearch(examination, seen, self._evidence[check.id])
        self._marker.search(check, search)
        return search.smallest

    @timed(SHRINKING, whole=True)
    def _diagnosed(self, results: list[Result]) -> list[Result]:
        """The results with the hints of the known mistakes that explain them."""
        diagnoses: dict[str, Diagnosis] = {}
        told = []
        for result in results:
            check, known = result.check, None
            if result.outcome in _DIAGNOSED:
                if check.function not in diagnoses:
                    mistakes = self._marker.mistakes(check)
                    diagnoses[check.function] = Diagnosis(mistakes, self._examination.device)
                others = [
                    self._evidence[other.check.id]
                    for other in results
                    if other.check.function == check.function and other is not result
                ]
                known = diagnoses[check.function].of(self._evidence[check.id], others)
            if known is not None:
                result = replace(result, hint=known.hint, misconception=known.name)
            told.append(result)
        return told


def _graded(exercise: Exercise, results: list[Result], examination: Examination) -> dict[str, Any]:
    """One exercise's entry in the grade."""
    outcomes = {result.outcome for result in results} - {"passed"}
    status = "passed" if not outcomes else "todo" if outcomes == {"todo"} else "failed"
    if examination.unloadable and status != "todo":
        status = "error"
    checks = [_entry(result.check, result) for result in results]
    return {
        "name": exercise.name,
        "status": status,
        "points": sum(entry["points"] for entry in checks),
        "max_points": exercise.points,
        "checks": checks,
        "curves": examination.curves.entries(),
    }


def _entry(check: Check, result: Result) -> dict[str, Any]:
    return {
        "id": check.id,
        "title": check.title,
        "function": check.function,
        "hidden": check.hidden,
        "outcome": result.outcome,
        "points": check.points if result.outcome == "passed" else 0.0,
        "max_points": check.points,
        "message": result.message,
        "hint": result.hint,
        "misconception": result.misconception,
        "seconds": result.seconds,
    }
