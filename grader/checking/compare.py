"""Compares two observations, plain data against plain data, and says where they differ.

`got` is untrusted: it may lack what is expected or hold anything of the wire's grammar.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch

from grader.checking.words_values import (
    Part,
    cut,
    is_listed,
    number_text,
    part_text,
    value_text,
    with_article,
)
from grader.outcome import Apart, Contrast, Element
from grader.probes.observe import SHOWN

# torch.testing.assert_close's own (relative, absolute) tolerances
_TOLERANCES = {
    torch.float16: (1e-3, 1e-5),
    torch.bfloat16: (1.6e-2, 1e-5),
    torch.float32: (1.3e-6, 1e-5),
    torch.float64: (1e-7, 1e-7),
}
_PYTHON_FLOAT = (1e-5, 1e-7)
_GPU_FACTOR = 10.0  # other orders of summation, fused multiply-adds
SIDE_EFFECTS = "side effects"  # a difference in what was changed beside the result
_SOME = 8  # elements that differ are told with their values
_OF_ANOTHER_KIND = 200  # characters shown of what is no such thing as was expected


@dataclass(frozen=True)
class Tolerance:
    """torch's tolerances; the absolute one scaled by max(1, largest |input|), all by `factor`."""

    scale: float = 1.0
    factor: float = 1.0

    def on(self, device: str) -> Tolerance:
        """As it is on the CPU, where the reference runs; wider on another device."""
        return self if device == "cpu" else Tolerance(self.scale, self.factor * _GPU_FACTOR)

    def of(self, dtype: torch.dtype) -> tuple[float, float]:
        """Relative and absolute tolerance for a float dtype."""
        relative, absolute = _TOLERANCES[dtype]
        return relative * self.factor, absolute * self.factor * self.scale

    def of_float(self) -> tuple[float, float]:
        """Relative and absolute tolerance for Python floats."""
        relative, absolute = _PYTHON_FLOAT
        return relative * self.factor, absolute * self.factor * self.scale


def largest_input(value: Any) -> float:
    """The largest finite |x| among all float tensors in plain data."""
    if isinstance(value, torch.Tensor):
        if not value.is_floating_point() or value.numel() == 0:
            return 0.0
        return float(value.detach().abs().nan_to_num(0.0, 0.0, 0.0).max())
    if isinstance(value, (list, tuple)):
        return max(map(largest_input, value), default=0.0)
    if isinstance(value, Mapping):
        return max(map(largest_input, value.values()), default=0.0)
    return 0.0


@dataclass(frozen=True)
class Difference:
    """Where two values part.

    `part` leads to the part of what was observed, () where it is the value itself; `what` names
    what is no part of it.
    """

    part: Part
    contrast: Contrast
    what: str = ""

    @staticmethod
    def of(part: Part, expected: str, got: str, *notes: str, what: str = "") -> Difference:
        """Where nothing is to be told but two texts, and a word to them."""
        return Difference(part, Contrast(expected, got, notes), what)

    def placed(self, place: str | None = None) -> Contrast:
        """The two texts; `place` is what the part is called, default as Python names it."""
        name = self.what or (part_text(self.part) if place is None else place)
        return replace(self.contrast, place=name)


def compare_observations(
    expected: Mapping[str, Any], got: Mapping[str, Any], tolerance: Tolerance, device: str
) -> Difference | None:
    """The first difference between what the reference and what the student's function did."""
    for key, wanted in expected.items():
        if key in ("changed", "devices", SHOWN):
            continue
        if key == "graph":
            if got.get("graph") is not True and wanted:
                return Difference.of(
                    (),
                    "a result that autograd can differentiate",
                    "a result cut off from its inputs",
                    "stay in torch: no .item(), .detach(), .data or numpy on the way",
                    what="the gradient",
                )
            continue
        if key not in got and "value" in got:  # another kind of thing than the reference made
            return Difference.of((), f"something with {key}", value_text(got["value"]))
        difference = compare(wanted, got.get(key), tolerance, (key,))
        if difference is not None:
            return difference
        if key not in got:  # None is expected: that nothing was said of it is not the same
            return Difference.of((key,), value_text(wanted), "nothing")
    if got.get("changed") != []:
        texts = "nothing else changed", cut(f"changed: {changed_text(got)}")
        return Difference.of((), *texts, what=SIDE_EFFECTS)
    if "devices" not in expected:
        return None
    return _device_difference(expected["devices"], got.get("devices"), device)


def changed_text(got: Mapping[str, Any]) -> str:
    """What a function changed that it should have left alone, by name; "" for nothing."""
    changed = got.get("changed")
    named = isinstance(changed, list) and all(isinstance(name, str) for name in changed)
    return ", ".join(changed) if isinstance(changed, list) and named else "?"


def _device_difference(expected: object, got: object, device: str) -> Difference | None:
    wanted = [device] if expected == ["cpu"] else expected
    if wanted == got:
        return None
    return Difference.of((), value_text(wanted), value_text(got), what="the device of the result")


def compare(expected: Any, got: Any, tolerance: Tolerance, part: Part = ()) -> Difference | None:
    """The first difference between two plain values; None where they agree."""
    if isinstance(expected, torch.Tensor):
        return _compare_tensors(expected, got, tolerance, part)
    if type(expected) is not type(got):
        texts = _outline(expected), cut(value_text(got), _OF_ANOTHER_KIND)
        return Difference.of(part, *texts, *_kinds(got))
    if isinstance(expected, float):
        relative, absolute = tolerance.of_float()
        close = math.isclose(expected, got, rel_tol=relative, abs_tol=absolute)
        if close or (math.isnan(expected) and math.isnan(got)):
            return None
    elif isinstance(expected, (list, tuple)):
        return _compare_lists(expected, got, tolerance, part)
    elif isinstance(expected, dict):
        return _compare_dicts(expected, got, tolerance, part)
    elif expected == got:
        return None
    return Difference.of(part, value_text(expected), value_text(got))


def _compare_lists(
    expected: Sequence[Any], got: Sequence[Any], tolerance: Tolerance, part: Part
) -> Difference | None:
    if len(expected) != len(got):
        note = f"{len(expected)} entries are expected, {len(got)} came"
        return Difference.of(part, value_text(expected), value_text(got), note)
    for position, (wanted, found) in enumerate(zip(expected, got, strict=True)):
        difference = compare(wanted, found, tolerance, (*part, position))
        if difference is not None:
            return difference
    return None


def _compare_dicts(
    expected: dict[str, Any], got: dict[str, Any], tolerance: Tolerance, part: Part
) -> Difference | None:
    if set(got) == {"type"} and set(expected) != {"type"}:
        return Difference.of(part, _outline(expected), value_text(got))
    if expected.keys() != got.keys():
        missing = [key for key in expected if key not in got]
        extra = [key for key in got if key not in expected]
        notes = [f"missing: {', '.join(missing)}"] if missing else []
        notes += [f"not expected: {', '.join(extra)}"] if extra else []
        texts = cut(", ".join(expected)), cut(", ".join(got)) or "none"
        return Difference.of(part, *texts, *map(cut, notes))
    for key, wanted in expected.items():
        difference = compare(wanted, got[key], tolerance, (*part, key))
        if difference is not None:
            return difference
    return None


def _outline(expected: Any) -> str:
    """What is expected where something of another kind came; of a dict its keys."""
    if not isinstance(expected, dict):
        return value_text(expected)
    return cut("{" + ", ".join(f"{key!r}: …" for key in expected) + "}")


def _compare_tensors(
    expected: torch.Tensor, got: Any, tolerance: Tolerance, part: Part
) -> Difference | None:
    """Where a tensor is not as expected; None where it is. Equal bits come first."""
    if not isinstance(got, torch.Tensor):
        return Difference.of(part, value_text(expected), value_text(got), *_kinds(got))
    shape = dtype = apart = None
    if expected.shape != got.shape:
        shape = str(tuple(expected.shape)), str(tuple(got.shape))
    if expected.dtype != got.dtype:
        dtype = str(expected.dtype), str(got.dtype)
    if shape is None and dtype is None:
        if torch.equal(expected, got):
            return None
        apart = _apart(expected, got, tolerance)
        if apart is None:
            return None
    texts = value_text(expected), value_text(got)
    return Difference(part, Contrast(*texts, shape=shape, dtype=dtype, apart=apart))


def _apart(expected: torch.Tensor, got: torch.Tensor, tolerance: Tolerance) -> Apart | None:
    """Which elements of two tensors of one shape and dtype differ; None where none does."""
    if expected.is_floating_point():
        relative, absolute = tolerance.of(expected.dtype)
        wrong = ~torch.isclose(got, expected, relative, absolute, equal_nan=True)
    else:
        wrong = expected != got
    count = int(wrong.sum())
    if count == 0:
        return None
    flat = wrong.reshape(-1).nonzero().reshape(-1)
    positions = flat.tolist() if is_listed(expected) else []
    some = flat[:_SOME].tolist()
    worst = _worst(expected, got, wrong)
    if worst not in some:
        some = sorted([*some[: _SOME - 1], worst])
    elements = [_element(expected, got, position) for position in some]
    furthest = elements[some.index(worst)]
    said = (f"{tensor[furthest.index].item():g}" for tensor in (expected, got))
    return Apart(
        tuple(expected.shape),
        count,
        Element(furthest.index, *said),
        tuple(elements),
        tuple(positions),
    )


def _worst(expected: torch.Tensor, got: torch.Tensor, wrong: torch.Tensor) -> int:
    """The position of the element that is furthest off, of those that are wrong."""
    if not expected.is_floating_point():
        expected, got = expected.double(), got.double()
    apart = (expected - got).abs().nan_to_num(math.inf, math.inf, math.inf)
    return int(apart.masked_fill(~wrong, -1.0).reshape(-1).argmax())


def _element(expected: torch.Tensor, got: torch.Tensor, position: int) -> Element:
    index = []
    for length in reversed(expected.shape):
        index.append(position % length)
        position //= length
    place = tuple(reversed(index))
    return Element(place, *(number_text(tensor[place].item()) for tensor in (expected, got)))


def _kinds(got: Any) -> tuple[str, ...]:
    if got is None:
        return ("nothing came: None",)
    if isinstance(got, dict) and set(got) == {"type"}:
        return ()
    return (f"{with_article(type(got).__name__)} came",)
