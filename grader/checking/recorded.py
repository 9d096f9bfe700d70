"""What known mistakes answer to public checks, recorded: a diagnosis without their source.

A record holds hints, public questions as digests, and wrong answers. It holds no right answer and
no code. What it does not hold is never guessed: an answer to a question that was not recorded
counts for no mistake and against none.
"""

from __future__ import annotations

import functools
import hashlib
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from grader.checking.diagnosis import (
    Answer,
    Evidence,
    Explaining,
    kind_of,
    left_on_the_cpu,
    same_answer,
)
from grader.checking.question import Question
from grader.probes.observe import PLAIN_DTYPES, SHOWN

FORMAT = 1
UNRECORDED: Answer = {}  # a wrong answer too large to be recorded: no other is like it
_LONGEST_ANSWER = 5000  # characters
_DIGEST = 16  # hexadecimal digits
# The digits of numbers in an answer: ten times finer than two answers of one kind may differ.
_DIGITS = {torch.float64: 10}
_FEWER = 8
_DTYPES = {str(dtype).removeprefix("torch."): dtype for dtype in PLAIN_DTYPES}
_TEXTS_OF = 4096  # float elements up to which a tensor in a question is told by its numbers


@dataclass(frozen=True)
class RecordedMistake:
    """A known mistake by what it says and does: `wrong` are its wrong answers, by question's key.

    To every other question of its function that was recorded its answer is right.
    """

    name: str
    function: str
    hint: str
    needs_gpu: bool = False
    wrong: Mapping[str, Answer] = field(default_factory=dict)


@dataclass(frozen=True)
class RecordedCheck:
    """The keys of the questions that a check was recorded with.

    `examples` are arguments for a check of a property: what it draws is another thing with each
    release of hypothesis, and these are the ones whose questions were recorded.
    """

    keys: tuple[str, ...]
    examples: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class Records:
    """What was recorded of one exercise: its known mistakes, and its checks by name."""

    mistakes: tuple[RecordedMistake, ...] = ()
    checks: Mapping[str, RecordedCheck] = field(default_factory=dict)

    def as_data(self) -> dict[str, Any]:
        """As JSON has it: each answer once, and the keys by number."""
        keys = [key for check in self.checks.values() for key in check.keys]
        numbers = {key: number for number, key in enumerate(dict.fromkeys(keys))}
        answers: dict[str, int] = {}
        mistakes = []
        for known in self.mistakes:
            wrong = []
            for key, answer in known.wrong.items():
                text = _text(answer_to_json(answer))
                wrong.append([numbers[key], answers.setdefault(text, len(answers))])
            mistakes.append([known.name, known.function, known.hint, known.needs_gpu, wrong])
        return {
            "format": FORMAT,
            "checks": {
                name: {
                    "questions": [numbers[key] for key in check.keys],
                    "examples": [to_json(example) for example in check.examples],
                }
                for name, check in self.checks.items()
            },
            "questions": list(numbers),
            "mistakes": mistakes,
            "answers": [json.loads(text) for text in answers],
        }

    @staticmethod
    def from_data(data: Mapping[str, Any], function: str | None = None) -> Records:
        """The other way round, of one function alone where it is named.

        ValueError, KeyError or TypeError where it is no such data.
        """
        if data["format"] != FORMAT:
            raise ValueError(f"format {data['format']}; this grader reads {FORMAT}")
        keys = data["questions"]
        answer = functools.cache(lambda number: answer_from_json(data["answers"][number]))
        mistakes = tuple(
            RecordedMistake(
                *(name, about, hint, needs_gpu),
                {keys[one]: answer(number) for one, number in wrong},
            )
            for name, about, hint, needs_gpu, wrong in data["mistakes"]
            if function in (None, about)
        )
        checks = {
            name: RecordedCheck(
                tuple(keys[number] for number in check["questions"]),
                tuple(from_json(example) for example in check["examples"]),
            )
            for name, check in data["checks"].items()
        }
        return Records(mistakes, checks)

    @staticmethod
    def read(file: Path, function: str | None = None) -> Records:
        """What a handout holds of an exercise, or of one function; nothing without such a file.

        ValueError names a file that is there and holds no records.
        """
        try:
            return Records.from_data(json.loads(file.read_text(encoding="utf-8")), function)
        except FileNotFoundError:
            return Records()
        except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
            raise ValueError(f"{file}: holds no recorded mistakes: {error}") from None


# what a student's function answered, as records know it


@dataclass(frozen=True)
class Seen:
    """A recorded question and a student's answer to it: None where it was right."""

    key: str
    question: Question | None = None
    answer: Answer | None = None


@dataclass(frozen=True)
class Sight:
    """What one check showed of a student's function, as far as records know the questions."""

    decisive: Sequence[Seen] = ()
    right: Sequence[Seen] = ()

    @staticmethod
    def of(check: str, evidence: Evidence, recorded: RecordedCheck) -> Sight:
        """The part of what a check asked that was recorded."""
        known = set(recorded.keys)
        wrong = [Seen(key_of(check, a.question), a.question, a.answer) for a in evidence.decisive]
        right = [Seen(key_of(check, a.question)) for a in evidence.right]
        return Sight(
            [one for one in wrong if one.key in known], [one for one in right if one.key in known]
        )

    @staticmethod
    def of_passed(recorded: RecordedCheck) -> Sight:
        """Of a check that was passed: what it was recorded with is right, whatever it asked."""
        return Sight((), [Seen(key) for key in recorded.keys])


class RecordedDiagnosis(Explaining[RecordedMistake, Seen]):
    """Finds the known mistake behind wrong answers by what was recorded of the known ones."""

    def _agrees(self, known: RecordedMistake, asked: Seen) -> bool:
        if asked.answer is None:
            return not self._is_wrong(known, asked)
        if known.needs_gpu:
            return left_on_the_cpu(asked.answer, self._device)
        answer = known.wrong.get(asked.key)
        if answer is None or asked.question is None:
            return False
        if "raised" in answer or "raised" in asked.answer:
            raised = asked.answer.get("raised")
            return isinstance(raised, dict) and answer.get("raised") == _kind_text(raised)
        return same_answer(asked.question, answer, asked.answer, self._device)

    def _is_wrong(self, known: RecordedMistake, asked: Seen) -> bool:
        return asked.answer is not None if known.needs_gpu else asked.key in known.wrong


# keys


def key_of(check: str, question: Question) -> str:
    """A question of a check, as a digest that does not depend on the last bits of its numbers."""
    told = f"{check}\n{question.function}\n{question.probe}\n"
    told += _told([list(question.args), dict(question.kwargs)])
    return hashlib.sha256(told.encode("utf-8", "backslashreplace")).hexdigest()[:_DIGEST]


def _told(value: Any) -> str:
    """Plain data as text, floats to four digits: another machine's logarithm may end otherwise."""
    if isinstance(value, torch.Tensor):
        flat = value.detach().cpu().contiguous().reshape(-1)
        if value.is_floating_point() and flat.numel() <= _TEXTS_OF:
            numbers = ",".join(f"{number:.4g}" for number in flat.tolist())
        else:
            numbers = hashlib.sha256(flat.view(torch.uint8).numpy().tobytes()).hexdigest()
        return f"{value.dtype}{list(value.shape)}:{numbers}"
    if isinstance(value, (list, tuple)):
        return f"[{';'.join(map(_told, value))}]"
    if isinstance(value, Mapping):
        return f"{{{';'.join(f'{key!r}={_told(item)}' for key, item in value.items())}}}"
    return f"{value:.4g}" if isinstance(value, float) else repr(value)


# answers and examples as JSON


def answer_as_recorded(answer: Mapping[str, Any]) -> Answer:
    """A wrong answer as a record keeps it; UNRECORDED where it is too large or no plain data."""
    if "raised" in answer:
        return {"raised": _kind_text(answer["raised"])}
    observation = {key: value for key, value in answer["observation"].items() if key != SHOWN}
    try:
        data = to_json(observation)
    except TypeError:
        return UNRECORDED
    if len(_text(data)) > _LONGEST_ANSWER:
        return UNRECORDED
    return {"observation": from_json(data)}


def _kind_text(raised: Mapping[str, Any]) -> str:
    """The kind of an exception, its message as a digest: the text may be a line of a mistake's."""
    kind, message = kind_of(raised)
    digest = hashlib.sha256(message.encode("utf-8", "backslashreplace")).hexdigest()[:_DIGEST]
    return f"{kind} {digest}"


def answer_to_json(answer: Answer) -> Any:
    if "observation" in answer:
        return to_json(answer["observation"])
    return answer.get("raised")


def answer_from_json(data: Any) -> Answer:
    if data is None:
        return UNRECORDED
    return {"raised": data} if isinstance(data, str) else {"observation": from_json(data)}


def to_json(value: Any) -> Any:
    """Plain data as JSON that leads back to it; TypeError for anything else."""
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return _float_to_json(value, _FEWER)
    if isinstance(value, torch.Tensor) and value.dtype in PLAIN_DTYPES:
        flat = value.detach().reshape(-1).tolist()
        if value.is_floating_point():
            digits = _DIGITS.get(value.dtype, _FEWER)
            flat = [_float_to_json(number, digits) for number in flat]
        return {str(value.dtype).removeprefix("torch."): flat, "shape": list(value.shape)}
    if isinstance(value, torch.dtype):
        return {"dtype": str(value).removeprefix("torch.")}
    if isinstance(value, list):
        return [to_json(item) for item in value]
    if isinstance(value, tuple):
        return {"tuple": [to_json(item) for item in value]}
    if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
        return {"dict": {key: to_json(item) for key, item in value.items()}}
    raise TypeError(f"{type(value).__name__} is not recorded")


def from_json(data: Any) -> Any:
    """What `to_json` was given; ValueError or KeyError where it is not of its making."""
    if isinstance(data, list):
        return [from_json(item) for item in data]
    if not isinstance(data, dict):
        return data
    kind, inside = next(iter(data.items()))
    if kind == "float":
        return float(inside)
    if kind == "tuple":
        return tuple(from_json(item) for item in inside)
    if kind == "dict":
        return {key: from_json(item) for key, item in inside.items()}
    if kind == "dtype":
        return _DTYPES[inside]
    numbers = [from_json(number) for number in inside]
    return torch.tensor(numbers, dtype=_DTYPES[kind]).reshape(data["shape"])


def _float_to_json(number: float, digits: int) -> Any:
    rounded = float(f"{number:.{digits}g}")
    return rounded if math.isfinite(rounded) else {"float": str(rounded)}


def _text(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def records_text(records: Records, **about: str) -> str:
    """Records as the text of their file, one mistake and one check a line; `about` comes first."""
    lines = []
    for name, value in {**about, **records.as_data()}.items():
        if isinstance(value, (list, dict)) and value:
            entries: Iterable[str]
            if isinstance(value, dict):
                entries = (f"{_text(key)}:{_text(item)}" for key, item in value.items())
                lines.append(f'"{name}":{{\n' + ",\n".join(entries) + "\n}")
            else:
                lines.append(f'"{name}":[\n' + ",\n".join(map(_text, value)) + "\n]")
        else:
            lines.append(f'"{name}":{_text(value)}')
    return "{\n" + ",\n".join(lines) + "\n}\n"
