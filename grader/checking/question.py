"""A question: one use of one function of an exercise, by one probe, on given inputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch


@dataclass(frozen=True)
class Question:
    """One use of one function by one probe."""

    exercise: str
    function: str
    probe: str
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]

    @property
    def numbers(self) -> int:
        """How many numbers its inputs hold: the measure of a small counterexample."""
        return _count_numbers([self.args, self.kwargs])

    def as_data(self) -> dict[str, Any]:
        """The question as it travels to a sandbox."""
        return {
            "function": self.function,
            "probe": self.probe,
            "args": list(self.args),
            "kwargs": dict(self.kwargs),
        }


def _count_numbers(value: Any) -> int:
    if isinstance(value, torch.Tensor):
        return value.numel()
    if isinstance(value, Mapping):
        return sum(map(_count_numbers, value.values()))
    if isinstance(value, (list, tuple)):
        return sum(map(_count_numbers, value))
    return 1
