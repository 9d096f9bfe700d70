"""Goes over the grades of a class part by part, in several processes where it is a large one.

A page of a student takes milliseconds to write, and a class has thousands of students.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any, TypeVar

from grader.gradebook import KeptGrades
from grader.grades import Grade

_PART = 100  # grades; a class of less than two parts is not worth a process
_MOST = 8  # processes: they wait for one disk
_Result = TypeVar("_Result")
_given: list[Any] = []  # to a process of this module's own: the work, and all parts


def over_parts(
    grades: Sequence[Grade], work: Callable[[Iterable[Grade]], _Result]
) -> Iterator[_Result]:
    """What `work` gives for each part of the grades, in their order.

    It may have been done in another process: what it gives is pickled, and so is what it raises.
    """
    parts = [grades[begin : begin + _PART] for begin in range(0, len(grades), _PART)]
    processes = min(_processors(), len(grades) // _PART, _MOST)
    if processes < 2:
        yield from map(work, parts)
        return
    if isinstance(grades, KeptGrades):
        grades.disconnect()  # no connection of a database may be there on both sides of a fork
    pool = ProcessPoolExecutor(
        processes, get_context("fork"), initializer=_begin, initargs=(work, parts)
    )
    try:
        yield from pool.map(_work, range(len(parts)))
    finally:
        pool.shutdown(cancel_futures=True)


def _processors() -> int:
    """How many this process may use; one where a fork of a process like this one is not safe."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else 1


def _begin(*given: Any) -> None:
    """In a new process; what it is given came with the fork, and was not pickled."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that asked ends this one
    _given[:] = given


def _work(part: int) -> Any:
    work, parts = _given
    return work(parts[part])
