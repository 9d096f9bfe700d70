"""Frames that were well-formed once: flipped, cut, spliced, and with other lengths."""

from __future__ import annotations

import struct
import tracemalloc
from typing import Any

import msgpack
import pytest
import torch
from frames import (
    HEADER,
    MIB,
    QUICK,
    TENSOR,
    TUPLE,
    extension,
    frame,
    identical,
    read,
    sent,
    tensor_frame,
    tensors,
    values,
)
from fuzz.executions import mutated, seeds, try_bytes
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.sandbox.wire import DTYPE_NAMES, WireError, encode, tensor_bytes

# what the long search does, for a moment


def test_the_inputs_where_the_search_begins_break_no_promise():
    for data in seeds():
        try_bytes(data)


@settings(QUICK, max_examples=300)
@given(st.randoms(use_true_random=False))
def test_inputs_near_those_break_no_promise(generator):
    starts = seeds()
    try_bytes(mutated(generator.choice(starts), starts, generator))


@settings(QUICK, max_examples=200)
@given(st.binary(max_size=200))
def test_inputs_that_make_structures_break_no_promise(data):
    try_bytes(b"\xff" + data)


# one by one, what a mutation would rarely find


def refused(data: bytes) -> bool:
    """Whether a frame is refused; what is not refused is a value that travels."""
    tracemalloc.start()
    try:
        value = read(data)
    except (WireError, EOFError):
        return True
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 300 * len(data) + MIB // 4
    assert identical(sent(value), value)
    return False


@QUICK
@given(values, st.data())
def test_a_frame_of_other_lengths_is_refused_or_a_value(value, data):
    whole = encode(value)
    _, structure, blob = HEADER.unpack(whole[: HEADER.size])
    lengths = st.sampled_from([0, 1, structure, blob, structure + 1, 1 << 16, (1 << 32) - 1])
    claimed = HEADER.pack(b"TGW1", data.draw(lengths), data.draw(lengths))
    refused(claimed + whole[HEADER.size :])


@QUICK
@given(values, values, st.data())
def test_two_frames_spliced_are_refused_or_a_value(left, right, data):
    one, other = encode(left), encode(right)
    cut, place = data.draw(st.integers(0, len(one))), data.draw(st.integers(0, len(other)))
    refused(one[:cut] + other[place:])
    refused(one[: HEADER.size] + other[HEADER.size :])


@QUICK
@given(values)
def test_a_frame_that_lost_its_end_is_refused_wherever_it_is_cut(value):
    whole = encode(value)
    for kept in range(0, len(whole), max(1, len(whole) // 40)):
        with pytest.raises((EOFError, WireError)):
            read(whole[:kept])


@QUICK
@given(values, st.data())
def test_a_structure_with_an_entry_twice_is_refused_or_a_value(value, data):
    whole = encode(value)
    _, size, _ = HEADER.unpack(whole[: HEADER.size])
    structure, blob = whole[HEADER.size :][:size], whole[HEADER.size + size :]
    start = data.draw(st.integers(0, size))
    end = data.draw(st.integers(start, size))
    refused(frame(structure[:end] + structure[start:], blob))
    refused(frame(structure[:start] + structure[end:], blob))
    refused(frame(b"\x92" + structure * 2, blob * 2))


@QUICK
@given(
    st.recursive(
        st.one_of(st.binary(max_size=6), values.map(lambda value: encode(value)[HEADER.size :])),
        lambda inner: st.tuples(st.sampled_from([TENSOR, TUPLE, 0, 127]), inner).map(
            lambda pair: extension(*pair)
        ),
        max_leaves=4,
    )
)
def test_extensions_in_extensions_are_refused_or_a_value(structure):
    refused(frame(structure))
    refused(frame(b"\x92\xc0" + structure, bytes(64)))


SIZES = st.sampled_from([0, 1, 2, 3, 1 << 16, 1 << 31, 1 << 32, (1 << 40) - 1, 1 << 62])


@settings(QUICK, max_examples=200)
@given(
    st.sampled_from(sorted(DTYPE_NAMES.values())),
    st.lists(SIZES, max_size=17),
    st.one_of(SIZES, st.integers(0, 5).map(lambda place: 16 * place)),
    st.randoms(use_true_random=False),
)
def test_a_tensor_of_any_claimed_shape_is_refused_or_a_value(name, shape, offset, generator):
    order = list(range(len(shape)))
    generator.shuffle(order)
    for blob in (b"", bytes(range(64))):
        refused(tensor_frame([name, shape, offset, []], blob))
        refused(tensor_frame([name, shape, offset, order], blob))


@QUICK
@given(st.lists(st.tuples(st.integers(0, 70), st.integers(0, 70)), min_size=2, max_size=6))
def test_tensors_over_the_same_bytes_are_refused_or_values(claims):
    blob = bytes(range(64))
    described = [
        extension(TENSOR, msgpack.packb(["uint8", [count], offset, []])) for count, offset in claims
    ]
    is_refused = refused(frame(bytes([0x90 | len(claims)]) + b"".join(described), blob))
    if sum(count for count, _ in claims) > len(blob):
        assert is_refused


def test_a_value_that_shares_bytes_with_another_is_not_changed_with_it():
    half = extension(TENSOR, msgpack.packb(["bool", [32], 0, []]))
    first, second = read(frame(b"\x92" + half * 2, bytes([7]) * 64))
    first.zero_()
    assert bool(second.all())


# what must arrive as it is


@pytest.mark.parametrize(
    ("dtype", "bits"),
    [
        (torch.float64, ">Q7ff8000000000001"),
        (torch.float64, ">Qfff0000000000001"),
        (torch.float32, ">I7fc00001"),
        (torch.float32, ">Iff800001"),
        (torch.float16, ">H7e01"),
        (torch.bfloat16, ">Hff81"),
    ],
    ids=str,
)
def test_the_payload_of_a_nan_arrives(dtype, bits):
    raw = struct.pack("<" + bits[1], int(bits[2:], 16))
    tensor = torch.frombuffer(bytearray(raw * 3), dtype=dtype)
    assert tensor.isnan().all()
    assert tensor_bytes(sent(tensor)) == raw * 3


def test_a_tensor_of_the_most_dimensions_arrives_in_any_order():
    tensor = torch.arange(96).reshape(2, 1, 3, 1, 1, 2, 1, 1, 2, 1, 1, 2, 1, 1, 1, 2)
    backwards = list(reversed(range(16)))
    for shown in (tensor, tensor.permute(backwards), tensor.permute(*range(8, 16), *range(8))):
        assert identical(sent(shown), shown)
    with pytest.raises(WireError, match="malformed shape"):
        sent(tensor.unsqueeze(0))


@QUICK
@given(tensors(), st.data())
def test_any_view_of_a_tensor_arrives_as_what_it_shows(tensor, data):
    shown: Any = tensor.unsqueeze(data.draw(st.integers(0, tensor.dim())))
    shown = shown.expand(
        *(data.draw(st.sampled_from([n, 2 if n == 1 else n])) for n in shown.shape)
    )
    shown = shown[..., :: data.draw(st.integers(1, 3))]
    shown = shown.flip(0) if data.draw(st.booleans()) else shown
    assert identical(sent(shown), shown.clone(memory_format=torch.contiguous_format))
