"""What probes report of a value is what it holds, whatever the value says of itself."""

from __future__ import annotations

import itertools
import math
from collections import Counter, OrderedDict, defaultdict, namedtuple
from collections.abc import Iterator, Mapping
from enum import IntEnum
from types import MappingProxyType
from typing import Any

import numpy
import pytest
import torch

from grader.probes.observe import devices, place, plain, same
from grader.sandbox import wire


class Number(int):
    def __int__(self) -> int:
        raise AssertionError("asked for its own opinion")


class Fraction(float):
    def __float__(self) -> float:
        raise AssertionError("asked for its own opinion")


class Text(str):
    def __str__(self) -> str:
        raise AssertionError("asked for its own opinion")

    __getitem__ = encode = __str__  # type: ignore[assignment]


class Endless(Mapping[str, int]):
    """Also with a dict's and a list's methods, where it is given them."""

    def __iter__(self) -> Iterator[Any]:
        return map(str, itertools.count())

    def __getitem__(self, key: str) -> int:
        return 0

    def __len__(self) -> int:
        return 1


class EndlessList(list[int]):
    __iter__ = Endless.__iter__


class EndlessDict(dict[str, int]):
    def items(self) -> Any:
        return Endless().items()


class Claims:
    """No instance of what it says that it is an instance of."""

    def __init__(self, kind: type) -> None:
        self.kind = kind

    __class__ = property(lambda self: self.kind)  # type: ignore[assignment]


class Nameless(type):
    __name__ = property(lambda self: 7)  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = type.__hash__


class Colour(IntEnum):
    RED = 3


Pair = namedtuple("Pair", "left right")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Number(3), 3),
        (Fraction(0.5), 0.5),
        (Text("text"), "text"),
        (EndlessList([1, 2]), [1, 2]),
        (EndlessDict(a=1), {"a": 1}),
        (Colour.RED, 3),
        (numpy.float64(0.5), 0.5),
        (torch.Size([2, 3]), [2, 3]),
        (Pair(1, (2,)), [1, [2]]),
        (OrderedDict(b=1, a=2), {"b": 1, "a": 2}),
        (defaultdict(int, a=1), {"a": 1}),
        (Counter("aab"), {"a": 2, "b": 1}),
        (MappingProxyType({1: "x"}), {"1": "x"}),
        (1 << 70, {"type": "a huge int"}),
        ("\ud800", "\\ud800"),
        (True, True),
        (None, None),
        (b"bytes", {"type": "bytes"}),
        (Claims(bool), {"type": "Claims"}),
        (Claims(dict), {"type": "Claims"}),
        (Claims(torch.Tensor), {"type": "Claims"}),
        (Nameless("Mine", (), {})(), {"type": "Mine"}),
    ],
    ids=lambda value: type.__dict__["__name__"].__get__(type(value)),
)
def test_a_value_is_reported_as_what_it_holds(value: Any, expected: Any) -> None:
    found = plain(value)
    assert found == expected
    assert type(found) is type(expected)
    wire.encode(found)


@pytest.mark.parametrize(
    "kind", [type(torch.Tensor), type("Alike", (Nameless, type(torch.Tensor)), {})]
)
def test_a_tensor_of_a_subclass_is_reported_by_its_name(kind: type) -> None:
    subclass = kind("Parameter", (torch.Tensor,), {})
    value = torch.zeros(2).as_subclass(subclass)  # type: ignore[type-var]
    assert plain([value]) == [{"type": "Parameter"}]
    assert devices([value]) == []


def test_what_never_ends_is_cut() -> None:
    nested: list[Any] = [0]
    for _ in range(6):
        nested = [nested] * 100
    for value in (Endless(), [Endless()] * 3, nested):
        structure = wire.encode(plain(value))
        assert len(structure) < 1 << 17
        assert devices(value) == []


def test_devices_are_those_of_tensors_at_any_depth() -> None:
    assert devices({"a": [torch.zeros(1), (torch.nn.Parameter(torch.zeros(1)), 3)]}) == ["cpu"]
    assert devices([Claims(torch.Tensor), "cpu", 0]) == []


@pytest.mark.parametrize(
    "change",
    [
        lambda x: x.add_(1),
        lambda x: x[-1:].mul_(2),
        lambda x: x[:1].neg_(),
        lambda x: setattr(x, "data", x.double()),
        lambda x: setattr(x, "data", x.unsqueeze(0)),
        lambda x: setattr(x, "__class__", type("Silent", (torch.Tensor,), {})),
    ],
    ids=["all", "the last", "a zero's sign", "dtype", "shape", "class"],
)
def test_every_change_of_an_input_is_seen(change: Any) -> None:
    given = torch.tensor([0.0, math.nan, 2.0])
    copy = place(given, "cpu")
    assert same(copy, given)
    change(copy)
    assert not same(copy, given)
    assert not same([{"x": copy}], [{"x": given}])
