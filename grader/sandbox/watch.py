"""What a sandbox spends and keeps, seen from outside: processor time, idleness, threads, files.

This runs on the trusted side. It reads what the kernel tells of a process, and walks the process's
private folder within bounds; it believes nothing that the process says.
"""

from __future__ import annotations

import contextlib
import os
import stat
import time
from collections.abc import Iterator
from dataclasses import dataclass

_NS = 1e-9
_THREADS = 200  # no solution starts any; an ordinary user's processes have no limit of the kernel's
_DEPTH = 32  # folders inside folders: each holds a descriptor of ours open while it is walked


class Exceeded(Exception):
    """The sandbox keeps more than it may; says what and how much."""


@dataclass(frozen=True)
class Room:
    """How much a sandbox may keep in its private folder."""

    folder_bytes: int = 64 << 20
    folder_files: int = 1000
    file_bytes: int = 8 << 20


@dataclass(frozen=True)
class _Look:
    """The clocks at one moment, in seconds; `states` are those of all threads."""

    now: float
    cpu: float
    own: float  # of this process: its processor time, and its waiting for a processor
    waiting: dict[str, float]
    states: str


class ProcessWatch:
    """Tells time in which a process works from time in which it sleeps or is starved.

    Every moment between two looks is spent in one of four ways: a thread has a processor, it waits
    for one (then the machine is busy, and nobody is to blame), it waits for a disk, or all threads
    sleep. `idle` is the time in which all slept and nobody, not even this process, kept them
    waiting; `blocked` that in which a disk did, or of which the kernel does not tell.
    """

    def __init__(self, pid: int) -> None:
        self._tasks = f"/proc/{pid}/task"
        self._cpu_clock = (~pid << 3) | 2  # clock_getcpuclockid(3)
        self._cpu = 0.0
        self._last: _Look | None = None
        self.idle = 0.0
        self.blocked = 0.0

    def cpu_seconds(self) -> float:
        """Processor time that the process has used; the last that was seen once it has ended."""
        try:
            self._cpu = time.clock_gettime(self._cpu_clock)
        except OSError:
            pass
        return self._cpu

    def seconds(self) -> float:
        """All time that the process has used up: of a processor, asleep, and at the disk."""
        return self.cpu_seconds() + self.idle + self.blocked

    def pause(self) -> None:
        """Forget the last look: what passes until the next one is not the process's to answer for.

        Between two messages it sleeps because nothing is asked of it.
        """
        self._last = None

    def look(self) -> None:
        """Account for the time since the last look; Exceeded where there are too many threads."""
        last, here = self._last, self._now()
        self._last = here
        if last is None or here is None:
            return
        waited = max(
            (seconds - last.waiting.get(task, 0.0) for task, seconds in here.waiting.items()),
            default=0.0,
        )
        accounted = here.cpu - last.cpu + waited + here.own - last.own
        missing = max(0.0, here.now - last.now - accounted)
        # A thread that waits for a processor right now is told of once it has got one.
        if "R" in here.states:
            return
        if "D" in here.states or not here.waiting:
            self.blocked += missing
        else:
            self.idle += missing

    def _now(self) -> _Look | None:
        """The clocks; None once the process has ended."""
        try:
            tasks = os.listdir(self._tasks)
        except OSError:
            return None
        if len(tasks) > _THREADS:
            raise Exceeded(f"it started more than {_THREADS} threads")
        waiting: dict[str, float] = {}
        states = ""
        for task in tasks:
            try:
                # After the command, which may hold anything, in parentheses.
                states += _text(f"{self._tasks}/{task}/stat").rpartition(")")[2].split()[0]
                waiting[task] = _waited(f"{self._tasks}/{task}/schedstat")
            except (OSError, IndexError):  # the thread has ended, or the kernel does not tell
                continue
        return _Look(time.monotonic(), self.cpu_seconds(), _own_seconds(), waiting, states)


def _own_seconds() -> float:
    try:
        return time.process_time() + _waited("/proc/self/schedstat")
    except (OSError, IndexError):
        return time.process_time()


def _waited(schedstat: str) -> float:
    """Seconds that a thread has waited for a processor."""
    return int(_text(schedstat).split()[1]) * _NS


def _text(path: str) -> str:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        return os.read(descriptor, 4096).decode("ascii", "replace")
    finally:
        os.close(descriptor)


class _Walk:
    """One folder that is being listed."""

    def __init__(self, stack: contextlib.ExitStack, name: str, parent: int | None = None) -> None:
        self.entries: Iterator[os.DirEntry[str]] = iter(())
        self._closing = stack.enter_context(contextlib.ExitStack())
        flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
        try:
            self.descriptor = os.open(name, flags, dir_fd=parent)
        except PermissionError:
            raise Exceeded("it made a folder that nobody may read") from None
        except OSError:  # removed meanwhile, or its process has ended
            return
        self._closing.callback(os.close, self.descriptor)
        self.entries = self._closing.enter_context(os.scandir(self.descriptor))

    def close(self) -> None:
        self._closing.close()


class FolderWatch:
    """Bounds what a sandbox keeps on the disk: in its folder, and in files that have no name."""

    def __init__(self, pid: int, folder: str, room: Room) -> None:
        self._process = f"/proc/{pid}"
        self._folder = folder
        self._room = room
        self._free = self._free_now()

    def look(self) -> None:
        """Exceeded where there is too much; the folder is walked no further than to find that."""
        files = size = 0
        for found in self._found():
            files += 1
            size += found.st_blocks * 512
            self._require(files, size)
        for found in self._unnamed():
            files += 1
            size += found.st_blocks * 512
            self._require(files, size)
        # A file without a name that is only mapped shows in no list that is cheap to read.
        free = self._free_now()
        lost = (self._free[0] - free[0], self._free[1] - free[1])
        if lost[0] > self._room.folder_bytes or lost[1] > self._room.folder_files:
            mapped = self._mapped()
            self._require(files + mapped, size + mapped * self._room.file_bytes)

    def _require(self, files: int, size: int) -> None:
        if files > self._room.folder_files:
            raise Exceeded(f"it made more than {self._room.folder_files} files")
        if size > self._room.folder_bytes:
            raise Exceeded(f"its files are larger than {self._room.folder_bytes >> 20} MiB in all")

    def _found(self) -> Iterator[os.stat_result]:
        """Everything below the folder; links are not followed."""
        with contextlib.ExitStack() as stack:
            walks = [_Walk(stack, self._folder)]
            while walks:
                entry = next(walks[-1].entries, None)
                if entry is None:
                    walks.pop().close()
                    continue
                try:
                    found = entry.stat(follow_symlinks=False)
                except OSError:  # removed meanwhile
                    continue
                yield found
                if stat.S_ISDIR(found.st_mode):
                    if len(walks) > _DEPTH:
                        raise Exceeded(f"it made folders more than {_DEPTH} deep")
                    walks.append(_Walk(stack, entry.name, walks[-1].descriptor))

    def _unnamed(self) -> Iterator[os.stat_result]:
        """The files that were removed but are still open."""
        seen = set()
        try:
            names = os.listdir(f"{self._process}/fd")
        except OSError:  # it has ended
            return
        for name in names:
            try:
                found = os.stat(f"{self._process}/fd/{name}")
            except OSError:
                continue
            if stat.S_ISREG(found.st_mode) and not found.st_nlink and found.st_ino not in seen:
                seen.add(found.st_ino)
                yield found

    def _mapped(self) -> int:
        """How many removed files of the folder are mapped."""
        try:
            with open(f"{self._process}/maps", encoding="utf-8", errors="replace") as file:
                return len({line.split()[4] for line in file if self._is_removed(line)})
        except OSError:  # it has ended
            return 0

    def _is_removed(self, line: str) -> bool:
        return self._folder in line and line.endswith("(deleted)\n")

    def _free_now(self) -> tuple[int, int]:
        """Bytes and files for which the disk has room."""
        try:
            found = os.statvfs(self._folder)
        except OSError:
            return (0, 0)
        return found.f_bfree * found.f_frsize, found.f_ffree
