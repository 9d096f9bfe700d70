"""What the examiner holds a sandbox's bytes against is what a sandbox sends."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from grader.checking.diagnosis import Evidence
from grader.checking.expectations import Raises
from grader.checking.question import Question
from grader.sandbox import wire
from grader.sandbox.answers import Answer, SandboxLost, segments
from grader.sandbox.client import Clock, Purse, Sandbox
from grader.sandbox.watch import Room

KEY = bytes(range(16))
VALUES = st.lists(
    st.one_of(
        st.integers(-(1 << 40), 1 << 40),
        st.floats(allow_nan=False),
        st.text(max_size=40),
        st.lists(st.floats(width=32, allow_nan=False), max_size=9).map(torch.tensor),
    ),
    max_size=4,
)


def sent(answers: list[dict[str, Any]]) -> list[bytes]:
    """The frames of a sandbox that answers this."""
    return [
        wire.encode({"key": KEY, "number": number, "answer": answer})
        for number, answer in enumerate(answers)
    ]


@given(st.lists(st.fixed_dictionaries({"observation": VALUES}), max_size=300))
def test_what_is_expected_is_what_a_sandbox_sends_that_answers_so(answers) -> None:
    expected = segments([wire.encode_parts(answer) for answer in answers])
    assert KEY.join(expected) == b"".join(sent(answers))
    assert len(expected) == len(answers) + 1


@pytest.mark.parametrize("number", [0, 127, 128, 255, 256, 65536])
def test_an_answer_is_known_by_its_bytes_whatever_its_number(number: int) -> None:
    answer = {"observation": {"value": torch.tensor([1.0, 2.0])}}
    frame = wire.encode({"key": KEY, "number": number, "answer": answer})
    parts = wire.parts_within(memoryview(frame), 1 << 20, 1 << 20)
    assert parts is not None
    structure, blob, _ = parts
    found = Answer(structure, blob, KEY, number)
    other = {"observation": {"value": torch.tensor([1.0, 3.0])}}
    assert found.is_one_of([wire.encode_parts(other), wire.encode_parts(answer)])
    assert not found.is_one_of([wire.encode_parts(other)])
    assert not Answer(structure, blob, KEY, number + 1).is_one_of([wire.encode_parts(answer)])


# a sandbox that sends what it is told to send, piece by piece

TALKER = """
import os, socket, sys
from grader.sandbox import wire
from grader.sandbox.forkserver import ForkServer

def serve(channel):
    channel.sendall(wire.encode({"ready": [], "folder": sys.argv[2]}))
    reader = wire.FrameReader(channel.recv, wire.REQUEST_LIMITS)
    message, told = reader.read(), reader.read()
    data = bytearray(message["key"].join(told["segments"]) + told["more"])
    for place in told["flipped"]:
        data[place] ^= 1
    del data[told["length"]:]
    for start in range(0, len(data), told["piece"]):
        channel.sendall(data[start : start + told["piece"]])

ForkServer(socket.socket(fileno=int(sys.argv[1])), serve).run()
"""
ANSWERS = [{"observation": {"value": torch.arange(float(n)), "n": n}} for n in range(40)]
ENCODED = [wire.encode_parts(answer) for answer in ANSWERS]
WHOLE = len(KEY.join(segments(ENCODED)))
GENEROUS = Clock(60.0, 60.0, 60.0)


@pytest.fixture(scope="module")
def control(tmp_path_factory: pytest.TempPathFactory) -> Iterator[socket.socket]:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    folder = str(tmp_path_factory.mktemp("sandbox"))
    command = [sys.executable, "-c", TALKER, str(theirs.fileno()), folder]
    with subprocess.Popen(
        command, pass_fds=[theirs.fileno()], cwd=Path(__file__).parent.parent, env=dict(os.environ)
    ) as server:
        theirs.close()
        with ours:
            yield ours
        assert server.wait(60) == 0


def told(sandbox: Sandbox, **changes: Any) -> bytes:
    """The key of a question to which a sandbox answers ANSWERS, but for some changes."""
    what = {"segments": segments(ENCODED), "more": b"", "flipped": [], "length": WHOLE + 999}
    return sandbox.put(wire.encode({**what, "piece": 1 << 20, **changes}), GENEROUS)


@pytest.mark.parametrize("piece", [1, 1000, 1 << 20])
def test_exact_answers_are_found_however_they_come(control: socket.socket, piece: int) -> None:
    sandbox = Sandbox(control, Room(), Purse())
    more = wire.encode({"key": KEY, "number": 0, "answer": {}})
    key = told(sandbox, piece=piece, more=more)
    assert sandbox.answers_exactly(key, segments(ENCODED))
    (left,) = sandbox.answers(KEY, [100])  # what comes after them is not lost
    assert left.read() == {}
    sandbox.close()


@pytest.mark.parametrize("piece", [100, 1 << 20])
def test_where_one_answer_differs_all_are_left_to_be_read(
    control: socket.socket, piece: int
) -> None:
    sandbox = Sandbox(control, Room(), Purse())
    key = told(sandbox, piece=piece, flipped=[WHOLE - 1])  # in the last number
    assert not sandbox.answers_exactly(key, segments(ENCODED))
    found = list(sandbox.answers(key, [1000] * len(ANSWERS)))
    right = [answer.is_one_of([known]) for answer, known in zip(found, ENCODED, strict=True)]
    assert right == [True] * (len(ANSWERS) - 1) + [False]
    assert found[-1].read()["observation"]["value"][-1] != ANSWERS[-1]["observation"]["value"][-1]
    sandbox.close()


def test_a_sandbox_that_ends_among_its_answers_is_lost_after_them(control: socket.socket) -> None:
    sandbox = Sandbox(control, Room(), Purse())
    key = told(sandbox, length=WHOLE - 10)
    assert not sandbox.answers_exactly(key, segments(ENCODED))
    found = []
    with pytest.raises(SandboxLost, match="exit status 0"):
        for answer in sandbox.answers(key, [1000] * len(ANSWERS)):
            found.append(answer.is_one_of(ENCODED))
    assert found == [True] * (len(ANSWERS) - 1)
    sandbox.close()


@pytest.mark.parametrize("asked", [1, 59, 60, 61, 200])
def test_what_is_noted_of_a_whole_check_is_what_is_noted_of_each_question(asked: int) -> None:
    questions = [Question("numbers", "double", "call", (number,), {}) for number in range(asked)]
    expectations = [Raises(("ValueError",)) for _ in questions]
    whole, each = Evidence(), Evidence()
    whole.add_right(questions, expectations)
    for question, expectation in zip(questions, expectations, strict=True):
        each.add(question, expectation, None)
    drawn = expectations[asked // 2 :]
    assert whole.rightly(drawn) == each.rightly(drawn)  # before anybody has asked for the questions
    assert whole.right == each.right
    assert whole.rightly(drawn) == each.rightly(drawn)
    for one in (whole, each):
        one.add(questions[0], expectations[0], {"missing": "double"})
        one.add(questions[0], expectations[0], None)
    assert (whole.wrong, whole.right) == (each.wrong, each.right)
