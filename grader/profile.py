"""Where the processor time of a run goes, for `grader grade --profile`; off, it costs nothing.

A process has one profile, as it has one processor time: who does a kind of work says so where it
is done, and need not be handed anything for it.

    @timed(COMPARISON)
    def compare(...): ...

What is counted inside another part counts there alone and not in the outer one too, but inside a
`whole` part all is the whole's: what shrinking takes is everything that is done for it. Nothing of
this decides a grade, and nothing of it is stored.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from functools import wraps
from typing import ParamSpec, TypeVar

STUDENT = "student code, imports included"
COMPARISON = "comparison"
TRANSPORT = "transport"
FORK = "fork and confinement"
SHRINKING = "shrinking and diagnosis"
EXAMINER = "the rest of the examiner"
READING = "reading submissions"
GRADEBOOK = "gradebook"
REPORT = "report, feedback and JSON"
REFERENCE = "reference and questions"

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")


class _Clocks(threading.local):
    """Of one thread: the parts that are open, innermost last, and when the last one was left."""

    def __init__(self) -> None:
        self.open: list[_Part] = []
        self.since = 0.0


class Profile:
    """Processor time by part, of this process and of those that told it theirs."""

    def __init__(self) -> None:
        self.heard = 0  # how often another process told what it did
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

    def hear(self, told: Mapping[str, float], so_far: Mapping[str, float]) -> None:
        """What another process did, and what it says of a third one that is still at work.

        `so_far` only grows from one time to the next.
        """
        with self._lock:
            self.heard += 1
            for name, seconds in told.items():
                self._seconds[name] += seconds
            for name, seconds in so_far.items():
                self._seconds[name] = max(self._seconds[name], seconds)

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


_profile: Profile | None = None  # of this process, where somebody wants to know


def begin() -> Profile:
    """Have this process count from now on, from zero; a fork calls it for itself."""
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


def children_seconds() -> float:
    """Processor time of all processes that this one has started and that have ended."""
    import resource  # not on Windows, where students have commands of this package

    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def timed(
    name: str, whole: bool = False
) -> Callable[[Callable[_Arguments, _Result]], Callable[_Arguments, _Result]]:
    """Decorate a function: what its calls take is counted as this part, where anything is."""

    def decorate(function: Callable[_Arguments, _Result]) -> Callable[_Arguments, _Result]:
        @wraps(function)
        def call(*args: _Arguments.args, **kwargs: _Arguments.kwargs) -> _Result:
            if _profile is None:
                return function(*args, **kwargs)
            with _profile.part(name, whole):
                return function(*args, **kwargs)

        return call

    return decorate
