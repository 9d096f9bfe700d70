"""Whatever comes over the wire is a value or a clean refusal, in bounded time and memory."""

from __future__ import annotations

import struct
import subprocess
import sys
import tracemalloc
from typing import Any

import msgpack
import pytest
import torch
from frames import (
    HEADER,
    HEAVY_SIZE,
    MIB,
    QUICK,
    TENSOR,
    TUPLE,
    array_of,
    extension,
    frame,
    full_of,
    identical,
    nested,
    padded,
    read,
    sent,
    tensor_frame,
    values,
)
from hypothesis import example, given, settings
from hypothesis import strategies as st

from grader.sandbox.wire import (
    WireError,
    decode,
    encode,
    tensor_bytes,
)

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
    [([17], 0), ([1], 64), ([5], 48), ([1], 1), ([1], 8), ([1 << 20, 1 << 19], 0), ([], 1 << 39)],
)
def test_a_tensor_outside_its_frame_is_refused(shape, offset):
    with pytest.raises(WireError, match="outside its frame"):
        read(tensor_frame(["float32", shape, offset, []], bytes(64)))


def test_a_tensor_in_a_frame_without_any_is_refused():
    with pytest.raises(WireError, match="outside its frame"):
        read(tensor_frame(["uint8", [], 0, []]))


def test_a_tensor_may_end_where_its_frame_ends():
    before, last = (
        extension(TENSOR, msgpack.packb(description))
        for description in (["uint8", [48], 0, []], ["float32", [4], 48, []])
    )
    assert read(frame(b"\x92" + before + last, bytes(64)))[1].tolist() == [0.0] * 4


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


@pytest.mark.parametrize("shape", [[0, 1 << 39], [1 << 39, 0], [0] * 16, [1 << 20, 0, 1 << 19]])
def test_an_empty_tensor_of_huge_shape_arrives(shape):
    tensor = read(tensor_frame(["float64", shape, 0, []]))
    assert list(tensor.shape) == shape
    assert identical(sent(tensor), tensor)


@pytest.mark.parametrize(
    "shape", [[1 << 39] * 15 + [0], [1 << 39, 1 << 39, 0], [0, 1 << 20, 1 << 20], [1 << 39, 2]]
)
@pytest.mark.parametrize("backwards", [False, True])
def test_a_shape_whose_product_could_overflow_is_refused_even_where_it_is_empty(shape, backwards):
    """Found by the fuzzer: such a tensor could be read in one order of dimensions alone."""
    order = list(reversed(range(len(shape)))) if backwards else []
    with pytest.raises(WireError, match="malformed shape"):
        read(tensor_frame(["float64", shape, 0, order]))


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
    before = peak_rss()
    try:
        value = decode(HEAVY[name], blob)
    except WireError:
        value = None
    assert peak_rss() - before < 200 * HEAVY_SIZE
    del value


@pytest.mark.parametrize("name", HEAVY)
def test_a_reply_takes_work_in_proportion_to_its_size(name):
    calls = 0

    def count(frame: object, event: str, arg: object) -> None:
        nonlocal calls
        calls += event.endswith("call")

    sys.setprofile(count)
    try:
        decode(HEAVY[name], bytearray(MIB))
    except WireError:
        pass
    finally:
        sys.setprofile(None)
    assert calls < 2 * HEAVY_SIZE


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
