"""Has the pictures drawn in a process of their own, which may hang, crash or print as it likes.

A fresh Python on every system, not a fork of this one: a process in which torch has computed has
threads, and on a machine with a GPU, or on macOS, no fork of it can be relied on. All pictures are
drawn by one process, which imports torch once; a picture that ends the process costs another start.
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from grader.course import Course
from grader.student.report import worker
from grader.student.report.pictures import PICTURES, Answer, Picture

_START = 180.0  # seconds until torch is imported: a cold disk can be slow
_PACKAGES = Path(__file__).parents[3]  # the folder that the package `grader` lies in


def answers(
    course: Course, pictures: Sequence[Picture], patience: float = 1.0
) -> dict[Picture, Answer]:
    """What came of each picture; of one that took longer than it may, that it did.

    `patience` is by how much that limit is stretched.
    """
    found: dict[Picture, Answer] = {}
    waiting = list(pictures)
    while waiting:
        for picture, answer in _of_one_process(course, tuple(waiting), patience):
            found[picture] = answer
            waiting.remove(picture)
    return found


def _of_one_process(
    course: Course, pictures: Sequence[Picture], patience: float
) -> Iterator[tuple[Picture, Answer]]:
    """The answers of one process, until it has ended; at least one."""
    process = _started(course, pictures)
    lines: queue.Queue[str] = queue.Queue()
    threading.Thread(target=_read, args=(process, lines), daemon=True).start()
    running, begun = pictures[0], False
    try:
        for _ in range(2 * len(pictures)):
            seconds = patience * running.limit if begun else _START
            try:
                said = _understood(lines.get(timeout=seconds))
            except queue.Empty:
                yield running, Answer("timeout", f"{seconds:g}")
                return
            if said is None:
                yield running, Answer("crashed")
                return
            begun = isinstance(said, Picture)
            if isinstance(said, Picture):
                running = said
            else:
                yield running, said
                running = _next(pictures, running)
    finally:
        process.kill()
        process.wait()


def _next(pictures: Sequence[Picture], picture: Picture) -> Picture:
    """The one that is prepared after another is drawn."""
    return pictures[min(pictures.index(picture) + 1, len(pictures) - 1)]


def _started(course: Course, pictures: Sequence[Picture]) -> subprocess.Popen[str]:
    path = os.pathsep.join(filter(None, [str(_PACKAGES), os.environ.get("PYTHONPATH")]))
    return subprocess.Popen(
        [
            sys.executable,
            *("-m", worker.__name__),
            str(course.root),
            *(picture.name for picture in pictures),
        ],
        cwd=course.root,
        env=os.environ | {"PYTHONPATH": path},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
        errors="replace",
    )


def _read(process: subprocess.Popen[str], lines: queue.Queue[str]) -> None:
    assert process.stdout is not None
    with process.stdout:
        for line in process.stdout:
            lines.put(line)
    lines.put("")


def _understood(line: str) -> Picture | Answer | None:
    """Which picture was begun, or what came of it; None where the process has ended, or a student's
    code speaks in its place."""
    try:
        said: dict[str, Any] = json.loads(line)
        return PICTURES[said["begun"]] if "begun" in said else Answer(**said["answer"])
    except (ValueError, TypeError, KeyError):
        return None
