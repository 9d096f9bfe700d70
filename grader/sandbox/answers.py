"""What a sandbox answers, as it comes: bytes, which need not be read to be found right."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgpack

from grader import profile
from grader.sandbox import wire

Encoded = tuple[bytes, bytes]  # the structure and the blob of an answer
_BEFORE_KEY = b"\x83\xa3key\xc4\x10"
_KEY_BYTES = 16
_number = functools.cache(msgpack.packb)


class SandboxLost(Exception):
    """The sandbox ended before it answered: by the clock, or by itself."""

    def __init__(self, outcome: str, message: str, for_good: bool = False) -> None:
        super().__init__(message)
        self.outcome = outcome  # "timeout" or "crashed"
        self.message = message
        self.for_good = for_good  # whether to ask again would only do as much harm


@dataclass(slots=True)  # and not frozen, which takes three times as long to make
class Answer:
    """One answer of a sandbox, as it came: bytes, until somebody reads them."""

    structure: bytearray
    blob: bytearray
    key: bytes
    number: int

    def is_one_of(self, known: Sequence[Encoded]) -> bool:
        """Whether it is, bit by bit, one of these answers; it is not read for that."""
        for structure, blob in known:
            if self.blob == blob and self.structure == self._before + structure:
                return True
        return False

    @property
    def _before(self) -> bytes:
        """What the structure of a right answer to this question begins with."""
        return b"".join([_BEFORE_KEY, self.key, _after_key(self.number)])

    @profile.timed(profile.TRANSPORT)
    def read(self) -> dict[str, Any]:
        """What was answered; SandboxLost where it is no answer to this question."""
        try:
            reply = wire.decode(self.structure, self.blob)
        except wire.WireError as error:
            raise SandboxLost("crashed", f"it sent something else: {error}") from None
        if not isinstance(reply, dict) or set(reply) != {"key", "number", "answer"}:
            raise SandboxLost("crashed", "it sent something that is no answer")
        # Types first: a comparison with a tensor has no truth value.
        if type(reply["key"]) is not bytes or type(reply["number"]) is not int:
            raise SandboxLost("crashed", "it sent something that is no answer")
        if reply["key"] != self.key or reply["number"] != self.number:
            raise SandboxLost("crashed", "it answered what was not asked")
        if not isinstance(reply["answer"], dict):
            raise SandboxLost("crashed", "it sent something that is no answer")
        return reply["answer"]


def segments(answers: Sequence[Encoded]) -> list[bytes]:
    """What comes, all in all, where these are the answers: to be joined by the questions' key."""
    found = [b""]
    for number, (structure, blob) in enumerate(answers):
        after_key = _after_key(number) + structure
        size = len(_BEFORE_KEY) + _KEY_BYTES + len(after_key)
        found[-1] += wire.header(size, len(blob)) + _BEFORE_KEY
        found.append(after_key + blob)
    return found


def _after_key(number: int) -> bytes:
    return b"".join([b"\xa6number", _number(number), b"\xa6answer"])
