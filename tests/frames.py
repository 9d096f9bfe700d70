"""Frames for the tests of the wire, well-formed and not."""

from __future__ import annotations

import io
import math
import struct
from collections.abc import Callable
from typing import Any

import msgpack
import torch
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from grader.probes.observe import PLAIN_DTYPES
from grader.sandbox.wire import (
    REPLY_LIMITS,
    FrameLimits,
    FrameReader,
    encode,
    tensor_bytes,
)

HEADER = struct.Struct("!4sII")
DTYPES = sorted(PLAIN_DTYPES, key=str)
TENSOR, TUPLE = 1, 2  # the wire's two extensions of msgpack
MIB = 1 << 20
HEAVY_SIZE = MIB // 4  # of structure: all that a reply may have
QUICK = settings(
    max_examples=100, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)


def read(data: bytes, limits: FrameLimits = REPLY_LIMITS) -> Any:
    return FrameReader(io.BytesIO(data).read, limits).read()


def sent(value: object) -> Any:
    return read(encode(value))


def frame(structure: bytes, blob: bytes = b"", magic: bytes = b"TGW1") -> bytes:
    return HEADER.pack(magic, len(structure), len(blob)) + structure + blob


def extension(code: int, data: bytes) -> bytes:
    return msgpack.packb(msgpack.ExtType(code, data))


def tensor_frame(description: object, blob: bytes = b"") -> bytes:
    return frame(extension(TENSOR, msgpack.packb(description)), blob)


def array_of(count: int) -> bytes:
    """The head of an array that claims `count` entries."""
    return b"\xdd" + struct.pack(">I", count)


def full_of(item: bytes) -> bytes:
    """A heavy structure: an array of as many of `item` as there is room for."""
    count = (HEAVY_SIZE - 5) // len(item)
    return array_of(count) + item * count


def padded(structure: bytes) -> bytes:
    """A heavy structure that begins with this one; claims as large are then believed."""
    rest = HEAVY_SIZE - 5 - len(structure)
    return structure + b"\xc6" + struct.pack(">I", rest) + bytes(rest)


def nested(depth: int, wrap: Callable[[Any], Any]) -> Any:
    value = None
    for _ in range(depth):
        value = wrap(value)
    return value


def identical(left: Any, right: Any) -> bool:
    """Whether two values are of the same types and equal, tensors byte by byte."""
    if type(left) is not type(right):
        return False
    if isinstance(left, torch.Tensor):
        if (left.shape, left.dtype) != (right.shape, right.dtype):
            return False
        return tensor_bytes(left) == tensor_bytes(right)
    if isinstance(left, (list, tuple)):
        return len(left) == len(right) and all(map(identical, left, right))
    if isinstance(left, dict):
        return list(left) == list(right) and all(identical(left[key], right[key]) for key in left)
    if isinstance(left, float):
        return struct.pack("d", left) == struct.pack("d", right) or (left != left != right)
    return left == right


@st.composite
def tensors(draw: st.DrawFn) -> torch.Tensor:
    """Tensors of every dtype, any bytes in them, in any order of dimensions; some are empty."""
    dtype = draw(st.sampled_from(DTYPES))
    shape = draw(st.lists(st.integers(0, 3), max_size=4))
    size = math.prod(shape) * dtype.itemsize
    raw = draw(st.binary(min_size=size, max_size=size))
    if dtype is torch.bool:
        raw = bytes(byte & 1 for byte in raw)
    flat = torch.frombuffer(bytearray(raw), dtype=dtype) if raw else torch.empty(0, dtype=dtype)
    order = draw(st.permutations(range(len(shape))))
    return flat.reshape(shape).permute(order)


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(1 << 63), (1 << 64) - 1),
    st.floats(),
    texts,
    st.binary(max_size=8),
    tensors(),
)
values = st.recursive(
    scalars,
    lambda items: st.one_of(
        st.lists(items, max_size=4),
        st.lists(items, max_size=4).map(tuple),
        st.dictionaries(texts, items, max_size=4),
    ),
    max_leaves=12,
)
