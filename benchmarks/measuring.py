"""What the benchmarks measure with: processes, their processor time, and their memory.

Linux only: /proc says who descends from whom and what memory they have.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import statistics
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

ROOT = Path(__file__).resolve().parent.parent
TICK = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
PART_SECONDS = 1800  # the last resort against something that hangs
_SAMPLE_SECONDS = 0.1
_ORPHAN_SECONDS = 60.0
_PR_SET_CHILD_SUBREAPER = 36
_Item = TypeVar("_Item")
_Found = TypeVar("_Found")


class BenchmarkError(Exception):
    """A way of grading did not do what is measured."""


@dataclass
class Cost:
    """What some submissions cost together, in seconds."""

    submissions: int
    wall: float
    cpu: float
    places: dict[str, float] = field(default_factory=dict)  # where the processor time went

    @property
    def cpu_each(self) -> float:
        return self.cpu / self.submissions

    @property
    def a_minute(self) -> float:
        return 60 * self.submissions / self.wall


def total(costs: Sequence[Cost]) -> Cost:
    """The parts of one way of grading together."""
    return Cost(
        sum(cost.submissions for cost in costs),
        sum(cost.wall for cost in costs),
        sum(cost.cpu for cost in costs),
        {name: sum(cost.places[name] for cost in costs) for name in costs[0].places},
    )


def beyond(large: Cost, small: Sequence[Cost]) -> Cost:
    """What the larger of two classes costs beyond the smaller: the start-up of both cancels."""
    start_and_few, runs = total(small), len(small)
    return Cost(
        large.submissions - start_and_few.submissions // runs,
        large.wall - start_and_few.wall / runs,
        large.cpu - start_and_few.cpu / runs,
    )


def at_a_time(
    work: Callable[[_Item], _Found], items: Sequence[_Item], jobs: int
) -> tuple[Cost, list[_Found]]:
    """The cost of working through items, `jobs` at a time, and what came of each.

    Its wall time is the mean of one item's times all of them, by `jobs`: where the number of items
    is no multiple of `jobs`, the place that is idle at the end is held against nobody.
    """

    def timed(item: _Item) -> tuple[float, _Found]:
        began = time.monotonic()
        found = work(item)
        return time.monotonic() - began, found

    before = children_seconds()
    with ThreadPoolExecutor(jobs) as pool:
        ended = list(pool.map(timed, items))
    wait_for_orphans()
    wall = statistics.fmean(seconds for seconds, _ in ended) * len(items) / jobs
    return Cost(len(items), wall, children_seconds() - before), [found for _, found in ended]


def once(work: Callable[[], _Found]) -> tuple[float, float, _Found]:
    """The wall time and the children's processor time that work takes, and what came of it."""
    began, before = time.monotonic(), children_seconds()
    found = work()
    wall = time.monotonic() - began
    wait_for_orphans()
    return wall, children_seconds() - before, found


# processes and their time


def start(
    command: Sequence[str], folder: Path, environment: dict[str, str] | None = None
) -> subprocess.Popen[str]:
    """A process with one thread for torch: with more, two at a time would wait for each other."""
    return subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, "OMP_NUM_THREADS": "1", **(environment or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def finish(process: subprocess.Popen[str]) -> tuple[int, str]:
    """A process's exit status and what it said."""
    with process:
        try:
            output, _ = process.communicate(timeout=PART_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            raise BenchmarkError(f"no end after {PART_SECONDS} s: {process.args!r}") from None
    return process.returncode, output


def adopt_orphans() -> None:
    """Have processes whose parent is gone become this one's: their time is counted then."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def wait_for_orphans() -> None:
    """Wait until every descendant has ended; this process must have no other children then."""
    deadline = time.monotonic() + _ORPHAN_SECONDS
    while time.monotonic() < deadline:
        try:
            ended, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not ended:
            time.sleep(0.02)
    raise BenchmarkError(f"something that was started goes on {_ORPHAN_SECONDS:g} s later")


def children_seconds() -> float:
    """Processor time of all children that have ended, and of theirs."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def parent_of(stat: Path) -> int:
    return int(stat.read_text().rpartition(")")[2].split()[1])


def descendants(of: int | None = None) -> list[int]:
    """The processes that one, this one if none is given, has started, and those that they have."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # it has ended meanwhile
            parents[int(stat.parent.name)] = parent_of(stat)
    found, waiting = [], [of or os.getpid()]
    while waiting:
        parent = waiting.pop()
        children = [process for process, above in parents.items() if above == parent]
        found += children
        waiting += children
    return found


# memory


@dataclass
class Memory:
    """The most memory that all descendants of this process had at one moment, in bytes.

    A page that several share counts once (PSS). `exact` is False where the kernel did not tell
    that of a process, and all its resident pages were counted instead (RSS): an upper bound.
    """

    peak: int = 0
    exact: bool = True

    @property
    def text(self) -> str:
        return f"{'' if self.exact else '≤'}{self.peak / (1 << 20):.0f}"


@contextlib.contextmanager
def watched_memory() -> Iterator[Memory]:
    """Watch the memory of this process's descendants; it costs time, so nothing is timed then."""
    memory, ended = Memory(), threading.Event()

    def watch() -> None:
        while not ended.wait(_SAMPLE_SECONDS):
            sizes = [_size(process) for process in descendants()]
            memory.peak = max(memory.peak, sum(size for size, _ in sizes))
            memory.exact &= all(exact for _, exact in sizes)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield memory
    finally:
        ended.set()
        watcher.join()
    if not memory.peak:
        raise BenchmarkError("what was to be watched has ended before it could be")


def _size(process: int) -> tuple[int, bool]:
    """A process's memory in bytes, and whether shared pages are divided among those who share."""
    proc = Path("/proc", str(process))
    with contextlib.suppress(OSError):
        for text in (proc / "smaps_rollup").read_text().splitlines():
            if text.startswith("Pss:"):
                return int(text.split()[1]) << 10, True
    try:
        resident = int((proc / "statm").read_text().split()[1]) * PAGE
    except OSError:
        return 0, True  # it has ended
    return resident, resident == 0  # of what has ended and was not waited for, nothing is left


def is_busy() -> bool:
    """Whether other work keeps this machine's processors from what is measured."""
    return os.getloadavg()[2] > (os.cpu_count() or 1)


def line(name: str, *cells: str, width: int = 52) -> str:
    """A line of a table: a name, and cells to the right."""
    return f"{name:<{width}}" + "".join(f"{cell:>12}" for cell in cells)
