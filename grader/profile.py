"""Where the processor time of a run goes, for `grader grade --profile`; off, it costs next to nothing.

Every process has one set of clocks, as it has one processor time: whoever does a kind of work says so
where it is done, and does not need to be handed anything for it:

    with part(COMPARISON):
        ...

What is inside another part counts there and not in the outer one, except inside a `whole` part:
what shrinking takes is all that is done for it. Nothing here is part of a grade, or stored.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext

STUDENT = "student code"
COMPARISON = "comparison"
TRANSPORT = "transport"
FORK = "fork and confinement"
SHRINKING = "shrinking"
EXAMINER = "the rest of the examiner"
READING = "reading submissions"
GRADEBOOK = "gradebook"
REPORT = "report"
REFERENCE = "reference"

Seconds = Mapping[str, float]  # of processor time, by part


class _Clocks(threading.local):
    """Of one thread: the parts that are open, innermost last, and when the last one was left."""

    def __init__(self) -> None:
        self.open: list[_Part] = []
        self.since = 0.0


class Profile:
    """Processor time by part, of this process and of those that told it theirs."""

    def __init__(self) -> None:
        self._seconds: dict[str, float] = defaultdict(float)
        self._lock = threading.Lock()
        self._clocks = _Clocks()

    def add(self, name: str, seconds: float) -> None:
        """Count seconds that were measured otherwise; in a whole part they count as its own."""
        open_parts = self._clocks.open
        if open_parts and open_parts[-1].whole:
            name = open_parts[-1].name
        with self._lock:
            self._seconds[name] += seconds

    def seconds(self) -> dict[str, float]:
        """What was counted so far, open parts not included."""
        with self._lock:
            return dict(self._seconds)

    def part(self, name: str, whole: bool = False) -> AbstractContextManager[None]:
        return _Part(self, self._clocks, name, whole)


class _Part(AbstractContextManager[None]):
    """What this thread's processor does until it is left."""

    def __init__(self, profile: Profile, clocks: _Clocks, name: str, whole: bool) -> None:
        self._profile = profile
        self._clocks = clocks
        self.name = name
        self.whole = whole

    def __enter__(self) -> None:
        self._turn()
        outer = self._clocks.open[-1] if self._clocks.open else None
        if outer is not None and outer.whole:
            self.name, self.whole = outer.name, True
        self._clocks.open.append(self)

    def __exit__(self, *_: object) -> None:
        self._turn()
        self._clocks.open.pop()

    def _turn(self) -> None:
        """Count what passed since the last turn to the part that was innermost."""
        now = time.thread_time()
        if self._clocks.open:
            self._profile.add(self._clocks.open[-1].name, now - self._clocks.since)
        self._clocks.since = now


_OFF = nullcontext()
_profile: Profile | None = None  # of this process, where it is wanted


def begin() -> Profile:
    """Have this process count from now on; what it counted before is forgotten."""
    global _profile
    _profile = Profile()
    return _profile


def end() -> None:
    """Count no more."""
    global _profile
    _profile = None


def current() -> Profile | None:
    """What counts in this process; None where nobody wants to know."""
    return _profile


def part(name: str, whole: bool = False) -> AbstractContextManager[None]:
    """Count what is done inside as this part, if anybody wants to know."""
    return _OFF if _profile is None else _profile.part(name, whole)
