"""This runs in a worker's process: one warm pair a course and manner, and batches put to it.

A client prepares a station before it sends batches: the course comes as bytes and lies in a folder
of its own, which no sandbox may read. The pair ends with the last client that uses it, with the
worker, or when nobody has asked anything for a while: a client that was killed says no goodbye.
As many submissions are examined at a time as the worker has threads.
"""

from __future__ import annotations

import asyncio
import json
import os
import platform
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from distributed import Worker, WorkerPlugin, get_worker

from grader.cluster.identity import differences, identity
from grader.cluster.parcel import unpack
from grader.course import CourseError, load_course
from grader.digests import exercise_digest
from grader.examiner.engine import Engine, EngineError, EngineSettings
from grader.examiner.folder import locked_folder
from grader.sandbox.confine import hide_from_others
from grader.sandbox.removal import remove_tree

_IDLE_SECONDS = 300.0
_END_SECONDS = 10.0  # for ending two processes and removing a folder
_DYING_SECONDS = 1.0  # between a process's last word and its end
_PLUGIN = "torchgrade"

_stations: dict[str, Station] = {}  # of this worker's process, warm on purpose
_one_by_one = threading.Lock()  # of what changes `_stations`


async def prepare(
    key: str, client: str, given: Mapping[str, Any], dask_worker: Worker
) -> dict[str, Any]:
    """Begin to warm a pair, unless one is; what this worker is, to be compared over there.

    Nothing is warmed where it differs from `given["identity"]`.
    """
    if _PLUGIN not in dask_worker.plugins:
        await dask_worker.plugin_add(_Ending(), name=_PLUGIN)
    return await asyncio.to_thread(_prepared, key, client, given)


def _prepared(key: str, client: str, given: Mapping[str, Any]) -> dict[str, Any]:
    own = identity()
    about: dict[str, Any] = {"host": platform.node(), "identity": own}
    if differences(given["identity"], own):
        return about
    hide_from_others()  # what is in this process's memory is not for a sandbox of the same user
    with _one_by_one:
        station = _stations.get(key)
        if station is None or not station.open:
            try:
                station = _stations[key] = Station(given)
            except (OSError, CourseError) as error:
                return about | {"error": str(error)}
        station.clients.add(client)
    return about | {"checks": station.checks}


async def leave(key: str, client: str) -> None:
    """A client goes; the pair ends if it was the last."""
    await asyncio.to_thread(_left, key, client)


def _left(key: str, client: str) -> None:
    with _one_by_one:
        station = _stations.get(key)
        if station is None:
            return
        station.clients.discard(client)
        if station.clients:
            return
        del _stations[key]
    station.end()


def examine_batch(key: str, batch: Sequence[Mapping[str, Any]]) -> bytes:
    """The task: examine some submissions, one after the other; JSON, for it travels.

    `unprepared` where the client has to prepare this worker first, `broken` where it cannot
    examine; else `layers`, `seconds` and what was `found` of each: `entries`, the `error` for which
    this one could not be examined, or that it was `lost` because the pair ended. Those after a lost
    one were not examined.
    """
    station = _stations.get(key)
    answer = {"unprepared": True} if station is None else station.examine(batch)
    return json.dumps({"worker": get_worker().address, **answer}).encode()


class Station:
    """A course in a folder, and a thread that keeps its warm pair."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        """Unpack the course, and begin to warm its pair; OSError or CourseError where it cannot."""
        self.clients: set[str] = set()
        self._changed = threading.Condition()
        self._engine: Engine | None = None
        self._broken: str | None = None  # why there is no pair
        self._over = False
        self._busy = 0  # batches that use the pair, or wait for it
        self._asked = time.monotonic()  # when anything was last
        self._folder, self._lock = locked_folder()
        try:
            self._folder.chmod(0o700)
            self._settings = self._unpacked(given, self._folder / "course")
            course = self._settings.course
            self.checks = {name: exercise_digest(course, name) for name in course.names}
        except BaseException:
            self._clear()
            raise
        # The pair is told by the kernel when the thread that started it ends, and ends with it.
        self._keeper = threading.Thread(target=self._keep, name="torchgrade", daemon=True)
        self._keeper.start()

    @staticmethod
    def _unpacked(given: Mapping[str, Any], folder: Path) -> EngineSettings:
        unpack(given["course"], folder)
        course = load_course(folder).only(given["exercises"])
        course.require_files()
        return EngineSettings(
            course=course,
            seed=given["seed"],
            device=given["device"],
            level=given["level"],
            data=Path(given["data"]) if given["data"] else None,
            protected=(folder.parent,),
        )

    @property
    def open(self) -> bool:
        """Whether it examines, or will as soon as it is warm."""
        return not self._over and self._broken is None

    def examine(self, batch: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """What `examine_batch` answers."""
        with self._pair() as engine:
            if self._broken is not None:
                return {"broken": self._broken}
            if engine is None:
                return {"unprepared": True}
            began = time.monotonic()
            found: list[dict[str, Any]] = []
            for asked in batch:
                found.append(self._examined(engine, asked))
                if "lost" in found[-1]:
                    self._finish()  # whoever asks next finds no pair, and has one started
                    break
            seconds = time.monotonic() - began
            return {"layers": list(engine.layers), "seconds": seconds, "found": found}

    @contextmanager
    def _pair(self) -> Iterator[Engine | None]:
        """The warm pair, once it is; None where there is none, or no longer."""
        with self._changed:
            self._busy += 1
            while self._engine is None and self.open:
                self._changed.wait()
        try:
            yield None if self._over else self._engine
        finally:
            with self._changed:
                self._busy -= 1
                self._asked = time.monotonic()
                self._changed.notify_all()

    def _examined(self, engine: Engine, asked: Mapping[str, Any]) -> dict[str, Any]:
        try:
            return {"entries": engine.examine(**asked)}
        except EngineError as error:
            deadline = time.monotonic() + _DYING_SECONDS
            while engine.alive and time.monotonic() < deadline:
                time.sleep(0.05)
            return {"error" if engine.alive else "lost": str(error)}

    # in the keeper's thread

    def _keep(self) -> None:
        try:
            with Engine(self._settings) as engine:
                with self._changed:
                    self._engine = engine
                    self._changed.notify_all()
                    self._until_the_end()
        except (EngineError, OSError, CourseError) as error:
            self._broken = str(error)
        finally:
            self._finish()
            self._clear()

    def _until_the_end(self) -> None:
        while not self._over:
            left = self._asked + _IDLE_SECONDS - time.monotonic()
            if self._busy:
                self._changed.wait()
            elif left > 0:
                self._changed.wait(left)
            else:
                self._over = True

    def _finish(self) -> None:
        with self._changed:
            self._over = True
            self._changed.notify_all()

    def _clear(self) -> None:
        remove_tree(self._folder)
        os.close(self._lock)

    def end(self) -> None:
        """End the pair, whatever it is doing, and remove the course."""
        self._finish()
        self._keeper.join(_END_SECONDS)


class _Ending(WorkerPlugin):
    """Ends the warm pairs with the worker."""

    async def teardown(self, worker: Worker) -> None:
        await asyncio.to_thread(_all_left)


def _all_left() -> None:
    with _one_by_one:
        stations = list(_stations.values())
        _stations.clear()
    for station in stations:
        station.end()
