"""Which submissions travel together, and when: decided here, with no word about the network.

A batch is to take a few seconds: long enough that the scheduler has little to do, short enough that
a worker that is killed has little to repeat. Towards the end batches become smaller, so that all
workers finish together. What was in a batch whose workers died again and again is under suspicion:
it is examined alone, when nothing else is, so that it is known who brings a worker down.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from grader.grading.engines import Examined

_SECONDS = 4.0  # what a batch is to take
_MOST = 64  # submissions in a batch
_MOST_BYTES = 4 << 20  # in a batch of several; the scheduler holds each until it is done
_FIRST = 2  # submissions in a batch, as long as it is not known how long one takes
_RECENT = 0.8  # what is known counts this much beside each new batch: a class is not all alike
_PER_THREAD = 2  # batches: one at work, one waiting so that no thread does


@dataclass(eq=False)
class Ticket:
    """One submission on its way: what an engine is asked, and where the answer goes."""

    asked: dict[str, Any]
    answer: Future[Examined] = field(default_factory=Future)
    alone: bool = False  # under suspicion: it was in a batch that did not come back

    @property
    def size(self) -> int:
        return sum(map(len, self.asked["files"].values()))


class Batches:
    """What waits to be sent, in order."""

    def __init__(self) -> None:
        self._waiting: deque[Ticket] = deque()
        self._suspects: deque[Ticket] = deque()
        self._seconds = 0.0  # of the recent batches together, the latest counting most
        self._examined = 0.0  # submissions in them, in the same way

    def add(self, ticket: Ticket) -> None:
        self._waiting.append(ticket)

    def again(self, tickets: Iterable[Ticket]) -> None:
        """Take back what was not examined, through no fault of its own; it is next."""
        for ticket in reversed(list(tickets)):
            (self._suspects if ticket.alone else self._waiting).appendleft(ticket)

    def suspect(self, ticket: Ticket) -> None:
        """Take back what was with a worker when it died: it is examined alone, last of all."""
        ticket.alone = True
        self._suspects.append(ticket)

    def measured(self, seconds: float, submissions: int) -> None:
        """Learn how long a batch took."""
        self._seconds = _RECENT * self._seconds + seconds
        self._examined = _RECENT * self._examined + submissions

    @property
    def aim(self) -> int:
        """How many submissions a batch has, far from the end."""
        if not self._examined:
            return _FIRST
        each = self._seconds / self._examined
        return max(1, min(_MOST, round(_SECONDS / each) if each else _MOST))

    def room(self, threads: int) -> int:
        """How many submissions to have in memory: those in flight, and half as many to send."""
        return max(1, (_PER_THREAD + 1) * threads * self.aim)

    def take(self, threads: int, flying: int) -> list[Ticket]:
        """The next batch, where `flying` batches are with `threads` threads; empty for none yet."""
        if self._waiting and flying < _PER_THREAD * threads:
            return self._batch(min(self.aim, math.ceil(len(self._waiting) / threads)))
        if self._suspects and not self._waiting and not flying and threads:
            return [self._suspects.popleft()]
        return []

    def drain(self) -> list[Ticket]:
        """All that waits, for a run that is over."""
        left = [*self._waiting, *self._suspects]
        self._waiting.clear()
        self._suspects.clear()
        return left

    def _batch(self, most: int) -> list[Ticket]:
        batch = [self._waiting.popleft()]
        size = batch[0].size
        while self._waiting and len(batch) < most:
            size += self._waiting[0].size
            if size > _MOST_BYTES:
                break
            batch.append(self._waiting.popleft())
        return batch
