"""Keeps a warm process at hand and has it run checks: one run at a time, the newest.

On Linux one process forks for each run. Elsewhere a process runs once, and the next one warms up as
soon as that has ended: Windows has no fork, and on macOS Accelerate and Metal do not survive one.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from grader.course import Course
from grader.watch.asking import Request, Scope
from grader.watch.runs import Run

FORKS = sys.platform == "linux"
_END_SECONDS = 10.0  # until a process that was killed is gone; the last resort


@dataclass(frozen=True)
class Told:
    """What a warm process says; `{"gone": status}` when it has ended."""

    process: WarmProcess
    message: dict[str, Any]


class WarmProcess:
    """One process of `grader.watch.warm`, in a session of its own: no key of the terminal ends it.

    What it says comes into `events`.
    """

    def __init__(
        self,
        course: Course,
        exercise: str | None,
        forks: bool,
        environment: dict[str, str],
        log: Path,
        events: queue.SimpleQueue[Any],
    ) -> None:
        self.files: set[str] = set()  # of the course, that it holds in memory
        self.has_read = False  # until it has said which these are, it may hold any
        self.log = log
        arguments = ["--course", str(course.root)]
        arguments += ["--exercise", exercise] if exercise else []
        arguments += ["--forks"] if forks else []
        apart: dict[str, Any]
        if sys.platform == "win32":
            apart = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
        else:
            apart = {"start_new_session": True}
        with open(log, "wb") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "grader.watch.warm", *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=environment,
                **apart,
            )
        self._events = events
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def ask(self, request: Request) -> None:
        """Have it run; where it is gone, its last message says so."""
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):
            self._process.stdin.write(request.line())
            self._process.stdin.flush()

    def end(self) -> None:
        """Kill it, and what it has started in its group."""
        end_group(self._process.pid)
        self._process.kill()
        self._process.wait(_END_SECONDS)
        self._listener.join(_END_SECONDS)
        assert self._process.stdin is not None and self._process.stdout is not None
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        if not self._listener.is_alive():
            self._process.stdout.close()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            with contextlib.suppress(ValueError):
                self._events.put(Told(self, json.loads(line)))
        self._events.put(Told(self, {"gone": self._process.wait()}))


class Runner:
    """Starts runs and hears of them; a context manager that leaves no process behind."""

    def __init__(
        self,
        course: Course,
        events: queue.SimpleQueue[Any],
        encoding: str = "utf-8",
        forks: bool = FORKS,
    ) -> None:
        """`encoding` is that of the screen: a run shows no sign that the screen has not."""
        self.course = course
        self._events = events
        self._encoding = encoding
        self._forks = forks
        self._folder = tempfile.TemporaryDirectory(prefix="grader-watch-")
        self._numbers = itertools.count(1)
        self._next: WarmProcess | None = None  # takes the next request
        self._busy: WarmProcess | None = None  # takes the messages of the run that is going on
        self.run: Run | None = None

    def __enter__(self) -> Runner:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
        self.forget()
        with contextlib.suppress(OSError):  # on Windows while a student's process holds a file
            self._folder.cleanup()

    @property
    def seconds(self) -> float:
        """The wall time that a check has."""
        return self.course.limits.wall_seconds

    def start(self, scope: Scope, arguments: Sequence[str], columns: int) -> Run:
        """Run the checks of a scope; a run that is still going on is ended."""
        self.stop()
        number = next(self._numbers)
        output, trace = (self._file(f"{number}.{kind}") for kind in ("output", "trace"))
        self.run = Run(number, scope, output, trace, self._encoding)
        self.warm_up(scope.exercise)
        self._busy = self._next
        if not self._forks:
            self._next = None
        files = scope.files(self.course)
        assert self._busy is not None
        self._busy.ask(
            Request(
                number,
                scope.exercise,
                scope.function,
                (*files, *arguments),
                str(output),
                str(trace),
                columns,
                self.seconds,
            )
        )
        return self.run

    def hear(self, told: Told) -> bool:
        """Take in what a process tells; True where the run is over with that."""
        process, message = told.process, told.message
        if "file" in message:
            process.files.add(str(message["file"]))
        process.has_read = process.has_read or "read" in message
        if "gone" in message:
            if process is self._next:
                self._next = None
            if process is self._busy and self.run is not None and not self.run.is_over:
                self.run.hear({"ended": message["gone"]})
                self._over()
                return True
        elif self.run is not None and message.get("run") == self.run.number:
            was_over = self.run.is_over
            self.run.hear(message)
            if self.run.is_over and not was_over:
                self._over()
                return True
        elif "started" in message and self._forks:
            end_group(message["started"])  # it was outdated before it started
        return False

    def stop(self) -> None:
        """End the run that is going on, if there is one: nothing more is heard of it."""
        if self.run is None:
            return
        run, self.run = self.run, None
        if not run.is_over:
            self._clear(run)

    def interrupt(self) -> bool:
        """Ask the run to end and to say where it is; False where it cannot be asked, or was."""
        run = self.run
        if run is None or run.process is None or run.interrupted is not None:
            return False
        if sys.platform == "win32":
            return False
        run.interrupted = time.monotonic()
        with contextlib.suppress(OSError):
            os.kill(run.process, signal.SIGINT)
        return True

    def forget(self) -> None:
        """End the warm processes: the next run starts with one that has read all files anew."""
        for process in {self._next, self._busy} - {None}:
            assert process is not None
            process.end()
        self._next = self._busy = None

    def holds(self, files: Sequence[str]) -> bool:
        """Whether one of these files may be in the memory of the process that takes the next run;
        those that students write never are."""
        if self._next is None:
            return False
        own = {str(self.course.stubs / one.file_name) for one in self.course.exercises}
        held = self._next.files if self._next.has_read else set(files) - own
        return not held.isdisjoint(files)

    def log(self) -> str:
        """What the warm process of the run wrote itself; nothing, where all is well."""
        try:
            return self._busy.log.read_text("utf-8", "replace") if self._busy else ""
        except OSError:
            return ""

    def warm_up(self, exercise: str | None) -> None:
        """Have a process at hand for the next run."""
        if self._next is None:
            self._next = self._warm(exercise)

    def _over(self) -> None:
        assert self.run is not None
        self._clear(self.run)
        if not self._forks:
            self.warm_up(self.run.scope.exercise)

    def _clear(self, run: Run) -> None:
        """Leave nothing of a run's process, nor of those that it started."""
        if not self._forks:
            if self._busy is not None:
                self._busy.end()
        elif run.process is not None:
            end_group(run.process)

    def _warm(self, exercise: str | None) -> WarmProcess:
        log = self._file(f"{next(self._numbers)}.log")
        environment = _environment(self._forks, self._encoding)
        return WarmProcess(self.course, exercise, self._forks, environment, log, self._events)

    def _file(self, name: str) -> Path:
        return Path(self._folder.name, name)


def end_group(process: int) -> None:
    """Kill a process and those of its group. On Windows, which has no groups, nothing."""
    if sys.platform != "win32":
        with contextlib.suppress(OSError):
            os.killpg(process, signal.SIGKILL)


def _environment(forks: bool, encoding: str) -> dict[str, str]:
    environment = {
        **os.environ,
        "PYTHONIOENCODING": f"{encoding}:backslashreplace",
        "PYTHONUNBUFFERED": "1",
        "PYTHONFAULTHANDLER": "",
    }
    if forks:  # a process that has used a GPU, or has threads, cannot be forked
        environment.update(CUDA_VISIBLE_DEVICES="", OMP_NUM_THREADS="1", MKL_NUM_THREADS="1")
    return environment
