"""Numbers to places on a picture: a linear or a logarithmic axis with round marks."""

from __future__ import annotations

import math
from dataclasses import dataclass

_ROUND = (1.0, 2.0, 2.5, 5.0, 10.0)
_WIDE = (
    30.0  # numbers that differ by more than this factor need a logarithmic axis to be told apart
)
_NOTHING = 1e-12  # below this a loss is nothing at all


@dataclass(frozen=True)
class Scale:
    """An axis from `low` to `high`, drawn from `start` to `end`; `marks` are its round numbers."""

    low: float
    high: float
    start: float
    end: float
    marks: tuple[float, ...]
    logarithmic: bool = False

    def __call__(self, value: float) -> float:
        """Where a number stands; one beyond the axis stands at its end."""
        share = (self._along(value) - self._along(self.low)) / (
            self._along(self.high) - self._along(self.low)
        )
        return round(self.start + min(max(share, 0.0), 1.0) * (self.end - self.start), 2)

    def _along(self, value: float) -> float:
        return math.log10(max(value, _NOTHING)) if self.logarithmic else value


def scale(values: list[float], start: float, end: float) -> Scale:
    """The axis that shows these numbers; linear, with zero, where they are of one magnitude."""
    low, high = min(values), max(values)
    if low > _NOTHING and high / low > _WIDE:
        return _logarithmic(low, high, start, end)
    low, high = min(low, 0.0), max(high, 0.0)
    high = high if high - low > _NOTHING else 1.0
    step = _step((high - low) / 4)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    marks = tuple(float(f"{place * step:.10g}") for place in range(first, last + 1))
    return Scale(marks[0], marks[-1], start, end, marks)


def steps(count: int, start: float, end: float) -> Scale:
    """The axis of the numbers 1 to `count`, such as epochs, with marks at whole ones."""
    stride = max(1, math.ceil(_step(count / 6)))
    marks = [1, *range(stride, count + 1, stride)]
    if len(marks) > 1 and marks[1] - marks[0] < stride / 2 + 0.5:
        marks.pop(0 if marks[1] == 1 else 1)
    return Scale(1.0, max(float(count), 2.0), start, end, tuple(map(float, dict.fromkeys(marks))))


def _logarithmic(low: float, high: float, start: float, end: float) -> Scale:
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    stride = max(1, math.ceil((last - first) / 5))
    marks = tuple(10.0**power for power in range(first, last + 1, stride))
    return Scale(10.0**first, max(10.0**last, marks[-1]), start, end, marks, logarithmic=True)


def _step(rough: float) -> float:
    power = 10.0 ** math.floor(math.log10(rough))
    return next(round_ * power for round_ in _ROUND if round_ * power >= rough * (1 - 1e-9))
