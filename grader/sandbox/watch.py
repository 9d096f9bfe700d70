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
_LOOKS_AT_MAPS = 8  # every so many looks, and whenever the disk has lost a lot of room
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
class _Thread:
    """One thread at one moment: its state, its seconds of waiting for a processor, its turns."""

    state: str
    waited: float
    turns: int


@dataclass(frozen=True)
class _Look:
    """The clocks at one moment, in seconds."""

    now: float
    cpu: float
    own: float  # of this process: its processor time, and its waiting for a processor
    threads: dict[str, _Thread]


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
        self._asleep = 0.0  # as `idle`, but waiting that is not told of yet may be in it
        self._runnable: dict[str, float] = {}  # when a thread's present wait may have begun
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
        self._runnable.clear()
        self._asleep = self.idle

    def look(self) -> None:
        """Account for the time since the last look; Exceeded where there are too many threads."""
        last, here = self._last, self._now()
        self._last = here
        if last is None or here is None:
            return
        nobody = _Thread("", 0.0, 0)
        waits = [
            thread.waited - last.threads.get(task, nobody).waited
            for task, thread in here.threads.items()
        ]
        accounted = here.cpu - last.cpu + here.own - last.own + max(waits, default=0.0)
        missing = here.now - last.now - accounted
        states = {thread.state for thread in here.threads.values()}
        if ("D" in states or not states) and missing > 0:
            self.blocked += missing
        else:
            self._asleep += missing
        # The kernel tells of a wait once it is over.
        untold = here.now - min(self._waiting_since(last, here), default=here.now)
        self.idle = max(self.idle, self._asleep - untold)

    def _waiting_since(self, last: _Look, here: _Look) -> list[float]:
        """When the threads that want a processor now may have begun to wait for it."""
        since = {}
        for task, thread in here.threads.items():
            if thread.state == "R":
                before = last.threads.get(task)
                waits_on = before is not None and before.turns == thread.turns
                since[task] = self._runnable.get(task, last.now) if waits_on else last.now
        self._runnable = since
        return list(since.values())

    def _now(self) -> _Look | None:
        """The clocks; None once the process has ended."""
        try:
            tasks = os.listdir(self._tasks)
        except OSError:
            return None
        if len(tasks) > _THREADS:
            raise Exceeded(f"it started more than {_THREADS} threads")
        threads = {}
        for task in tasks:
            try:
                # After the command, which may hold anything, in parentheses.
                state = _text(f"{self._tasks}/{task}/stat").rpartition(")")[2].split()[0]
                _, waited, turns = _text(f"{self._tasks}/{task}/schedstat").split()
            except (OSError, ValueError, IndexError):  # it has ended, or the kernel does not tell
                continue
            threads[task] = _Thread(state, int(waited) * _NS, int(turns))
        return _Look(time.monotonic(), self.cpu_seconds(), _own_seconds(), threads)


def _own_seconds() -> float:
    """Processor time of this process, and the time that it waited for a processor."""
    try:
        return time.process_time() + int(_text("/proc/self/schedstat").split()[1]) * _NS
    except (OSError, IndexError):  # the kernel does not tell
        return time.process_time()


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
        self._looks = 0

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
        # Whether a file without a name is still mapped is dear to find out.
        self._looks += 1
        if self._looks % _LOOKS_AT_MAPS == 0 or self._less_is_free():
            mapped = self._mapped()
            self._require(files + mapped, size + mapped * self._room.file_bytes)

    def _less_is_free(self) -> bool:
        """Whether the disk has lost as much room as a sandbox may take."""
        size, files = self._free_now()
        lost, fewer = self._free[0] - size, self._free[1] - files
        return lost > self._room.folder_bytes or fewer > self._room.folder_files

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
