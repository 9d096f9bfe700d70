"""One submission's checks: replayed, the counterexample made small, the mistake named."""

from __future__ import annotations

import contextlib
import socket
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import is_hypothesis_test

from grader.checking.diagnosis import Diagnosis, Evidence
from grader.checking.expectations import Expectation, Verdict
from grader.course import Course, Exercise
from grader.examiner.again import Kept, marked_again
from grader.examiner.answers import FunctionAnswers, SharedAnswers
from grader.examiner.earning import answered
from grader.examiner.examination import Examination, LiveSearch, Subjection
from grader.examiner.marks import Marks, entry_of
from grader.examiner.recording import Recording
from grader.misconceptions import Misconception, misconceptions_of
from grader.outcome import DIAGNOSED, SETTLED, Check, Problem, Result
from grader.plugin import CHECK
from grader.profile import SHRINKING, timed


@dataclass(frozen=True)
class Manner:
    """How a submission is examined.

    `without_rules` forbids nothing. `hidden_only` leaves the public checks out. `quick` ends an
    exercise at the first check that is not passed, and looks for no smaller counterexample and no
    known mistake: enough to tell right from wrong. Without `smaller` no smaller counterexample is
    looked for. `first` is the function whose checks come first; of `functions`, where it is given,
    alone the checks are put. `kept` is, by exercise, what is known of this very work from a grading
    before (`grader.examiner.again`): a check that asks the same as then is not put again.
    """

    without_rules: bool = False
    hidden_only: bool = False
    quick: bool = False
    smaller: bool = True
    first: str | None = None
    functions: Sequence[str] | None = None
    kept: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


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
        self.sandboxes = sandboxes
        self._items_of = items_of
        self._recordings = recordings
        self._run = run
        self._folder = misconceptions
        self._mistakes: dict[str, list[Misconception]] = {}
        self._answers = SharedAnswers()  # made here, so that all forks share it

    def learn_mistakes(self, course: Course) -> None:
        """Import the known mistakes of every exercise; ValueError where they are not in order."""
        for name in course.names:
            self._mistakes[name] = misconceptions_of(name, self._folder)

    def mark(self, course: Course, subject: Subjection, manner: Manner) -> Iterator[dict[str, Any]]:
        """The grade of each exercise of the course, as it is made."""
        for exercise in course.exercises:
            items = self.items(exercise, manner)
            recordings = [self.recording(item.stash[CHECK]) for item in items]
            exam = _Exam(self, exercise, subject, manner)
            if exercise.name in manner.kept:
                kept = Kept.read(manner.kept[exercise.name])
                marks = marked_again(kept, recordings, subject.limits, exam.marks)
            else:
                marks = exam.marks({recording.check.id for recording in recordings})
            yield entry_of(exercise, marks, recordings, manner.quick)

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

    def drawn(self, id: str) -> list[Expectation]:
        """What a check expects of the inputs that follow from the seed."""
        return self._recordings[id].drawn

    def search(self, item: pytest.Item, search: LiveSearch) -> None:
        """Have hypothesis look for a smaller counterexample."""
        self._run(item, search.examine)

    def mistakes(self, check: Check) -> list[Misconception]:
        """The known mistakes of the function that a check is about."""
        known = self._mistakes[check.exercise]
        return [mistake for mistake in known if mistake.function == check.function]

    @contextlib.contextmanager
    def answers(self, check: Check) -> Iterator[FunctionAnswers]:
        """What the known mistakes of a check's function answer; what is new is shared after."""
        function = f"{check.exercise}/{check.function}"
        about = (check.exercise, check.function)
        recordings = self._recordings.values()
        answers = self._answers.of(
            function,
            (one for one in recordings if (one.check.exercise, one.check.function) == about),
        )
        yield answers
        self._answers.share(function, answers)


class _Exam:
    """One exercise of one submission."""

    def __init__(
        self, marker: Marker, exercise: Exercise, subject: Subjection, manner: Manner
    ) -> None:
        self._marker = marker
        self._exercise = exercise
        self._subject = subject
        self._manner = manner

    def marks(self, put: Collection[str], alone: bool = False) -> Marks:
        """How checks end, by id, put to sandboxes of their own; what was put before counts nowhere.

        `alone` puts checks without the others of their functions: enough to tell which are passed.
        It ends a function at its first check that is not, looks for no smaller counterexample and
        no known mistake.
        """
        items = self._marker.items(self._exercise, self._manner)
        order = [item.stash[CHECK].id for item in items if item.stash[CHECK].id in put]
        manner = replace(self._manner, smaller=False) if alone else self._manner
        with Examination(
            self._marker.sandboxes, self._exercise, self._subject, manner.without_rules
        ) as examination:
            sitting = _Sitting(self._marker, examination, manner)
            turns = [item for item in items if item.stash[CHECK].id in put]
            results = sitting.results(sorted(turns, key=self._turn), alone)
            results.sort(key=lambda result: order.index(result.check.id))
            if not (alone or manner.quick):
                results = sitting.diagnosed(results)
            drawn = {id: self._marker.drawn(id) for id in order}
            return Marks(
                results,
                answered(drawn, sitting.evidence),
                examination.curves.entries(),
                examination.spent,
                examination.unloadable,
                frozenset(result.check.id for result in results),
            )

    def _turn(self, item: pytest.Item) -> tuple[bool, bool]:
        """What comes first: a sandbox can stop refusing things, but never begin to."""
        function = item.stash[CHECK].function
        return function != self._manner.first, function not in self._exercise.forbidden


class _Sitting:
    """Checks put to one examination, one after the other."""

    def __init__(self, marker: Marker, examination: Examination, manner: Manner) -> None:
        self._marker = marker
        self._examination = examination
        self._manner = manner
        self.evidence: dict[str, Evidence] = {}

    def results(self, items: Sequence[pytest.Item], alone: bool) -> list[Result]:
        """How the checks end, in this order."""
        results: list[Result] = []
        ended: set[str] = set()
        for item in items:
            function = item.stash[CHECK].function
            if function in ended:
                continue
            results.append(self._check(item))
            if alone and results[-1].outcome not in SETTLED:
                ended.add(function)
            if self._manner.quick and results[-1].outcome != "passed":
                break
        return results

    def _check(self, item: pytest.Item) -> Result:
        """A check's recording replayed, and where it fails in a fresh sandbox, the check itself.

        What fails in a sandbox that was used before, or that refuses what another function forbids,
        is asked again in a fresh one: what another function of the submission left behind, or must
        not use, must not cost this one its points.
        """
        began = time.monotonic()
        check = item.stash[CHECK]
        problem = self._replay(check)
        if problem is not None and (problem.outcome != "todo" or problem.inferred):
            if not self._examination.settled(check.function, problem):
                self._examination.start_anew(check.function)
                problem = self._replay(check)
        makes_smaller = self._manner.smaller and not self._manner.quick
        if problem is not None and problem.outcome in DIAGNOSED and makes_smaller:
            problem = self._smallest(item, problem)
        seconds = time.monotonic() - began
        if problem is None:
            return Result(check, "passed", None, seconds)
        return Result(check, problem.outcome, problem.message, seconds)

    def _replay(self, check: Check) -> Problem | None:
        """The problem with a check's recorded questions; None where every answer is right."""
        evidence = self.evidence[check.id] = Evidence()
        recording = self._marker.recording(check)
        try:
            return self._examination.replay(check.function, recording, evidence)
        except Verdict as verdict:
            return verdict.problem

    @timed(SHRINKING, whole=True)
    def _smallest(self, item: pytest.Item, seen: Problem) -> Problem:
        """The problem on an input a person takes in at a glance, if hypothesis finds one."""
        examination, check = self._examination, item.stash[CHECK]
        can_shrink = isinstance(item, pytest.Function) and is_hypothesis_test(item.function)
        search = LiveSearch(examination, seen, self._marker.recording(check).least)
        if can_shrink and search.worth_it and examination.live_questions[check.function]:
            self._marker.search(item, search)
        return search.smallest

    @timed(SHRINKING, whole=True)
    def diagnosed(self, results: list[Result]) -> list[Result]:
        """The results with the hints of the known mistakes that explain them."""
        wrong: dict[str, list[Result]] = defaultdict(list)
        for result in results:
            if result.outcome in DIAGNOSED:
                wrong[result.check.function].append(result)
        named: dict[str, Misconception] = {}
        for function, failed in wrong.items():
            own = [result for result in results if result.check.function == function]
            named.update(self._named(failed, own))
        return [_with_hint(result, named.get(result.check.id)) for result in results]

    def _named(
        self, failed: Sequence[Result], results: Sequence[Result]
    ) -> Iterator[tuple[str, Misconception]]:
        """Checks of a function that failed, by id, with what explains them; of all its results."""
        mistakes, device = self._marker.mistakes(failed[0].check), self._examination.device
        with self._marker.answers(failed[0].check) as answers:
            diagnosis = Diagnosis(mistakes, device, answers)
            for result in failed:
                others = [self.evidence[other.check.id] for other in results if other is not result]
                known = diagnosis.of(self.evidence[result.check.id], others)
                if known is not None:
                    yield result.check.id, known


def _with_hint(result: Result, known: Misconception | None) -> Result:
    if known is None:
        return result
    return replace(result, hint=known.hint, misconception=known.name)
