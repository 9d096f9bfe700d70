"""Where the submissions of a run are examined: here, by a warm pair of this process's own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, Protocol, Self

from grader.examiner.engine import Engine
from grader.grading.work import Work

_PARTS = 4  # of one submission, at most: as many as the examiner has served before it gets ready


@dataclass(frozen=True)
class Examined:
    """What an examination found: the entries of the exercises, and the sandbox's layers."""

    layers: Sequence[str]
    entries: Sequence[dict[str, Any]]


class Examiners(Protocol):
    """Where submissions are examined; a context manager that ends all that it has started."""

    @property
    def room(self) -> int:
        """How many works it can make use of at a time."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...

    def expect(self, exercises: set[str]) -> None:
        """Told before anything is submitted: exercises that will have to be examined."""

    def submit(self, work: Work) -> Future[Examined]:
        """Have a submission examined in the exercises that it misses.

        The future's exception is EngineError where that one submission could not be; any other
        exception of it, and whatever `submit` raises, ends the run.
        """


def request(work: Work) -> dict[str, Any]:
    """What an engine is asked for a submission: the arguments of `Engine.examine`, plain data."""
    return {
        "files": dict(work.submission.files),
        "exercises": list(work.missing),
        "kept": dict(work.kept),
    }


class LocalExaminers:
    """Examines on this machine, `jobs` submissions at a time, from the first one on."""

    def __init__(self, engine_for: Callable[[set[str]], Engine], jobs: int) -> None:
        """`engine_for` makes an engine that examines exercises of these names."""
        self._engine_for = engine_for
        self._jobs = jobs
        self._stack = ExitStack()
        self._engine: Engine | None = None
        self._expected: set[str] = set()
        self._running: set[Future[Examined]] = set()
        self._able: set[str] = set()  # the exercises that the engine examines

    @property
    def room(self) -> int:
        return self._jobs

    def __enter__(self) -> Self:
        self._pool = self._stack.enter_context(ThreadPoolExecutor(self._jobs))
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def expect(self, exercises: set[str]) -> None:
        self._expected = set(exercises)

    def submit(self, work: Work) -> Future[Examined]:
        engine = self._warm(set(work.missing))
        # One submission alone is examined in parts, so that no processor is idle for that long.
        parts = 1 if self._running else min(self._jobs, _PARTS)
        future = self._pool.submit(_examine, engine, work, parts)
        self._running.add(future)
        future.add_done_callback(self._running.discard)
        return future

    def _warm(self, names: set[str]) -> Engine:
        """An engine that examines these exercises, started when a submission needs it.

        The first one does for all, unless a submission was changed since it was looked up.
        """
        if self._engine is None or not names <= self._able:
            self._able |= names | self._expected
            self._engine = self._stack.enter_context(self._engine_for(set(self._able)))
        return self._engine


def _examine(engine: Engine, work: Work, parts: int) -> Examined:
    return Examined(engine.layers, engine.examine(**request(work), parts=parts))
