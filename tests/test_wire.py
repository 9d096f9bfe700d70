"""The wire: whatever is sent arrives as it was, and hostile bytes are refused in bounded memory."""

from __future__ import annotations

import io
import math
import struct
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import msgpack
import pytest
import torch
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from grader.probes.observe import PLAIN_DTYPES
from grader.sandbox.wire import (
    REPLY_LIMITS,
    FrameLimits,
    FrameReader,
    WireError,
    decode,
    encode,
    tensor_bytes,
)

HEADER = struct.Struct("!4sII")
DTYPES = sorted(PLAIN_DTYPES, key=str)
TENSOR, TUPLE = 1, 2  # the wire's two extensions of msgpack
MIB = 1 << 20
HEAVY_SIZE = MIB // 4  # of structure: a quarter of what a reply may have
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


# what is sent arrives


@QUICK
@given(values)
def test_every_value_of_the_grammar_arrives_as_it_was_sent(value):
    assert identical(sent(value), value)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("shape", [(), (0,), (2, 0, 3), (1,), (5,), (2, 3), (2, 3, 4, 5)], ids=str)
def test_a_tensor_of_any_dtype_and_shape_arrives(dtype, shape):
    tensor = (torch.arange(math.prod(shape)) % 2).to(dtype).reshape(shape)
    assert identical(sent(tensor), tensor)


@pytest.mark.parametrize("dtype", [d for d in DTYPES if d.is_floating_point], ids=str)
def test_nan_infinities_and_minus_zero_arrive_bit_by_bit(dtype):
    tensor = torch.tensor([math.nan, math.inf, -math.inf, -0.0], dtype=dtype)
    assert identical(sent(tensor), tensor)
    assert identical(sent([math.nan, math.inf, -math.inf, -0.0]), tensor.double().tolist())


@QUICK
@given(st.permutations(range(4)))
def test_a_transposed_tensor_arrives_transposed(order):
    tensor = torch.arange(120).reshape(2, 3, 4, 5).permute(order)
    arrived = sent(tensor)
    assert torch.equal(arrived, tensor)
    assert arrived.stride() == tensor.stride()


@pytest.mark.parametrize(
    "view",
    [
        torch.ones(3).expand(4, 3),
        torch.ones(()).expand(5),
        torch.ones(1).expand(1, 1),
        torch.arange(10)[::3],
        torch.arange(12).reshape(3, 4)[:, 1:3],
        torch.arange(1)[::2],
    ],
    ids=["expanded", "a stretched scalar", "one element", "strided", "a window", "one of a stride"],
)
def test_a_view_arrives_as_what_it_shows(view):
    assert identical(sent(view), view.clone(memory_format=torch.contiguous_format))


def test_a_parameter_and_a_differentiable_result_arrive_as_tensors_without_a_graph():
    parameter = torch.nn.Parameter(torch.tensor([1.0, 2.0]))
    for arrived in sent([parameter, parameter * 2]):
        assert type(arrived) is torch.Tensor
        assert not arrived.requires_grad


def test_two_tensors_that_share_memory_arrive_as_two():
    tensor = torch.tensor([1, 2, 3])
    first, second = sent([tensor, tensor])
    first[0] = 9
    assert second.tolist() == [1, 2, 3]


def test_tuples_and_lists_stay_apart_at_any_depth():
    value = ((1, [2, (3,)]), [], (), {"a": ((),)})
    assert identical(sent(value), value)


@pytest.mark.parametrize(
    "value",
    [object(), {1, 2}, 1j, 1 << 64, -(1 << 63) - 1, range(3), torch.float32],
    ids=lambda value: type(value).__name__,
)
def test_what_is_outside_the_grammar_is_not_sent(value):
    with pytest.raises(TypeError, match="cannot travel"):
        encode({"value": [value]})


@pytest.mark.parametrize("tensor", [torch.ones(2, dtype=torch.complex64)], ids=["complex"])
def test_a_tensor_of_another_dtype_is_not_sent(tensor):
    with pytest.raises(TypeError, match="complex64 cannot travel"):
        encode(tensor)


def test_subclasses_of_plain_types_are_not_sent():
    class Text(str):
        __slots__ = ()

    class Number(int):
        pass

    for value in (Text("a"), Number(1)):
        with pytest.raises(TypeError, match="cannot travel"):
            encode(value)


# frames are cut from a stream


def test_frames_that_follow_each_other_are_read_one_by_one():
    stream = io.BytesIO(encode([1]) + encode(torch.tensor([2.0])) + encode("three"))
    reader = FrameReader(stream.read, REPLY_LIMITS)
    assert reader.read() == [1]
    assert reader.read().tolist() == [2.0]
    assert reader.read() == "three"
    with pytest.raises(EOFError):
        reader.read()


def test_a_frame_that_trickles_in_byte_by_byte_is_read():
    stream = io.BytesIO(encode({"tensor": torch.arange(5)}))
    reader = FrameReader(lambda size: stream.read(1), REPLY_LIMITS)
    assert reader.read()["tensor"].tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("kept", [0, 5, 12, 20])
def test_a_stream_that_ends_early_is_no_answer(kept):
    data = encode({"tensor": torch.arange(5)})
    with pytest.raises(EOFError, match="closed the connection"):
        read(data[:kept])


def test_a_frame_of_another_kind_is_refused():
    with pytest.raises(WireError, match="not a frame"):
        read(frame(b"\xc0", magic=b"HTTP"))


@pytest.mark.parametrize(("structure", "blob"), [(101, 0), (0, 201), (2**32 - 1, 2**32 - 1)])
def test_a_frame_over_the_limits_is_refused_before_it_is_read(structure, blob):
    stream = io.BytesIO(HEADER.pack(b"TGW1", structure, blob) + bytes(400))
    with pytest.raises(WireError, match="over the size limit"):
        FrameReader(stream.read, FrameLimits(structure=100, blob=200)).read()
    assert stream.tell() == HEADER.size


def test_a_frame_exactly_at_the_limits_is_read():
    data = encode([torch.zeros(50), "x" * 50])
    _, structure, blob = HEADER.unpack(data[: HEADER.size])
    assert read(data, FrameLimits(structure, blob))[1] == "x" * 50


def test_a_frame_that_claims_much_and_sends_little_costs_little():
    tracemalloc.start()
    with pytest.raises(EOFError):
        read(HEADER.pack(b"TGW1", REPLY_LIMITS.structure, REPLY_LIMITS.blob) + bytes(100))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 * MIB


# hostile structures


@pytest.mark.parametrize(
    "structure",
    [
        b"",
        b"\xc1",
        b"\xc0\xc0",
        b"\x92\xc0",
        b"\xd9\x05ab",
        b"\xa2\xff\xfe",
        array_of(2**32 - 1),
        b"\xdf\xff\xff\xff\xff",
        b"\xd6\xff" + bytes(4),  # a timestamp of msgpack
        extension(0, b""),
        extension(99, b"anything"),
        extension(TUPLE, b""),
        extension(TUPLE, b"\xc0"),
        extension(TUPLE, b"\x80"),
        extension(TUPLE, b"\x91"),
        extension(TENSOR, b""),
        extension(TENSOR, extension(TENSOR, b"")),
        extension(TENSOR, extension(TUPLE, b"\x90")),
    ],
    ids=lambda structure: structure.hex() or "empty",
)
def test_a_malformed_structure_is_refused(structure):
    with pytest.raises(WireError):
        read(frame(structure))


@pytest.mark.parametrize(
    "key", [1, True, None, 1.5, b"key", [1], (1,), {"a": 1}, torch.zeros(1)], ids=lambda k: type(k)
)
def test_a_key_that_is_no_string_is_refused(key):
    head = HEADER.size
    packed = encode(key)
    structure = b"\x81" + packed[head : head + HEADER.unpack(packed[:head])[1]] + b"\xc0"
    with pytest.raises(WireError):
        read(frame(structure, bytes(16)))


@pytest.mark.parametrize(
    "wrap", [lambda v: [v], lambda v: (v,), lambda v: {"a": v}], ids=["list", "tuple", "dict"]
)
def test_what_is_nested_too_deeply_is_refused(wrap):
    assert identical(sent(nested(24, wrap)), nested(24, wrap))
    with pytest.raises(WireError, match="nested too deeply"):
        sent(nested(25, wrap))


def test_depth_counts_through_all_kinds_of_containers():
    def wrap(value: Any) -> Any:
        return [({"a": value},)]

    assert identical(sent(nested(8, wrap)), nested(8, wrap))
    with pytest.raises(WireError, match="nested too deeply"):
        sent([nested(8, wrap)])


def test_thousands_of_nested_tuples_do_not_end_the_process():
    script = """
import msgpack
from grader.sandbox.wire import WireError, decode
data = b"\\xc0"
for _ in range(20_000):
    data = msgpack.packb(msgpack.ExtType(2, b"\\x91" + data))
try:
    decode(data, bytearray())
except WireError as error:
    print(error)
"""
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False
    )
    assert (run.returncode, run.stdout) == (0, "values nested too deeply\n")


@pytest.mark.parametrize("item", [b"\x91", b"\x81\xa0", b"\xdd\x00\x0f\x00\x00"], ids=bytes.hex)
def test_a_structure_of_nothing_but_openings_is_refused(item):
    with pytest.raises(WireError, match="malformed"):
        decode(full_of(item)[5:], bytearray())


# hostile tensors


@pytest.mark.parametrize("name", ["complex64", "float8_e4m3fn", "", "torch.float32", "Tensor", 1])
def test_a_tensor_of_unknown_dtype_is_refused(name):
    with pytest.raises(WireError, match="unknown dtype"):
        read(tensor_frame([name, [1], 0, []], bytes(64)))


@pytest.mark.parametrize(
    "description",
    [None, {}, [], ["float32"], ["float32", [1], 0], ["float32", [1], 0, [], 0], "float32"],
    ids=repr,
)
def test_a_tensor_that_is_not_described_is_refused(description):
    with pytest.raises(WireError, match="malformed tensor"):
        read(tensor_frame(description, bytes(64)))


@pytest.mark.parametrize(
    "shape",
    [None, 3, "2", [-1], [True], [1.0], ["1"], [None], [[1]], [1 << 40], [1] * 17],
    ids=repr,
)
def test_a_tensor_of_malformed_shape_is_refused(shape):
    with pytest.raises(WireError, match="malformed shape"):
        read(tensor_frame(["float32", shape, 0, []], bytes(64)))


@pytest.mark.parametrize("offset", [-16, -1, None, 0.0, True, "0", 1 << 40, (1 << 64) - 1])
def test_a_tensor_of_malformed_offset_is_refused(offset):
    with pytest.raises(WireError):
        read(tensor_frame(["float32", [1], offset, []], bytes(64)))


@pytest.mark.parametrize(
    ("shape", "offset"),
    [([17], 0), ([1], 64), ([5], 48), ([1], 1), ([1], 8), ([1 << 39, 1 << 39], 0), ([], 1 << 39)],
)
def test_a_tensor_outside_its_frame_is_refused(shape, offset):
    with pytest.raises(WireError, match="outside its frame"):
        read(tensor_frame(["float32", shape, offset, []], bytes(64)))


def test_a_tensor_in_a_frame_without_any_is_refused():
    with pytest.raises(WireError, match="outside its frame"):
        read(tensor_frame(["uint8", [], 0, []]))


def test_a_tensor_may_end_where_its_frame_ends():
    assert read(tensor_frame(["float32", [4], 48, []], bytes(64))).tolist() == [0.0] * 4


@pytest.mark.parametrize(
    "order",
    [[0], [0, 0], [0, 1, 2], [1, 2], [-1, 0], [0, "1"], [0, None], [0, [1]], {}, None, "01", 5],
    ids=repr,
)
def test_an_order_that_is_no_permutation_is_refused(order):
    with pytest.raises(WireError):
        read(tensor_frame(["uint8", [2, 2], 0, order], bytes(16)))


def test_tensors_that_share_bytes_beyond_their_frame_are_refused():
    """Else 1 MiB of descriptions could ask for 64 MiB of copies each."""
    whole = extension(TENSOR, msgpack.packb(["bool", [MIB], 0, []]))
    assert len(read(frame(b"\x91" + whole, bytes(MIB)))) == 1
    with pytest.raises(WireError, match="larger than their frame"):
        read(frame(b"\x92" + whole + whole, bytes(MIB)))


@pytest.mark.parametrize(
    "shape", [[0, 1 << 39], [1 << 39, 0], [1 << 39] * 15 + [0], [0] * 16, [1 << 39, 1 << 39, 0]]
)
def test_an_empty_tensor_of_huge_shape_is_read_or_refused(shape):
    try:
        tensor = read(tensor_frame(["float64", shape, 0, []]))
    except WireError:
        return
    assert tensor.numel() == 0
    assert list(tensor.shape) == shape


def test_a_bool_is_true_or_false_whatever_its_byte():
    tensor = read(tensor_frame(["bool", [2, 3], 0, [1, 0]], bytes([0, 1, 2, 128, 255, 0])))
    assert tensor.tolist() == [[False, True], [True, True], [True, False]]
    assert set(tensor_bytes(tensor)) == {0, 1}


# whatever comes, a value or a refusal, in bounded time and memory


def value_or_refusal(data: bytes) -> None:
    try:
        value = read(data)
    except (WireError, EOFError):
        return
    assert identical(sent(value), value)


@QUICK
@given(st.binary(max_size=200))
def test_random_bytes_give_a_value_or_a_refusal(data):
    value_or_refusal(data)


@QUICK
@given(st.binary(max_size=100), st.binary(max_size=64))
@example(b"\x91" * 100, b"")
def test_a_random_structure_gives_a_value_or_a_refusal(structure, blob):
    value_or_refusal(frame(structure, blob))


@QUICK
@given(
    st.lists(
        st.one_of(
            st.sampled_from(["float32", "bool", "int64", "", []]),
            st.integers(-1, 70),
            st.lists(st.integers(-1, 1 << 41), max_size=3),
        ),
        max_size=5,
    ),
    st.binary(max_size=64),
)
def test_a_random_description_gives_a_tensor_or_a_refusal(description, blob):
    value_or_refusal(tensor_frame(description, blob))


@settings(QUICK, max_examples=200)
@given(st.data())
def test_a_valid_frame_that_was_tampered_with_gives_a_value_or_a_refusal(data):
    changed = bytearray(encode(data.draw(values)))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(4, len(changed)))
        kind = data.draw(st.sampled_from(["replace", "insert", "remove"]))
        if kind == "insert":
            changed[place:place] = data.draw(st.binary(min_size=1, max_size=4))
        elif place < len(changed):
            changed[place : place + 1] = (
                bytes([data.draw(st.integers(0, 255))]) if kind == "replace" else b""
            )
    value_or_refusal(bytes(changed))


HEAVY = {
    "lists": full_of(b"\x90"),
    "dicts": full_of(b"\x80"),
    "dicts of one": full_of(b"\x81\xa0\xc0"),
    "nested dicts": full_of(b"\x81\xa0" * 20 + b"\xc0"),
    "tuples": full_of(extension(TUPLE, b"\x91\xc0")),
    "wide characters": b"\xdb" + struct.pack(">I", HEAVY_SIZE) + "😀".encode() * (HEAVY_SIZE // 4),
    "empty tensors": full_of(extension(TENSOR, msgpack.packb(["int8", [0], 0, []]))),
    "bools over bools": full_of(extension(TENSOR, msgpack.packb(["bool", [MIB], 0, []]))),
    "small bools": full_of(extension(TENSOR, msgpack.packb(["bool", [], 0, []]))),
    "arrays of claims": array_of(HEAVY_SIZE) * (HEAVY_SIZE // 5),
    "a thousand claims": padded(array_of(HEAVY_SIZE) * 1000),
}


def peak_rss() -> int:
    with open("/proc/self/status", encoding="ascii") as status:
        return next(int(line.split()[1]) << 10 for line in status if line.startswith("VmHWM"))


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("name", HEAVY)
def test_a_reply_takes_at_most_two_hundred_times_its_size(name):
    blob = bytearray(MIB)
    with open("/proc/self/clear_refs", "w", encoding="ascii") as clear:
        clear.write("5")  # the peak starts anew
    before, started = peak_rss(), time.process_time()
    try:
        value = decode(HEAVY[name], blob)
    except WireError:
        value = None
    assert peak_rss() - before < 200 * HEAVY_SIZE
    assert time.process_time() - started < 5
    del value


@pytest.mark.parametrize("name", ["arrays of claims", "a thousand claims"])
def test_what_is_only_claimed_is_not_allocated(name):
    tracemalloc.start()
    try:
        decode(HEAVY[name], bytearray())
    except WireError:
        pass
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 200 * MIB
