"""Hears of saves: which of a course's Python files, and its course.toml, have changed.

watchfiles says when to look; what changed is found by looking at the files, at every call and some
times a second besides. So nothing is missed where a folder is replaced as a whole, as `git
checkout` does, or where a file system tells nobody of its changes.
"""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.course import MANIFEST, Course

_QUIET_MS = 30  # of no further change, before one is told
_MOST_MS = 200  # until it is told all the same
_LOOK_MS = 300  # also how long the end may take
_PASSED_OVER = {"__pycache__", "__pypackages__", "node_modules"}

State = Mapping[str, tuple[int, int, int]]


@dataclass(frozen=True)
class Saved:
    """Files that were written, made, replaced or deleted."""

    files: frozenset[str]


class Saves:
    """Watches a course's files on a thread of its own and puts what changed into `events`."""

    def __init__(self, course: Course, events: queue.SimpleQueue[Any]) -> None:
        self._root, self._folder = course.root, course.stubs
        self._events = events
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Saves:
        self._seen = self._state()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(20 * _LOOK_MS / 1000)

    def _watch(self) -> None:
        from watchfiles import watch

        while not self._stop.is_set():
            folders = self._folders()
            try:
                for _ in watch(
                    *folders,
                    watch_filter=None,
                    debounce=_MOST_MS,
                    step=_QUIET_MS,
                    rust_timeout=_LOOK_MS,
                    yield_on_timeout=True,
                    stop_event=self._stop,
                    recursive=False,
                    ignore_permission_denied=True,
                ):
                    self._look()
                    if self._folders() != folders:
                        break  # one is new, or another under its name
            except Exception:  # whatever the system has against being watched: looking still helps
                self._stop.wait(_LOOK_MS / 1000)
                self._look()

    def _look(self) -> None:
        """Tell what has changed since the last look."""
        now = self._state()
        before, self._seen = self._seen, now
        changed = {name for name in {*before, *now} if before.get(name) != now.get(name)}
        if changed and not self._stop.is_set():
            self._events.put(Saved(frozenset(changed)))

    def _folders(self) -> dict[str, tuple[int, int]]:
        """The folders to watch, each with what tells it from another under its name."""
        found = {}
        for folder in (str(self._root), *(place for place, _ in self._walk())):
            try:
                status = os.stat(folder)
            except OSError:
                continue
            found[folder] = status.st_dev, status.st_ino
        return found

    def _state(self) -> State:
        files = [str(Path(self._root, MANIFEST))]
        for place, names in self._walk():
            files += [os.path.join(place, name) for name in names]
        found = {}
        for file in files:
            try:
                status = os.stat(file)
            except OSError:
                continue
            found[file] = status.st_mtime_ns, status.st_size, status.st_ino
        return found

    def _walk(self) -> list[tuple[str, list[str]]]:
        """The folder of exercises and those below it, with their Python files."""
        found = []
        for place, folders, files in os.walk(self._folder):
            folders[:] = [f for f in folders if f not in _PASSED_OVER and not f.startswith(".")]
            found.append((place, [f for f in files if f.endswith(".py") and f[0] not in ".#"]))
        return found
