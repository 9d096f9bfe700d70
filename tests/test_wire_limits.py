"""How much one reply may hold: far more than any answer of the course, and not much memory."""

from __future__ import annotations

import struct

import msgpack
import pytest
from answers import right
from frames import HEADER, MIB, TENSOR, TUPLE, array_of, extension, frame, identical, read
from recording import of_the_course

from grader.sandbox.wire import REPLY_LIMITS, WireError, encode

# a byte can be an empty list, which takes eighty


@pytest.mark.parametrize(
    "item",
    [b"\x90", b"\x80", b"\xc0", b"\x81\xa0\xc0", b"\x91\xc0", extension(TUPLE, b"\x90")],
    ids=bytes.hex,
)
def test_more_values_than_any_answer_has_are_refused(item):
    def nested(count: int) -> bytes:  # in lists of a hundred: none of them is long
        return array_of(count) + (array_of(100) + item * 100) * count

    assert len(read(frame(nested(100)))) == 100
    with pytest.raises(WireError, match="too many values"):
        read(frame(nested(328)))


@pytest.mark.parametrize("inner", [b"\x90", b"\xc0"])
def test_values_are_counted_through_tuples(inner):
    def tuples(count: int) -> bytes:
        return array_of(count) + extension(TUPLE, array_of(1000) + inner * 1000) * count

    assert len(read(frame(tuples(32)))) == 32
    with pytest.raises(WireError, match="too many values"):
        read(frame(tuples(33)))


@pytest.mark.parametrize("head", [b"\xdd", b"\xdf"], ids=["list", "dict"])
def test_a_claim_of_more_than_any_answer_has_is_refused_unread(head):
    structure = head + struct.pack(">I", REPLY_LIMITS.values + 1) + bytes(REPLY_LIMITS.values * 3)
    with pytest.raises(WireError, match="malformed"):
        read(frame(structure))


def test_more_tensors_than_any_answer_has_are_refused():
    empty = extension(TENSOR, msgpack.packb(["int8", [0], 0, []]))

    def full(count: int) -> bytes:
        return frame(array_of(count) + empty * count)

    assert len(read(full(REPLY_LIMITS.tensors))) == REPLY_LIMITS.tensors
    with pytest.raises(WireError, match="too many tensors"):
        read(full(REPLY_LIMITS.tensors + 1))


@pytest.mark.parametrize(("claimed", "sent"), [(0, 1), (1, 64), (16, 33), (100, MIB)])
def test_bytes_that_are_no_tensors_are_refused(claimed, sent):
    """One number that is kept would keep all of them."""
    description = extension(TENSOR, msgpack.packb(["uint8", [claimed], 0, []]))
    structure = b"\xc0" if claimed == 0 else description
    assert read(frame(structure, bytes(claimed))) is not structure
    with pytest.raises(WireError, match="bytes of no tensor"):
        read(frame(structure, bytes(sent)))


def test_the_largest_answers_of_the_course_are_far_below_the_limits():
    for asked in of_the_course().asked.values():
        for number, (_, expectation) in enumerate(asked):
            answer = {"key": bytes(16), "number": number, "answer": right(expectation)}
            data = encode(answer)
            _, structure, blob = HEADER.unpack(data[: HEADER.size])
            assert structure < REPLY_LIMITS.structure / 50
            assert blob < REPLY_LIMITS.blob / 10
            assert identical(read(data), answer)
