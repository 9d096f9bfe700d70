"""What the fuzzer executes: bytes as a sandbox may send them, through all that reads them."""

from __future__ import annotations

import random
import struct
from typing import Any

import msgpack
import torch
from frames import TENSOR, TUPLE, extension, frame, identical, read, sent

from grader.checking import compare, diagnosis, expectations
from grader.checking.question import Question
from grader.sandbox import wire

LONGEST = 20_100  # characters of a message
EXACT = compare.Tolerance()
QUESTION = Question("losses", "l1_loss", "call", (torch.tensor([1.0]), 2), {"reduction": "sum"})
OBSERVATION = {
    "value": [torch.tensor([1.0, float("nan")]), {"a": 1, "b": [2.0, None]}, "text", None],
    "gradients": [torch.ones(2, 2), None],
    "graph": True,
    "devices": ["cpu"],
    "changed": [],
}
EXPECTATIONS = (
    expectations.Matches(OBSERVATION, EXACT),
    expectations.Raises(("ValueError",), ("shape",)),
)
RIGHT: dict[str, Any] = {"observation": OBSERVATION}
RAISED = {"types": ["ValueError"], "message": "shape", "frames": [["losses.py", 1, "f", "x"]]}
ODD = [
    None,
    [],
    (),
    (1, [2, (3,)]),
    {"key": bytes(16), "number": 0, "answer": RIGHT},
    RIGHT,
    {"raised": RAISED},
    {"forbidden": ["F.l1_loss"], "frames": RAISED["frames"]},
    {"missing": "l1_loss"},
    {"observation": {"value": {"type": "Equal"}, "changed": ["input"]}},
    [1.5, -1, 1 << 63, "text", b"bytes", True],
    torch.arange(6.0).reshape(2, 3).T,
    [torch.empty(0, 3), torch.tensor(True), torch.ones(1, 2, dtype=torch.bfloat16)],
]


def try_bytes(data: bytes) -> None:
    """One execution; raises where a promise is broken. The first byte says how the rest is read."""
    way, data = data[:1], data[1:]
    if way < b"\x40":
        framed = data
    elif way < b"\xa0":
        size = int.from_bytes(data[:2], "big")
        framed = frame(data[2 : 2 + size], data[2 + size :])
    else:
        structure, blob = _Maker(data).structure()
        framed = frame(structure, blob)
    try:
        value = read(framed)
    except (wire.WireError, EOFError):
        return
    if not identical(sent(value), value):
        raise AssertionError(f"{value!r} came back as another")
    judge(value)


def judge(value: Any) -> None:
    """The value as each part of an answer."""
    answers = [value] if isinstance(value, dict) else []
    answers += [{"observation": value}, {"raised": value}, {"forbidden": value, "frames": value}]
    answers += [{"observation": {**OBSERVATION, key: value}} for key in OBSERVATION]
    answers += [{"raised": {**RAISED, key: value}} for key in RAISED]
    for answer in answers:
        for expectation in EXPECTATIONS:
            problem = expectation.problem_with(QUESTION, answer, "cpu")
            if problem is not None and len(problem.message) > LONGEST:
                raise AssertionError(f"a message of {len(problem.message)} characters")
        diagnosis.same_answer(QUESTION, RIGHT, answer, "cpu")
        diagnosis.same_answer(QUESTION, {"raised": RAISED}, answer, "cpu")
        diagnosis.Evidence().add(QUESTION, EXPECTATIONS[0], answer)
    expectations.load_problem("losses", value)


class _Maker:
    """A structure out of arbitrary bytes: most of it well-formed, so that it gets far."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._place = 0

    def structure(self) -> tuple[bytes, bytes]:
        blob = bytes(16 * (self._byte() % 9))
        return self._value(0, len(blob)), blob

    def _byte(self) -> int:
        self._place += 1
        return self._data[self._place - 1] if self._place <= len(self._data) else 0

    def _value(self, depth: int, blob: int) -> bytes:
        kind = self._byte()
        if depth > 30 or kind < 60:
            return msgpack.packb([None, True, 1.5, float("nan"), kind, -kind, "é", b"b"][kind % 8])
        if kind < 110:
            count = self._byte() % 5
            items = b"".join(self._value(depth + 1, blob) for _ in range(count))
            return bytes([0x90 | count]) + items
        if kind < 150:
            keys = ["type", "value", "changed", "types", "message", "frames", "a", "observation"]
            count = self._byte() % 5
            items = (
                msgpack.packb(keys[self._byte() % 8]) + self._value(depth + 1, blob)
                for _ in range(count)
            )
            return bytes([0x80 | count]) + b"".join(items)
        if kind < 180:
            return extension(TUPLE, self._value(depth + 1, blob))
        if kind < 235:
            return extension(TENSOR, msgpack.packb(self._description(blob)))
        if kind < 245:
            claimed = struct.pack(">I", 1 << (self._byte() % 32))
            return bytes([0xDB + kind % 5]) + claimed + bytes(self._byte() % 8)
        return self._data[self._place : self._place + self._byte() % 16]

    def _description(self, blob: int) -> list[Any]:
        names = [*wire.DTYPE_NAMES.values(), "complex64", ""]
        shape = [self._length() for _ in range(self._byte() % 18)]
        order: list[int] = sorted(range(len(shape)), key=lambda _: self._byte())
        return [
            names[self._byte() % len(names)],
            shape,
            16 * (self._byte() % 8) if self._byte() < 230 else self._length(),
            order if self._byte() % 3 == 0 else [],
        ]

    def _length(self) -> int:
        byte = self._byte()
        return byte % 4 if byte < 220 else 1 << (byte % 64)


def seeds() -> list[bytes]:
    """Where the search begins: frames of every kind, whole and cut in two; bytes for the maker."""
    found = []
    for value in ODD:
        data = wire.encode(value)
        _, structure, _ = struct.unpack("!4sII", data[:12])
        found += [b"\x00" + data, b"\x50" + structure.to_bytes(2, "big") + data[12:]]
    generator = random.Random(0)
    return found + [b"\xff" + generator.randbytes(80) for _ in range(60)]


def mutated(data: bytes, others: list[bytes], generator: random.Random) -> bytes:
    """For the blind search: flipped, cut, doubled, spliced."""
    changed = bytearray(data)
    for _ in range(generator.randint(1, 4)):
        place = generator.randrange(len(changed) + 1)
        end = min(len(changed), place + generator.randint(1, 16))
        match generator.randrange(5):
            case 0 if place < len(changed):
                changed[place] ^= 1 << generator.randrange(8)
            case 1:
                del changed[place:end]
            case 2:
                changed[place:place] = changed[place:end]
            case 3:
                other = generator.choice(others)
                changed[place:] = other[generator.randrange(len(other)) :]
            case _:
                changed[place:end] = generator.randbytes(generator.randint(1, 8))
    return bytes(changed) or b"\x00"
