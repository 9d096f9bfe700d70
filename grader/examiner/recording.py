"""What a check asks of every submission, as it is recorded on the solutions in the warm pass."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from grader.checking.curves import ReferenceCurve, longer, reference_curve
from grader.checking.expectations import Expectation, Matches
from grader.checking.question import Question
from grader.outcome import Check
from grader.sandbox import wire


@dataclass
class Recording:
    """What one check asks of every submission, and what it expects, recorded in the warm pass."""

    check: Check
    questions: list[Question] = field(default_factory=list)
    expectations: list[Expectation] = field(default_factory=list)
    drawn: list[Expectation] = field(
        default_factory=list
    )  # of what follows from the seed, and is no guess
    frame: bytes = b""
    sizes: list[int] = field(default_factory=list)  # of the expected answers, in bytes
    curve: ReferenceCurve | None = None  # the longest that a question of it can show
    least: int = 0  # numbers that the smallest question holds: what is drawn begins with that

    def add(
        self,
        question: Question,
        expectation: Expectation,
        answer: Mapping[str, Any],
        drawn: bool = False,
    ) -> None:
        """Note a question and what the solution answered, which is right."""
        self.questions.append(question)
        self.expectations.append(expectation)
        self.curve = longer(self.curve, reference_curve(question, answer))
        if drawn:
            self.drawn.append(expectation)

    def seal(self) -> None:
        """Encode the questions once; the same bytes go to every sandbox."""
        self.frame = wire.encode([question.as_data() for question in self.questions])
        self.sizes = [size_of(expectation) for expectation in self.expectations]
        self.least = min((question.numbers for question in self.questions), default=0)


def size_of(expectation: Expectation) -> int:
    """The bytes that a right answer takes, where it is an observation."""
    if isinstance(expectation, Matches):
        return len(wire.encode(dict(expectation.observation)))
    return 0
