"""One exercise of one submission under examination: its sandbox, and the questions put to it."""

from __future__ import annotations

import contextlib
import socket
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from grader.checking.diagnosis import Evidence
from grader.checking.expectations import (
    Expectation,
    Verdict,
    fail,
    load_problem,
)
from grader.checking.question import Question
from grader.course import Exercise, Limits
from grader.examiner.curves import Curves
from grader.examiner.marks import Spent
from grader.examiner.recording import Recording, size_of
from grader.examiner.rules import Names, Rules
from grader.examiner.warmth import Warmth
from grader.outcome import Problem
from grader.profile import COMPARISON, timed
from grader.sandbox import wire
from grader.sandbox.answers import SandboxLost
from grader.sandbox.client import Clock, Purse, Sandbox
from grader.sandbox.watch import Room

SMALL = 6  # numbers in a counterexample that a person takes in at a glance
_LIVE_QUESTIONS = 80  # put to a wrong function, over its checks, to find a smaller counterexample
_OF_ONE_CHECK = 50  # of these


@dataclass(frozen=True)
class Subjection:
    """What is examined: the files of a submission, as bytes, and where.

    `warmth` says which server forks the sandboxes of an exercise.
    """

    files: Mapping[str, bytes]
    device: str
    limits: Limits
    warmth: Warmth


class Examination:
    """Puts questions about one exercise to sandboxes, a fresh one after each loss."""

    def __init__(
        self,
        control: socket.socket,
        exercise: Exercise,
        subject: Subjection,
        without_rules: bool = False,
    ) -> None:
        self._control = control
        self._rules = Rules({} if without_rules else exercise.forbidden)
        self._exercise = exercise
        self._subject = subject
        self._server = subject.warmth.for_files(exercise.name, subject.files)
        self._sandbox: Sandbox | None = None
        self._refused: Names = ()  # by the sandbox, or by the one that was dropped last
        self._unloaded: dict[Names, Problem] = {}  # why, where certain names are refused
        self._incomplete = False  # whether statements of the module were left out in it
        self._loads_otherwise = False  # whether the module can be imported where nothing is refused
        self._dropped: list[Sandbox] = []
        self._hopeless: Problem | None = None
        self._given_up: dict[str, Problem] = {}  # functions that are not asked again
        self._seconds: dict[str, float] = defaultdict(float)
        self.live_questions: dict[str, int] = defaultdict(lambda: _LIVE_QUESTIONS)
        self.fresh = False  # whether nothing but the import has run in the sandbox yet
        self._was_fresh = False  # whether that was so when the last question was put
        self.curves = Curves(exercise)
        limits = subject.limits
        self._clock = Clock(limits.cpu_seconds, limits.idle_seconds, limits.wall_seconds)
        self._room = Room(
            limits.folder_mib << 20, limits.folder_files, file_bytes=limits.file_mib << 20
        )
        self._purse = Purse()
        self._spent = 0.0  # seconds of all sandboxes that have ended, and of this process for them

    def __enter__(self) -> Examination:
        return self

    def __exit__(self, *_: object) -> None:
        self.drop()
        for sandbox in self._dropped:
            sandbox.close()

    def drop(self) -> None:
        """End the sandbox; the next question gets a fresh one."""
        if self._sandbox is not None:
            self._sandbox.kill()
            self._spent += self._sandbox.seconds()
            self._dropped.append(self._sandbox)  # a process takes a while to end: wait at the end
            self._sandbox = None

    @property
    def device(self) -> str:
        """Where the functions run."""
        return self._subject.device

    @property
    def unloadable(self) -> bool:
        """Whether the module could not be imported at all."""
        return self._hopeless is not None

    @property
    def spent(self) -> Spent:
        """What the checks that were put have used up of what they share."""
        running = 0.0 if self._sandbox is None else self._sandbox.seconds()
        used = Purse().spare - self._purse.spare
        return Spent(self._spent + running, used, dict(self._seconds))

    def settled(self, function: str, problem: Problem) -> bool:
        """Whether a fresh sandbox that refuses nothing but `function` forbids says the same."""
        if self.unloadable or self._seconds[function] > self._subject.limits.function_seconds:
            return True
        is_own = self._refused == self._rules.own(function)
        return is_own and (self._was_fresh or problem.outcome == "forbidden")

    def start_anew(self, function: str) -> None:
        """Have `function` asked next in a fresh sandbox that refuses nothing but it forbids."""
        self._rules.leave_alone(function)
        self.drop()

    def prepare(self, function: str) -> None:
        """Have a sandbox for `function` with the exercise imported; Verdict where it cannot be."""
        if self._hopeless is not None:
            raise Verdict(self._hopeless)
        name = self._exercise.name
        limit = self._subject.limits.exercise_seconds
        running = 0.0 if self._sandbox is None else self._sandbox.seconds()
        if self._spent + running >= limit:
            message = f"{name}.py has used its {limit:g} s in the checks before"
            raise Verdict(Problem("timeout", message))
        names = self._rules.refused_for(function)
        if self._sandbox is not None and self._refused != names and (names or not self._allow()):
            self.drop()
        if self._sandbox is None:
            self._refused = names
            if names in self._unloaded:
                raise Verdict(self._unloaded[names])
            self._load()
        self._was_fresh = self.fresh

    def _allow(self) -> bool:
        """Have the sandbox refuse nothing any more, if the whole module is in it."""
        if self._sandbox is None or self._incomplete:
            return False
        self._refused, self.fresh = (), False
        try:
            return self._sandbox.allow(self._clock)
        except SandboxLost:
            return False

    def _load(self) -> None:
        """Start a sandbox and import the exercise; Verdict where it cannot be imported.

        Where something is refused, what fails may be fine without: the module is hopeless only if
        it cannot be imported where nothing is.
        """
        answer = self._imported()
        skipped = answer.get("skipped")
        self._incomplete = "raised" in answer or not (type(skipped) is int and skipped == 0)
        if not self._incomplete:
            return
        problem = load_problem(self._exercise.name, answer.get("raised"))
        if self._refused and not self._loads_otherwise:
            refusing, names = self._sandbox, self._refused
            self._sandbox, self._refused = None, ()
            self._load()
            self._loads_otherwise = True
            self.drop()
            self._sandbox, self._refused, self._incomplete = refusing, names, True
        if "raised" in answer or not self._refused:
            self.drop()
            self._unloaded[self._refused] = problem
            if not self._refused:
                self._hopeless = problem
            raise Verdict(problem)

    def _imported(self) -> dict[str, Any]:
        """What a new sandbox says of importing the exercise; Verdict where it is lost."""
        file = self._exercise.file_name
        if file not in self._subject.files:
            self._hopeless = Problem("error", f"{file} is missing from this submission")
            raise Verdict(self._hopeless)
        server = self._subject.warmth.refusing(self._server, self._refused)
        self._sandbox = Sandbox(self._control, self._room, self._purse, server)
        self.fresh = True
        self.curves.begin_sandbox()
        try:
            return self._sandbox.load(
                self._exercise.name, self._subject.files, self._refused, self._clock
            )
        except SandboxLost as lost:
            self.drop()
            self._hopeless = Problem(lost.outcome, f"while {file} was imported, {lost.message}")
            raise Verdict(self._hopeless) from None

    @timed(COMPARISON)
    def replay(self, function: str, recording: Recording, evidence: Evidence) -> Problem | None:
        """Put all recorded questions of a check at once; None where every answer is right.

        Of several problems the one with the smallest input; `evidence` notes what was answered
        wrongly. Verdict where the sandbox is lost, or cannot be had.
        """
        self.prepare(function)
        smallest: Problem | None = None
        self.curves.begin_check(recording)
        with self._timed(function) as sandbox:
            # What is lost in a sandbox that was used before is asked again in a fresh one, which
            # answers at once: so nothing that was answered is lost in the end.
            key = sandbox.put(recording.frame, self._clock, self._was_fresh)
            whole = not self._was_fresh and recording.curve is None
            if whole and sandbox.answers_exactly(key, recording.joined()):
                evidence.add_right(recording.questions, recording.expectations)
                return None
            asked = zip(recording.questions, recording.expectations, recording.known, strict=True)
            came = sandbox.answers(key, recording.sizes)
            for (question, expectation, known), answer in zip(asked, came, strict=True):
                if answer.is_one_of(known) and not self.curves.want(question):
                    evidence.add(question, expectation, None)
                    continue
                said = answer.read()
                problem = expectation.problem_with(question, said, self._subject.device)
                evidence.add(question, expectation, None if problem is None else said)
                self.curves.hear(question, said)
                if problem is not None and (smallest is None or _comes_first(problem, smallest)):
                    smallest = problem
        return smallest

    def ask(
        self, question: Question, expectation: Expectation
    ) -> tuple[Problem | None, Mapping[str, Any]]:
        """Put one question: the problem with its answer, and the answer.

        Verdict where the sandbox is lost.
        """
        self.prepare(question.function)
        with self._timed(question.function) as sandbox:
            frame = wire.encode([question.as_data()])
            key = sandbox.put(frame, self._clock)
            (came,) = sandbox.answers(key, [size_of(expectation)])
            answer = came.read()
            self.curves.hear(question, answer)
            return expectation.problem_with(question, answer, self._subject.device), answer

    @contextlib.contextmanager
    def _timed(self, function: str) -> Iterator[Sandbox]:
        """Count the time that a function takes, and end it for good where it has had enough.

        What the examiner spends on its answers is the function's time too.
        """
        if function in self._given_up:
            raise Verdict(self._given_up[function])
        limit = self._subject.limits.function_seconds
        if self._seconds[function] >= limit:
            raise Verdict(
                Problem("timeout", f"{function} has used its {limit:g} s in the checks before")
            )
        assert self._sandbox is not None
        sandbox, fresh = self._sandbox, self.fresh
        self.fresh = False
        before, sandboxes = sandbox.spent(), sandbox.seconds()
        lost: SandboxLost | None = None
        try:
            yield sandbox
        except SandboxLost as found:
            lost = found
            self.drop()
        cost = sandbox.spent() - before
        self._spent += cost - (sandbox.seconds() - sandboxes)  # the rest is in the sandbox's own
        # What ran in this sandbox before may be to blame, but not where nothing did.
        if lost is not None and lost.outcome == "timeout" and fresh:
            cost = max(cost, limit / 2)
        self._seconds[function] += cost
        if lost is not None:
            problem = Problem(lost.outcome, f"{function}: {lost.message}")
            if lost.for_good and fresh:
                self._given_up[function] = problem
            raise Verdict(problem) from None


class LiveSearch:
    """Puts a check's questions one by one while hypothesis looks for a smaller counterexample."""

    def __init__(self, examination: Examination, seen: Problem, least: int) -> None:
        """`seen` is the problem to make smaller; no question of the check holds fewer than `least`.

        What is answered on the way is no evidence: a diagnosis rests on what everybody is asked.
        """
        self._examination = examination
        self._enough = max(SMALL, least)
        self._left = _OF_ONE_CHECK
        self.smallest = seen

    @property
    def worth_it(self) -> bool:
        """Whether a smaller counterexample is wanted, and there are questions left to find it."""
        return self.smallest.numbers > self._enough and self._left > 0

    def examine(self, question: Question, expectation: Expectation) -> None:
        """Raise what fits the problem; once the budget is used, the smallest problem for good."""
        left = self._examination.live_questions
        if left[question.function] <= 0 or not self.worth_it:
            raise Verdict(self.smallest)
        left[question.function] -= 1
        self._left -= 1
        problem, _ = self._examination.ask(question, expectation)
        if problem is None:
            return
        if _comes_first(problem, self.smallest):
            self.smallest = problem
        fail(problem)


def _comes_first(problem: Problem, other: Problem) -> bool:
    """Whether a problem says more than another: what decides at once, then the smaller input."""
    shrinkable = ("failed", "error")
    if (problem.outcome in shrinkable) != (other.outcome in shrinkable):
        return problem.outcome not in shrinkable
    return problem.numbers < other.numbers
