"""One submission's checks: replayed, the counterexample made small, the mistake named."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import is_hypothesis_test

from grader.checking.diagnosis import Diagnosis, Evidence
from grader.checking.expectations import Matches, Problem, Raises, Verdict
from grader.course import Course, Exercise
from grader.examiner.examination import SMALL, Examination, LiveSearch, Recording, Subjection
from grader.misconceptions import Misconception, misconceptions_of
from grader.outcome import Check, Result
from grader.plugin import CHECK

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
        items_of: Callable[[str], list[pytest.Item]],
        recordings: Mapping[str, Recording],
        run: Callable[[pytest.Item, Any], Result],
        misconceptions: Path,
    ) -> None:
        self._sandboxes = sandboxes
        self._items_of = items_of
        self._recordings = recordings
        self._run = run
        self._folder = misconceptions
        self._mistakes: dict[str, list[Misconception]] = {}

    def learn_mistakes(self, course: Course) -> None:
        """Import the known mistakes of every exercise; ValueError where they are not in order."""
        for name in course.names:
            self._mistakes[name] = misconceptions_of(name, self._folder)

    def mark(self, course: Course, subject: Subjection, manner: Manner) -> Iterator[dict[str, Any]]:
        """The grade of each exercise of the course, as it is made."""
        for exercise in course.exercises:
            with Examination(
                self._sandboxes, exercise, subject, manner.without_rules
            ) as examination:
                yield _Exam(self, exercise, examination, manner).graded()

    def items(self, exercise: Exercise, manner: Manner) -> list[pytest.Item]:
        """The exercise's checks that are put, in order."""
        items = self._items_of(exercise.name)
        if manner.hidden_only:
            items = [item for item in items if item.stash[CHECK].hidden]
        if manner.functions is not None:
            items = [item for item in items if item.stash[CHECK].function in manner.functions]
        return sorted(items, key=lambda item: item.stash[CHECK].function != manner.first)

    def recording(self, check: Check) -> Recording:
        return self._recordings[check.id]

    def search(self, item: pytest.Item, search: LiveSearch) -> None:
        """Have hypothesis look for a smaller counterexample."""
        self._run(item, search.examine)

    def mistakes(self, check: Check) -> list[Misconception]:
        """The known mistakes of the function that a check is about."""
        known = self._mistakes[check.exercise]
        return [mistake for mistake in known if mistake.function == check.function]


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
        for item in self._marker.items(self._exercise, self._manner):
            results.append(self._check(item))
            if self._manner.quick and results[-1].outcome != "passed":
                break
        if not self._manner.quick:  # which ends where what would count is not known yet
            results = self._counted(self._diagnosed(results))
        return _graded(self._exercise, results, self._examination.unloadable)

    def _check(self, item: pytest.Item) -> Result:
        """A check's recording replayed, and where it fails in a fresh sandbox, the check itself.

        What fails in a sandbox that was used before is asked again in a fresh one: what another
        function of the submission left behind must not cost this one its points.
        """
        began = time.monotonic()
        check = item.stash[CHECK]
        problem, fresh = self._replay(check)
        if problem is not None and not fresh and problem.outcome not in ("todo", "forbidden"):
            self._examination.drop()
            problem, _ = self._replay(check)
        makes_smaller = self._manner.smaller and not self._manner.quick
        if problem is not None and problem.outcome in _DIAGNOSED and makes_smaller:
            problem = self._smallest(item, problem)
        seconds = time.monotonic() - began
        if problem is None:
            return Result(check, "passed", None, seconds)
        return Result(check, problem.outcome, problem.message, seconds)

    def _replay(self, check: Check) -> tuple[Problem | None, bool]:
        """The problem with a check's recorded questions, and whether a fresh sandbox was asked."""
        fresh = True
        evidence = self._evidence[check.id] = Evidence()
        try:
            self._examination.prepare()
            fresh = self._examination.fresh
            recording = self._marker.recording(check)
            return self._examination.replay(check.function, recording, evidence), fresh
        except Verdict as verdict:
            return verdict.problem, fresh

    def _smallest(self, item: pytest.Item, seen: Problem) -> Problem:
        """The problem on an input a person takes in at a glance, if hypothesis finds one."""
        examination, check = self._examination, item.stash[CHECK]
        can_shrink = isinstance(item, pytest.Function) and is_hypothesis_test(item.function)
        worth_it = seen.numbers > SMALL and examination.live_questions[check.function]
        if examination.unloadable or not can_shrink or not worth_it:
            return seen
        search = LiveSearch(examination, seen, self._evidence[check.id])
        self._marker.search(item, search)
        return search.smallest

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

    def _counted(self, results: list[Result]) -> list[Result]:
        """The results, in which what holds of any function counts only for one that works.

        To raise, to leave no gradients, to be on a device is right for a function that does nothing
        else: it earns points beside a value that is right. What a public check asks is known to
        all, so beside a hidden check it takes a hidden one, where there is one.
        """
        with_values = [result for result in results if self._asks_for_values(result.check)]
        counted = []
        for result in results:
            if result.outcome == "passed" and result not in with_values:
                about = [r for r in with_values if r.check.function == result.check.function]
                hidden = [other for other in about if other.check.hidden]
                about = hidden if hidden and result.check.hidden else about
                if about and all(other.outcome != "passed" for other in about):
                    result = replace(result, outcome="failed", message=self._alone(result, about))
            counted.append(result)
        return counted

    def _asks_for_values(self, check: Check) -> bool:
        """Whether some right answer to a check holds a number."""
        expectations = self._marker.recording(check).expectations
        return any(
            isinstance(one, Matches) and _has_number(one.observation) for one in expectations
        )

    def _alone(self, result: Result, others: list[Result]) -> str:
        """What to say of a check that would be passed if any of the others were."""
        expectations = self._marker.recording(result.check).expectations
        raises = all(isinstance(one, Raises) for one in expectations)
        so_far = "it raises as it should" if raises else "this is as it should be"
        which = "hidden" if result.check.hidden and others[0].check.hidden else "other"
        return (
            f"{so_far}, but it must also work: none of the {which} checks of "
            f"{result.check.function} that ask for values is passed yet"
        )


def _has_number(value: object) -> bool:
    """Whether plain data holds a number: True and None are none, nor is any text."""
    if isinstance(value, Mapping):
        return any(map(_has_number, value.values()))
    if isinstance(value, (list, tuple)):
        return any(map(_has_number, value))
    return isinstance(value, (int, float, torch.Tensor)) and not isinstance(value, bool)


def _graded(exercise: Exercise, results: list[Result], unloadable: bool) -> dict[str, Any]:
    """One exercise's entry in the grade."""
    outcomes = {result.outcome for result in results} - {"passed"}
    status = "passed" if not outcomes else "todo" if outcomes == {"todo"} else "failed"
    if unloadable:
        status = "error"
    checks = [_entry(result.check, result) for result in results]
    return {
        "name": exercise.name,
        "status": status,
        "points": sum(entry["points"] for entry in checks),
        "max_points": exercise.points,
        "checks": checks,
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
