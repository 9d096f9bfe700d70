"""The wire: whatever is sent arrives as it was, and hostile bytes are refused in bounded memory."""

from __future__ import annotations

import io
import math
import tracemalloc

import pytest
import torch
from frames import (
    DTYPES,
    HEADER,
    MIB,
    QUICK,
    frame,
    identical,
    read,
    sent,
    values,
)
from hypothesis import given
from hypothesis import strategies as st

from grader.sandbox.wire import (
    REPLY_LIMITS,
    FrameLimits,
    FrameReader,
    WireError,
    decode,
    decode_trusted,
    encode,
    encode_parts,
    encoded,
)

# what is sent arrives


@QUICK
@given(values)
def test_every_value_of_the_grammar_arrives_as_it_was_sent(value):
    assert identical(sent(value), value)


@QUICK
@given(values)
def test_what_is_read_without_a_doubt_is_what_is_read_with_doubts(value):
    structure, blob = encode_parts(value)
    with_doubts = decode(structure, bytearray(blob))
    without = decode_trusted(structure, bytearray(blob))
    assert identical(without, with_doubts)
    for left, right in zip(tensors_in(without), tensors_in(with_doubts), strict=True):
        assert left.stride() == right.stride() or left.numel() == 0
        left.zero_()  # a function may write to its input


def tensors_in(value):
    if isinstance(value, torch.Tensor):
        return [value]
    items = value.values() if isinstance(value, dict) else value
    inside = items if isinstance(value, (dict, list, tuple)) else ()
    return [tensor for item in inside for tensor in tensors_in(item)]


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


@QUICK
@given(st.lists(values, max_size=6), st.integers(0, 200))
def test_frames_that_are_sent_together_are_as_many_and_in_order(several, together):
    sendings = list(encoded(several, together))
    assert b"".join(sendings) == b"".join(map(encode, several))
    last = [len(encode(value)) for value in several]
    assert all(len(one) <= together + max(last) + HEADER.size * len(last) for one in sendings)


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
