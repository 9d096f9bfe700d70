"""Names the mistake: which known mistake gives the very answers that a student's function gave.

Known mistakes are code of the course, so they are run here, on the questions that the student's
function answered wrongly. A mistake explains a check when it gives the same wrong answers. Nothing
of a student's is run: their answers are plain data.
"""

from __future__ import annotations

import re
import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

import torch

from grader.checking.compare import Tolerance, compare, largest_input
from grader.checking.expectations import Expectation
from grader.checking.question import Question
from grader.misconceptions import Misconception
from grader.probes import run_probe
from grader.probes.observe import SHOWN

Answer = Mapping[str, Any]
_WRONG_KEPT = 24  # wrong answers of one check; the smallest are kept
_RIGHT_KEPT = 60
_KEPT_BYTES = 8 << 20  # of one check's wrong answers: several times what the course's largest take
_UNLIKE_ANY: Answer = {}  # stands for an answer that is not kept: no known mistake gives it
_LONGEST_MESSAGE = 2000  # characters of an exception's message that are looked at


@dataclass(slots=True)
class Asked:
    """A question that was put; `answer` where it was answered wrongly, None where rightly."""

    question: Question
    expectation: Expectation
    answer: Answer | None = None


@dataclass
class Evidence:
    """What one check asked of a student's function, and which answers were wrong."""

    wrong: list[Asked] = field(default_factory=list)
    _right: list[Asked] = field(default_factory=list)
    # Questions that were all answered rightly, with what was expected; `right` has them when it is
    # asked for. Hardly anybody asks, and in a fork to touch each is to copy the page it is on.
    _untouched: tuple[Sequence[Question], Sequence[Expectation]] | None = None
    _kept: int = 0  # bytes of the answers in `wrong`

    @property
    def right(self) -> list[Asked]:
        """What was answered rightly; of much, what came first."""
        if self._untouched is not None:
            (questions, expectations), self._untouched = self._untouched, None
            room = _RIGHT_KEPT - len(self._right)
            self._right += map(Asked, questions[:room], expectations[:room])
        return self._right

    def add(self, question: Question, expectation: Expectation, wrong: Answer | None) -> None:
        """Note a question; `wrong` is the answer where it was not as expected."""
        if wrong is None:
            if len(self.right) < _RIGHT_KEPT:
                self.right.append(Asked(question, expectation))
            return
        size = _size(wrong)
        if self._kept + size > _KEPT_BYTES:  # the examiner's memory, until the exercise is done
            wrong, size = _UNLIKE_ANY, 0
        self._kept += size
        self.wrong.append(Asked(question, expectation, wrong))
        if len(self.wrong) > 2 * _WRONG_KEPT:
            self.wrong = self._smallest()
            self._kept = sum(_size(asked.answer) for asked in self.wrong)

    def add_right(self, questions: Sequence[Question], expectations: Sequence[Expectation]) -> None:
        """Note all questions of a check, which were all answered rightly."""
        self._untouched = questions, expectations

    def rightly(self, drawn: Sequence[Expectation]) -> int:
        """How many of the `drawn` of its questions are among those that were answered rightly."""
        if self._untouched is not None and len(self._untouched[0]) <= _RIGHT_KEPT:
            return len(drawn)
        right = {id(asked.expectation) for asked in self.right}
        return sum(id(expected) in right for expected in drawn)

    def _smallest(self) -> list[Asked]:
        return sorted(self.wrong, key=lambda asked: asked.question.numbers)[:_WRONG_KEPT]

    @property
    def decisive(self) -> list[Asked]:
        """The wrong answers, those to the smallest questions first, no more than a few."""
        return self._smallest()


class KnownMistake(Protocol):
    """What a diagnosis names."""

    @property
    def name(self) -> str: ...
    @property
    def hint(self) -> str: ...
    @property
    def needs_gpu(self) -> bool: ...


Known = TypeVar("Known", bound=KnownMistake)
Put = TypeVar("Put")  # a question that was put, and how it was answered
Put_co = TypeVar("Put_co", covariant=True)


class Answers(Protocol[Put_co]):
    """What one check asked: the wrong answers that decide, and what was answered rightly."""

    @property
    def decisive(self) -> Sequence[Put_co]: ...
    @property
    def right(self) -> Sequence[Put_co]: ...


class Explaining(ABC, Generic[Known, Put]):
    """Finds the known mistake of one function behind its wrong answers.

    How one knows what a mistake answers is another's business: it is run, or it was recorded.
    """

    def __init__(self, mistakes: Sequence[Known], device: str = "cpu") -> None:
        """`mistakes` are the known ones of the function; `device` is where the student's ran."""
        self._device = device
        self._mistakes = [known for known in mistakes if device != "cpu" or not known.needs_gpu]

    @abstractmethod
    def _agrees(self, known: Known, asked: Put) -> bool:
        """Whether a mistake answers as the student's function did."""

    @abstractmethod
    def _is_wrong(self, known: Known, asked: Put) -> bool:
        """Whether a mistake answers wrongly."""

    def of(self, check: Answers[Put], others: Iterable[Answers[Put]] = ()) -> Known | None:
        """The mistake that explains all wrong answers of a check; None where it would be a guess.

        Where several do, and their hints differ, it is one that also gives some wrong answer of
        the `others` of the function, if those have any: the one that agrees with most of what was
        asked, and of those alike in that, the one that is wrong about the fewest questions.
        """
        wrong = check.decisive
        explaining = [known for known in self._mistakes if wrong and self._explains(known, wrong)]
        explaining = [known for known in explaining if not self._contradicts(known, check)]
        if len(_hints(explaining)) > 1:
            others = list(others)
            elsewhere = [one for other in others for one in other.decisive]
            explaining = [known for known in explaining if self._gives_some(known, elsewhere)]
            asked = [*wrong, *check.right, *elsewhere]
            for other in others:
                asked += other.right
            explaining = _best(explaining, lambda known: self._agreements(known, asked))
            explaining = _best(explaining, lambda known: -self._failures(known, asked))
        return explaining[0] if len(_hints(explaining)) == 1 else None

    def _explains(self, known: Known, wrong: Sequence[Put]) -> bool:
        return all(self._agrees(known, asked) for asked in wrong)

    def _gives_some(self, known: Known, wrong: Sequence[Put]) -> bool:
        """Whether it gives any of these wrong answers, where there are some."""
        return not wrong or any(self._agrees(known, one) for one in wrong)

    def _contradicts(self, known: Known, check: Answers[Put]) -> bool:
        """Whether it is wrong about most of what the student had right in the same check."""
        return 2 * self._failures(known, check.right) > len(check.right)

    def _agreements(self, known: Known, asked: Sequence[Put]) -> int:
        return sum(self._agrees(known, one) for one in asked)

    def _failures(self, known: Known, asked: Sequence[Put]) -> int:
        return sum(self._is_wrong(known, one) for one in asked)


class Diagnosis(Explaining[Misconception, Asked]):
    """Finds the known mistake behind wrong answers by what the known ones answer."""

    def __init__(
        self,
        mistakes: Sequence[Misconception],
        device: str = "cpu",
        answers: Answering | None = None,
    ) -> None:
        """`answers` says what a mistake answers to a question; default: it is run, once."""
        super().__init__(mistakes, device)
        self._answer = answers or Ran()

    def _agrees(self, known: Misconception, asked: Asked) -> bool:
        if asked.answer is None:
            return not self._is_wrong(known, asked)
        if known.needs_gpu:
            return left_on_the_cpu(asked.answer, self._device)
        return same_answer(
            asked.question, self._answer(known, asked.question), asked.answer, self._device
        )

    def _is_wrong(self, known: Misconception, asked: Asked) -> bool:
        if known.needs_gpu:
            return asked.answer is not None
        answer = self._answer(known, asked.question)
        return asked.expectation.problem_with(asked.question, answer, "cpu") is not None


class Answering(Protocol):
    """Says what known mistakes answer."""

    def __call__(self, known: Misconception, question: Question) -> Answer: ...


class Ran:
    """What known mistakes answer, found by running them, each on a question once."""

    def __init__(self) -> None:
        self._answers: dict[tuple[str, int], Answer] = {}
        self._kept: list[Question] = []  # so that no id is used twice

    def __call__(self, known: Misconception, question: Question) -> Answer:
        key = (known.name, id(question))
        if key not in self._answers:
            self._kept.append(question)
            self._answers[key] = answer_of(known.definition, question)
        return self._answers[key]


def answer_of(subject: Any, question: Question) -> dict[str, Any]:
    """What an implementation of the course's own answers, on the CPU, as a sandbox would say it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            arguments = question.args, dict(question.kwargs)
            return {"observation": run_probe(question.probe, subject, "cpu", *arguments)}
    except Exception as error:
        types = [kind.__name__ for kind in type(error).__mro__]
        return {"raised": {"types": types, "message": str(error)}}


def same_answer(question: Question, ours: Answer, theirs: Answer, device: str) -> bool:
    """Whether two answers to a question are alike: the same exception, or the same observation."""
    if "raised" in ours or "raised" in theirs:
        return _same_exception(ours.get("raised"), theirs.get("raised"))
    mine, other = ours.get("observation"), theirs.get("observation")
    if not isinstance(mine, dict) or not isinstance(other, dict):
        return False
    if mine.keys() - {SHOWN} != other.keys() - {SHOWN}:
        return False
    scale = max(1.0, largest_input([question.args, question.kwargs]))
    tolerance = Tolerance(scale=scale).on(device)
    for key, value in mine.items():
        if key == SHOWN:
            continue
        if key == "devices" and value == ["cpu"]:
            value = [device]
        if compare(value, other[key], tolerance) is not None:
            return False
    return True


def _same_exception(ours: object, theirs: object) -> bool:
    """Of one type, with one message but for its numbers."""
    if not isinstance(ours, dict) or not isinstance(theirs, dict):
        return False
    return kind_of(ours) == kind_of(theirs)


def kind_of(raised: Mapping[str, Any]) -> tuple[str, str]:
    """What two exceptions of one kind share: the type's name, and the message but for numbers."""
    types = raised.get("types")
    kind = types[0] if isinstance(types, list) and types else None
    return kind if isinstance(kind, str) else "", re.sub(r"\d+", "0", _said(raised))


def _said(raised: Mapping[str, Any]) -> str:
    """An exception's message; nothing but text is ever formatted: a tensor's text has no bound."""
    message = raised.get("message")
    return message[:_LONGEST_MESSAGE] if isinstance(message, str) else ""


def left_on_the_cpu(answer: Answer, device: str) -> bool:
    """Whether an answer shows a tensor on another device than the run's."""
    raised = answer.get("raised")
    if isinstance(raised, dict):
        return "device" in _said(raised)
    observation = answer.get("observation")
    return isinstance(observation, dict) and observation.get("devices") not in ([device], [])


def _size(value: object) -> int:
    """How much memory a plain value takes, in bytes and roughly."""
    if isinstance(value, torch.Tensor):
        return 512 + value.nbytes
    if isinstance(value, (list, tuple)):
        return 64 + sum(map(_size, value))
    if isinstance(value, Mapping):
        return 64 + sum(_size(key) + _size(item) for key, item in value.items())
    return 64 + (len(value) if isinstance(value, (str, bytes)) else 0)


def _hints(mistakes: Iterable[KnownMistake]) -> set[str]:
    return {known.hint for known in mistakes}


def _best(mistakes: Sequence[Known], score: Callable[[Known], int]) -> list[Known]:
    if len(_hints(mistakes)) < 2:
        return list(mistakes)
    scores = [score(known) for known in mistakes]
    return [known for known, own in zip(mistakes, scores, strict=True) if own == max(scores)]
