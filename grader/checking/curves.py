"""Numbers over steps that an observation holds, and how the student's are set beside the reference.

A picture of how a loss went says more than its first wrong number. Which observations hold such
numbers, and what they are called, stands here by probe. The numbers of an answer are a student's:
they are read strictly, bounded, and rounded to what a picture shows.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from grader.checking.question import Question
from grader.probes.observe import SHOWN

MOST_STEPS = 200  # of a curve
LEAST_STEPS = 3  # two losses are told as well in words
_LARGEST = 1e30  # beyond it, a loss has gone astray as surely as at infinity
_DIGITS = 6

_LOSSES = ("value", "losses")
_EPOCHS = "Loss over the epochs"
_PICTURES = "Loss over the epochs on small pictures"
# By probe: what the numbers are, and where in its observation they stand.
_PLACES: dict[str, tuple[str, Sequence[str]]] = {
    "learn": (_PICTURES, _LOSSES),
    "learns": (_PICTURES, (SHOWN,)),
    "run_train": (_EPOCHS, _LOSSES),
    "epoch_losses": (_EPOCHS, ("value",)),
    "run_fit": (_EPOCHS, _LOSSES),
    "descent": (_EPOCHS, (SHOWN,)),
    "run_fit_module": (_EPOCHS, _LOSSES),
    "module_descent": (_EPOCHS, (SHOWN,)),
}


@dataclass(frozen=True)
class ReferenceCurve:
    """The numbers over steps that a right implementation gives to a question.

    Of more numbers than a picture needs only each `stride`-th is kept.
    """

    question: Question
    title: str
    numbers: tuple[float, ...]
    stride: int

    @property
    def steps(self) -> int:
        return len(self.numbers) * self.stride

    def of_another(self, answer: Mapping[str, Any]) -> tuple[float, ...]:
        """The numbers over the same steps in a student's answer; none where there are none."""
        return numbers(self.question.probe, answer, self.stride)


def reference_curve(question: Question, answer: Mapping[str, Any]) -> ReferenceCurve | None:
    """The curve of a right answer; None where it holds none, or one too short for a picture."""
    every = numbers(question.probe, answer, most=None)
    if len(every) < LEAST_STEPS:
        return None
    stride = math.ceil(len(every) / MOST_STEPS)
    return ReferenceCurve(question, _PLACES[question.probe][0], every[::stride], stride)


def longer(curve: ReferenceCurve | None, other: ReferenceCurve | None) -> ReferenceCurve | None:
    """The one with more steps; of equals, the first."""
    if curve is None or (other is not None and other.steps > curve.steps):
        return other
    return curve


def numbers(
    probe: str, answer: Mapping[str, Any], stride: int = 1, most: int | None = MOST_STEPS
) -> tuple[float, ...]:
    """Each `stride`-th of the numbers over steps in an answer, up to the first that is not finite.

    Nothing where one is no number: what else a student returns is no curve.
    """
    if probe not in _PLACES:
        return ()
    found: object = answer.get("observation")
    for key in _PLACES[probe][1]:
        found = found.get(key) if isinstance(found, dict) else None
    if not isinstance(found, list):
        return ()
    kept: list[float] = []
    for value in found[::stride][:most]:
        number = _number(value)
        if number is None:
            return ()
        if not abs(number) <= _LARGEST:  # NaN is no smaller either
            break
        kept.append(float(f"{number:.{_DIGITS}g}"))
    return tuple(kept)


def _number(value: object) -> float | None:
    """A float, an int or a tensor of shape () as a float; None for anything else."""
    if isinstance(value, torch.Tensor):
        value = value.item() if value.dim() == 0 and value.dtype != torch.bool else None
    return float(value) if type(value) in (int, float) else None  # type: ignore[arg-type]  # exact types
