"""Compares two observations, plain data against plain data, and says where they differ.

`got` is untrusted: it may lack what is expected or hold anything of the wire's grammar.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from grader.checking.words_values import Part, cut, part_text, value_text, with_article
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
    """Where two values part: texts for the student.

    `part` leads to the part of what was observed, () where it is the value itself; `what` names
    what is no part of it.
    """

    part: Part
    expected: str
    got: str
    notes: tuple[str, ...] = ()
    what: str = ""

    def lines(self, place: str | None = None) -> list[str]:
        """For the student; `place` is what the part is called, default as Python names it."""
        name = self.what or (part_text(self.part) if place is None else place)
        heading = [f"{name}:"] if name else []
        return [*heading, f"expected  {self.expected}", f"got       {self.got}", *self.notes]


def compare_observations(
    expected: Mapping[str, Any], got: Mapping[str, Any], tolerance: Tolerance, device: str
) -> Difference | None:
    """The first difference between what the reference and what the student's function did."""
    for key, wanted in expected.items():
        if key in ("changed", "devices", SHOWN):
            continue
        if key == "graph":
            if got.get("graph") is not True and wanted:
                return Difference(
                    (),
                    "a result that autograd can differentiate",
                    "a result cut off from its inputs",
                    ("stay in torch: no .item(), .detach(), .data or numpy on the way",),
                    what="the gradient",
                )
            continue
        if key not in got and "value" in got:  # another kind of thing than the reference made
            return Difference((), f"something with {key}", value_text(got["value"]))
        difference = compare(wanted, got.get(key), tolerance, (key,))
        if difference is not None:
            return difference
        if key not in got:  # None is expected: that nothing was said of it is not the same
            return Difference((key,), value_text(wanted), "nothing")
    changed = got.get("changed")
    if changed != []:
        named = isinstance(changed, list) and all(isinstance(name, str) for name in changed)
        names = ", ".join(changed) if isinstance(changed, list) and named else "?"
        texts = "nothing else changed", cut(f"changed: {names}")
        return Difference((), *texts, what="side effects")
    if "devices" not in expected:
        return None
    return _device_difference(expected["devices"], got.get("devices"), device)


def _device_difference(expected: object, got: object, device: str) -> Difference | None:
    wanted = [device] if expected == ["cpu"] else expected
    if wanted == got:
        return None
    return Difference((), value_text(wanted), value_text(got), what="the device of the result")


def compare(expected: Any, got: Any, tolerance: Tolerance, part: Part = ()) -> Difference | None:
    """The first difference between two plain values; None where they agree."""
    if isinstance(expected, torch.Tensor):
        return _compare_tensors(expected, got, tolerance, part)
    if type(expected) is not type(got):
        texts = _outline(expected), cut(value_text(got), _OF_ANOTHER_KIND)
        return Difference(part, *texts, _kinds(got))
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
    return Difference(part, value_text(expected), value_text(got))


def _compare_lists(
    expected: Sequence[Any], got: Sequence[Any], tolerance: Tolerance, part: Part
) -> Difference | None:
    if len(expected) != len(got):
        note = f"{len(expected)} entries are expected, {len(got)} came"
        return Difference(part, value_text(expected), value_text(got), (note,))
    for position, (wanted, found) in enumerate(zip(expected, got, strict=True)):
        difference = compare(wanted, found, tolerance, (*part, position))
        if difference is not None:
            return difference
    return None


def _compare_dicts(
    expected: dict[str, Any], got: dict[str, Any], tolerance: Tolerance, part: Part
) -> Difference | None:
    if set(got) == {"type"} and set(expected) != {"type"}:
        return Difference(part, _outline(expected), value_text(got))
    if expected.keys() != got.keys():
        missing = [key for key in expected if key not in got]
        extra = [key for key in got if key not in expected]
        notes = [f"missing: {', '.join(missing)}"] if missing else []
        notes += [f"not expected: {', '.join(extra)}"] if extra else []
        texts = cut(", ".join(expected)), cut(", ".join(got)) or "none"
        return Difference(part, *texts, tuple(map(cut, notes)))
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
    notes = _tensor_notes(expected, got, tolerance)
    if notes is None:
        return None
    return Difference(part, value_text(expected), value_text(got), notes)


def _tensor_notes(expected: torch.Tensor, got: Any, tolerance: Tolerance) -> tuple[str, ...] | None:
    """What to say of a tensor that is not as expected; None where it is. Equal bits come first."""
    if not isinstance(got, torch.Tensor):
        return _kinds(got)
    if expected.shape != got.shape:
        return (f"shape {tuple(expected.shape)} is expected, {tuple(got.shape)} came",)
    if expected.dtype != got.dtype:
        return (f"dtype {expected.dtype} is expected, {got.dtype} came",)
    if torch.equal(expected, got):
        return None
    if not expected.is_floating_point():
        return tuple(_worst(expected.double(), got.double()))
    relative, absolute = tolerance.of(expected.dtype)
    if torch.isclose(got, expected, relative, absolute, equal_nan=True).all():
        return None
    return tuple(_worst(expected, got))


def _worst(expected: torch.Tensor, got: torch.Tensor) -> Iterator[str]:
    """Which element is furthest off, where there are several."""
    if expected.numel() < 2:
        return
    apart = (expected - got).abs().nan_to_num(math.inf, math.inf, math.inf)
    apart[expected.isnan() & got.isnan()] = 0.0
    apart[expected == got] = 0.0
    flat = int(apart.reshape(-1).argmax())
    index = []
    for length in reversed(expected.shape):
        index.append(flat % length)
        flat //= length
    place = tuple(reversed(index))
    where = ", ".join(map(str, place))
    yield f"worst at [{where}]: expected {expected[place].item():g}, got {got[place].item():g}"


def _kinds(got: Any) -> tuple[str, ...]:
    if got is None:
        return ("nothing came: None",)
    if isinstance(got, dict) and set(got) == {"type"}:
        return ()
    return (f"{with_article(type(got).__name__)} came",)
