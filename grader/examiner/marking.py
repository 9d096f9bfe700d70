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

from grader.checking.diagnosis import Diagnosis, Evidence
from grader.checking.expectations import Expectation, Verdict
from grader.checking.question import Question
from grader.course import Course, Exercise
from grader.examiner.again import Kept, marked_again
from grader.examiner.answers import FunctionAnswers, SharedAnswers
from grader.examiner.earning import answered
from grader.examiner.examination import Examination, LiveSearch, Subjection
from grader.examiner.marks import Marks, entry_of
from grader.examiner.recording import Recording
from grader.misconceptions import Misconception, misconceptions_of
from grader.outcome import DIAGNOSED, SETTLED, Check, Problem, Result
from grader.profile import SHRINKING, timed

Asking = Callable[[Question, Expectation], None]  # puts a question; raises what fits the answer


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
        recordings: Mapping[str, Recording],
        run: Callable[[Check, Asking], Result],
        misconceptions: Path,
    ) -> None:
        """`recordings` are by the check's id, in order; `run` puts a check's own questions."""
        self.sandboxes = sandboxes
        self._recordings = recordings
        self._run = run
        self._folder = misconceptions
        self._mistakes: dict[str, list[Misconception]] = {}
        self._answers = SharedAnswers()  # made here, so that all forks share it

    def learn_mistakes(self, course: Course) -> None:
        """Import the known mistakes of every exercise; ValueError where they are not in order."""
        for name in course.names:
            self._learn(name)

    def mark(self, course: Course, subject: Subjection, manner: Manner) -> Iterator[dict[str, Any]]:
        """The grade of each exercise of the course, as it is made.

        Those come first whose sandboxes are there first.
        """
        for exercise in sorted(course.exercises, key=lambda one: subject.warmth.turn(one.name)):
            checks = self.checks(exercise, manner)
            recordings = [self.recording(check) for check in checks]
            exam = _Exam(self, exercise, subject, manner)
            if exercise.name in manner.kept:
                kept = Kept.read(manner.kept[exercise.name])
                marks = marked_again(kept, recordings, subject.limits, exam.marks)
            else:
                marks = exam.marks({recording.check.id for recording in recordings})
            yield entry_of(exercise, marks, recordings, manner.quick)

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

    def drawn(self, id: str) -> list[Expectation]:
        """What a check expects of the inputs that follow from the seed."""
        return self._recordings[id].drawn

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
        checks = self._marker.checks(self._exercise, self._manner)
        turns = [check for check in checks if check.id in put]
        order = [check.id for check in turns]
        manner = replace(self._manner, smaller=False) if alone else self._manner
        with Examination(
            self._marker.sandboxes, self._exercise, self._subject, manner.without_rules
        ) as examination:
            sitting = _Sitting(self._marker, examination, manner)
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

    def _turn(self, check: Check) -> tuple[bool, bool]:
        """What comes first: a sandbox can stop refusing things, but never begin to."""
        function = check.function
        return function != self._manner.first, function not in self._exercise.forbidden


class _Sitting:
    """Checks put to one examination, one after the other."""

    def __init__(self, marker: Marker, examination: Examination, manner: Manner) -> None:
        self._marker = marker
        self._examination = examination
        self._manner = manner
        self.evidence: dict[str, Evidence] = {}

    def results(self, checks: Sequence[Check], alone: bool) -> list[Result]:
        """How the checks end, in this order."""
        results: list[Result] = []
        ended: set[str] = set()
        for check in checks:
            function = check.function
            if function in ended:
                continue
            results.append(self._check(check))
            if alone and results[-1].outcome not in SETTLED:
                ended.add(function)
            if self._manner.quick and results[-1].outcome != "passed":
                break
        return results

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
        if problem is not None and problem.outcome in DIAGNOSED and makes_smaller:
            problem = self._smallest(check, problem)
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
    def _smallest(self, check: Check, seen: Problem) -> Problem:
        """The problem on an input a person takes in at a glance, if hypothesis finds one."""
        examination, recording = self._examination, self._marker.recording(check)
        search = LiveSearch(examination, seen, recording.least)
        if recording.shrinks and search.worth_it and examination.live_questions[check.function]:
            self._marker.search(check, search)
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
