"""What known mistakes answer to recorded questions, found once for all submissions of a run.

A submission is examined in a fork, and what a fork finds out is lost with it, but for what it puts
into memory that all forks share: a file without a name, which nobody can open who was not forked
from the examiner. A mistake answers a question the same way whoever asks, so that no diagnosis
depends on what is in there; it only costs less.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from grader.checking.diagnosis import Answer, answer_of
from grader.checking.question import Question
from grader.examiner.recording import Recording
from grader.misconceptions import Misconception
from grader.sandbox import wire

_WRITTEN = struct.Struct("!Q")  # at the beginning: how many bytes hold whole batches
_BATCH = struct.Struct("!HI")  # of each: the bytes of its function's name, and of its answers
_ROOM = 64 << 20  # bytes in all; what is found out beyond that is found out each time
_LONGEST = 1 << 20  # of one answer

Place = tuple[str, str, int]  # a known mistake, a check, and which of its questions


class SharedAnswers:
    """The memory that an examiner and its forks share; the answers in it, function by function."""

    def __init__(self) -> None:
        self.file = os.memfd_create("answers", os.MFD_CLOEXEC)
        os.pwrite(self.file, _WRITTEN.pack(_WRITTEN.size), 0)

    def of(self, function: str, recordings: Iterable[Recording]) -> FunctionAnswers:
        """Of a function, named with its exercise, to what these checks of it ask."""
        places = {
            id(question): (recording.check.id, number)
            for recording in recordings
            for number, question in enumerate(recording.questions)
        }
        return FunctionAnswers(places, dict(self._read(function)))

    def share(self, function: str, answers: FunctionAnswers) -> None:
        """Write what was found out about a function, unless somebody writes at this moment."""
        new = [[*place, encoded] for place, encoded in answers.found_now()]
        if not new:
            return
        name, content = function.encode(), wire.encode(new)
        batch = _BATCH.pack(len(name), len(content)) + name + content
        try:
            fcntl.lockf(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # held by this process alone
        except BlockingIOError:
            return  # the next one finds it out again
        try:
            written = self._written()
            if written + len(batch) <= _ROOM and os.pwrite(self.file, batch, written) == len(batch):
                # Last, so that a fork that is ended in between leaves nothing half-written.
                os.pwrite(self.file, _WRITTEN.pack(written + len(batch)), 0)
        finally:
            fcntl.lockf(self.file, fcntl.LOCK_UN)

    def _written(self) -> int:
        return int(_WRITTEN.unpack(os.pread(self.file, _WRITTEN.size, 0))[0])

    def _read(self, function: str) -> Iterator[tuple[Place, bytes]]:
        """The encoded answers that forks have written about a function."""
        name, end, start = function.encode(), self._written(), _WRITTEN.size
        with mmap.mmap(self.file, end, prot=mmap.PROT_READ) as memory:
            while start < end:
                names, size = _BATCH.unpack_from(memory, start)
                first = start + _BATCH.size + names
                if memory[start + _BATCH.size : first] == name:
                    for mistake, check, number, encoded in _decoded(memory[first : first + size]):
                        yield (mistake, check, number), encoded
                start = first + size


@dataclass
class FunctionAnswers:
    """What the known mistakes of one function answer: read, or found out at need and kept."""

    _places: Mapping[int, tuple[str, int]]  # of the recorded questions, by identity
    _shared: Mapping[Place, bytes]
    _known: dict[tuple[str, int], Answer] = field(default_factory=dict)
    _new: dict[Place, Answer] = field(default_factory=dict)

    def __call__(self, known: Misconception, question: Question) -> Answer:
        """What a mistake answers to a recorded question."""
        key = known.name, id(question)
        if key not in self._known:
            place = (known.name, *self._places[id(question)])
            if place in self._shared:
                self._known[key] = _decoded(self._shared[place])
            else:
                self._known[key] = self._new[place] = answer_of(known.definition, question)
        return self._known[key]

    def found_now(self) -> Iterator[tuple[Place, bytes]]:
        """The answers that were not read, as bytes, but for those that no frame or room holds."""
        for place, answer in self._new.items():
            try:
                encoded = wire.encode(dict(answer))
            except (TypeError, ValueError, OverflowError):  # a mistake may answer anything
                continue
            if len(encoded) <= _LONGEST:
                yield place, encoded


def _decoded(frame: bytes) -> Any:
    """What the examiner encoded itself."""
    rest = memoryview(frame)

    def receive(size: int) -> bytes:
        nonlocal rest
        taken, rest = bytes(rest[:size]), rest[size:]
        return taken

    return wire.FrameReader(receive, wire.REQUEST_LIMITS).read()
