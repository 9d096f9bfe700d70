"""What a check asks of every submission, as it is recorded on the solutions in the warm pass."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from grader.checking.curves import ReferenceCurve, longer, reference_curve
from grader.checking.expectations import Expectation, Matches
from grader.checking.question import Question
from grader.outcome import Check
from grader.sandbox import wire
from grader.sandbox.answers import Encoded, segments

_DIGEST = 24  # hexadecimal digits


@dataclass
class Recording:
    """What one check asks of every submission, and what it expects, recorded in the warm pass."""

    check: Check
    shrinks: bool = False  # whether hypothesis can look for a smaller counterexample
    questions: list[Question] = field(default_factory=list)
    expectations: list[Expectation] = field(default_factory=list)
    drawn: list[Expectation] = field(
        default_factory=list
    )  # of what follows from the seed, and is no guess
    frame: bytes = b""
    sizes: list[int] = field(default_factory=list)  # of the expected answers, in bytes
    # Of each question, right answers bit by bit as they come: what the solution answered, and what
    # the reference did. Most right answers are one of them, and need not be read to be compared.
    known: list[Sequence[Encoded]] = field(default_factory=list)
    # All that comes where all answers are the solution's, to be joined by a key; made when used.
    _segments: list[bytes] | None = None
    curve: ReferenceCurve | None = None  # the longest that a question of it can show
    least: int = 0  # numbers that the smallest question holds: what is drawn begins with that
    asked: str = ""  # a digest of all that is asked and expected: the same passes the same work

    def add(
        self,
        question: Question,
        expectation: Expectation,
        answer: Mapping[str, Any],
        device: str,
        drawn: bool = False,
    ) -> None:
        """Note a question and what the solution answered on a device, which is right."""
        self.questions.append(question)
        self.expectations.append(expectation)
        self.known.append(_encodings(question, expectation, answer, device))
        self.curve = longer(self.curve, reference_curve(question, answer))
        if drawn:
            self.drawn.append(expectation)

    def seal(self) -> None:
        """Encode the questions once; the same bytes go to every sandbox."""
        self.frame = wire.encode([question.as_data() for question in self.questions])
        self.least = min((question.numbers for question in self.questions), default=0)
        drawn = set(map(id, self.drawn))
        check = self.check
        digest = hashlib.sha256(f"{check.function} {check.hidden} {len(self.frame)}\n".encode())
        digest.update(self.frame)
        self.sizes = []
        for expectation in self.expectations:
            observation = _observation(expectation)
            told = expectation.tolerance if isinstance(expectation, Matches) else expectation
            about = f"{told!r} {id(expectation) in drawn} {len(observation)}\n"
            digest.update(about.encode("utf-8", "backslashreplace") + observation)
            self.sizes.append(len(observation))
        self.asked = digest.hexdigest()[:_DIGEST]

    def joined(self) -> list[bytes]:
        """All that a sandbox sends where it answers bit by bit as the solution did.

        It is made once: whoever forks asks for it before.
        """
        if self._segments is None:
            self._segments = segments([first for first, *_ in self.known])
        return self._segments

    def compare_with_itself(self) -> None:
        """Hold what is expected against itself: what comparing needs is warm then."""
        for question, expectation in zip(self.questions, self.expectations, strict=True):
            if isinstance(expectation, Matches):
                answer = {"observation": dict(expectation.observation)}
                expectation.problem_with(question, answer, "cpu")


def _encodings(
    question: Question, expectation: Expectation, answer: Mapping[str, Any], device: str
) -> Sequence[Encoded]:
    """The encodings of a right answer, and of the reference's where it is right on this device."""
    right = [dict(answer)]
    if isinstance(expectation, Matches):
        reference = {"observation": dict(expectation.observation)}
        if expectation.problem_with(question, reference, device) is None:
            right.append(reference)
    return tuple(dict.fromkeys(map(wire.encode_parts, right)))


def size_of(expectation: Expectation) -> int:
    """The bytes that a right answer takes, where it is an observation."""
    return len(_observation(expectation))


def _observation(expectation: Expectation) -> bytes:
    """What a right answer holds, as it would travel; nothing where it is an exception."""
    return wire.encode(dict(expectation.observation)) if isinstance(expectation, Matches) else b""
