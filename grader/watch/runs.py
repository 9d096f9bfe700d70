"""A run as the watching process knows it: what it checks, how far it is, and how it ended."""

from __future__ import annotations

import re
import signal
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from grader.course import Course
from grader.outcome import Check, Result
from grader.student.places import shown
from grader.watch.asking import Scope

_MOST_TEXT = 200_000  # characters of a run's output that are shown: first half, last half
_FRAME = re.compile(r'^  File "(.*)", line (\d+) in (.*)$', re.MULTILINE)
_TIMES_UP = "Timeout ("  # what faulthandler writes above the frames


@dataclass
class Run:
    """One run; `began` and `news` are in seconds of `time.monotonic()`."""

    number: int
    scope: Scope
    output: Path
    trace: Path
    encoding: str = "utf-8"  # of the output
    began: float = field(default_factory=time.monotonic)
    news: float | None = None  # when it was last heard of; None before it has started
    process: int | None = None
    checks: int | None = None  # how many there are
    running: Check | None = None
    results: list[Result] = field(default_factory=list)
    interrupted: float | None = None  # when it was asked to end
    status: int | None = None  # pytest's, where it came to its end
    ended: int | None = None  # the process's, where it did not; a signal is negative

    def hear(self, message: dict[str, Any]) -> None:
        """Take in what the process tells of this run."""
        self.news = time.monotonic()
        match message:
            case {"started": int(process)}:
                self.process = process
            case {"checks": int(number)}:
                self.checks = number
            case {"check": dict(check)}:
                self.running = Check(**check)
            case {"outcome": str(outcome), "seconds": float(seconds)} if self.running:
                self.results.append(Result(self.running, outcome, None, seconds))
                self.running = None
            case {"finished": int(status)}:
                self.status = status
            case {"ended": int(ended)}:
                self.ended = ended

    @property
    def is_over(self) -> bool:
        return self.status is not None or self.ended is not None

    @property
    def is_lost(self) -> bool:
        """Whether its process ended, and the run had not."""
        return self.status is None and self.ended is not None

    def text(self) -> str:
        """What pytest has shown so far."""
        try:
            text = self.output.read_text(encoding=self.encoding, errors="replace")
        except OSError:
            return ""
        if len(text) > _MOST_TEXT:
            half = _MOST_TEXT // 2
            text = f"{text[:half]}\n… {len(text) - 2 * half:,} characters …\n{text[-half:]}"
        return text

    def loss(self, course: Course, seconds: float) -> tuple[str, str]:
        """Of a run that is lost: the outcome of the check that ran, timeout or crashed, and why, in
        words for the student. `seconds` is the time that a check has."""
        try:
            trace = self.trace.read_text(encoding="utf-8", errors="replace")
        except OSError:
            trace = ""
        where = _students_line(course, trace)
        if trace.startswith(_TIMES_UP):
            said = f"it did not end: after {seconds:g} s it was still running"
            return "timeout", f"{said}{f', at {where}' if where else ''}"
        assert self.ended is not None
        return "crashed", f"{_death(self.ended, trace)}{f', at {where}' if where else ''}"


def _students_line(course: Course, trace: str) -> str | None:
    """The innermost line of the student's own in what faulthandler wrote."""
    for name, line, function in _FRAME.findall(trace):
        file = Path(name)
        if file.parent == course.stubs and not file.name.startswith("test_"):
            return f"{shown(file)}:{line}, in {function}"
    return None


def _death(ended: int, trace: str) -> str:
    """How a process ended that was not to end yet."""
    if ended < 0:
        try:
            name = signal.Signals(-ended).name
        except ValueError:
            name = f"signal {-ended}"
        if name == "SIGKILL":
            return "the system ended it (SIGKILL): it may have taken all the memory"
        return f"Python crashed ({name})"
    if "fatal exception" in trace.partition("\n")[0]:  # Windows has no signals
        return f"Python crashed ({trace.partition('exception: ')[2].partition(chr(10))[0]})"
    return f"it ended Python itself, with exit status {ended}"
