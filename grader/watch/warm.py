"""The warm process: has imported torch, pytest and the checks, and runs checks at once when asked.

Run as `python -m grader.watch.warm` by the watching process, which asks on standard input and is
told on standard output, a line of JSON each. With `--forks` every run is a fork; without, this
process runs once and ends. The student's file is never imported before that. Where forks are to
come no thread is started here and no GPU touched: a fork of a process that has either may hang.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import queue
import select
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from grader.watch.asking import Request, Scope
from grader.watch.once import perform

Tell = Callable[..., None]


def main() -> None:
    """Import what takes long, then run what is asked until the watching process is gone."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--course", type=Path, required=True)
    parser.add_argument("--exercise")
    parser.add_argument("--forks", action="store_true")
    options = parser.parse_args()
    requests, tell = _channels()
    if options.forks:
        die_with_parent()
        _serve(requests, tell, options.course)
    else:
        _serve_once(_Listener(requests), tell, options.course, options.exercise)


def _channels() -> tuple[Requests, Tell]:
    """Where requests come from and answers go; nothing else reads the one or writes to the other.

    A student's code finds an empty standard input and, until a run has its own, a void for output.
    """
    requests = Requests(os.dup(0))
    answers = os.dup(1)
    void = os.open(os.devnull, os.O_RDWR)
    os.dup2(void, 0)
    os.dup2(void, 1)
    os.close(void)

    def tell(**message: Any) -> None:
        # One write each: what forks tell at the same time does not mix.
        os.write(answers, json.dumps(message).encode() + b"\n")

    return requests, tell


class Requests:
    """The requests of the watching process, in their order; they end when it does."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._read = b""

    def __iter__(self) -> Iterator[Request]:
        while True:
            while b"\n" not in self._read:
                more = os.read(self._descriptor, 65536)
                if not more:
                    return
                self._read += more
            line, _, self._read = self._read.partition(b"\n")
            yield Request.of(line)

    def are_waiting(self) -> bool:
        """Whether there is a next one; not on Windows, which can wait for sockets alone."""
        return b"\n" in self._read or bool(select.select([self._descriptor], [], [], 0)[0])


# with forks


def _serve(requests: Requests, tell: Tell, course: Path) -> None:
    """Fork for each request. The child before stays a zombie until the next request, so that the
    watching process, which ends children by their number, never meets another's."""
    rehearsed: set[str] = set()
    child: int | None = None
    first = True
    for request in requests:
        if first:  # what the first run takes from memory too
            _collect(course, request.exercise, tell)
            first = False
        if child is not None:
            os.waitpid(child, 0)
        gc.collect()
        gc.freeze()  # pytest collects garbage twice a run: of what is here there is none
        child = os.fork()
        if child == 0:
            _perform_in_fork(request, tell)
        _lead_group(child)
        tell(run=request.run, started=child)
        exercise = request.exercise  # None is all of them: that would take too long
        if exercise is not None and exercise not in rehearsed and not requests.are_waiting():
            rehearsed.add(exercise)
            _rehearse(course, exercise, tell)  # beside the child: the next run finds it done
        ended = os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
        assert ended is not None
        is_exit = ended.si_code == os.CLD_EXITED
        tell(run=request.run, ended=ended.si_status if is_exit else -ended.si_status)


def _perform_in_fork(request: Request, tell: Tell) -> None:
    try:
        die_with_parent()
        _lead_group(0)
        perform(request, tell)
    finally:
        os._exit(70)  # never back into the loop that forks


def _lead_group(process: int) -> None:
    """Make a child lead its own group, with which it is ended. Both sides do, whoever is first."""
    try:
        os.setpgid(process, process)
    except OSError:  # it has ended, or has done so itself
        pass


def die_with_parent() -> None:
    """Have Linux kill this process when its parent is gone, however that ended."""
    if sys.platform != "linux":
        return
    import ctypes
    import signal

    parent = os.getppid()
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    if os.getppid() != parent or parent == 1:
        os._exit(1)  # it was gone before


# without


class _Listener:
    """Hears requests on a thread of its own, and ends this process where the asking one is gone."""

    def __init__(self, requests: Requests) -> None:
        self._requests = requests
        self._heard: queue.SimpleQueue[Request] = queue.SimpleQueue()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        for request in self._requests:
            self._heard.put(request)
        os._exit(1)

    def is_waiting(self) -> bool:
        return not self._heard.empty()

    def next(self) -> Request:
        return self._heard.get()


def _serve_once(listener: _Listener, tell: Tell, course: Path, exercise: str | None) -> None:
    """Run one request; meanwhile make ready for one on this exercise."""
    if exercise is not None:
        _collect(course, exercise, tell)
        if not listener.is_waiting():
            _rehearse(course, exercise, tell, listener.is_waiting)
    request = listener.next()
    tell(run=request.run, started=os.getpid())
    perform(request, tell)


# what is done beforehand


def _collect(course: Path, exercise: str | None, tell: Tell) -> None:
    """Import torch and the checks of an exercise, as a run does: hypothesis reads the settings that
    the plugin gives a student's run when a check is imported. Where it fails the run says why."""
    import pytest
    import torch

    import grader.checking.diagnosis
    import grader.checking.recorded
    import grader.checking.source
    import grader.misconceptions
    import grader.sandbox.unwritten
    import grader.student.screen
    import grader.writing  # noqa: F401  # a run imports these when it comes to them

    torch.set_num_threads(1)  # a fork of a process whose OpenMP has threads hangs at its next use
    if exercise is not None:
        pytest.main([*_files(course, exercise), "--collect-only", *_QUIET])
        _tell_files(course, tell)


def _rehearse(
    course: Path, exercise: str, tell: Tell, is_interrupted: Callable[[], bool] = lambda: False
) -> None:
    """Run the checks of an exercise on the references themselves, so that what torch and hypothesis
    do on their first use is done."""
    import pytest

    if f"test_{exercise}" not in sys.modules:
        _collect(course, exercise, tell)
    pytest.main([*_files(course, exercise), *_QUIET], plugins=[_Rehearsal(is_interrupted)])
    _tell_files(course, tell)


_QUIET = ("-q", "-p", "no:cacheprovider", "-p", "no:faulthandler", "-W", "ignore")


class _Rehearsal:
    """Takes the place of the student's session: each question is answered as the reference does."""

    def __init__(self, is_interrupted: Callable[[], bool]) -> None:
        self._is_interrupted = is_interrupted

    def examine(self, question: Any, expectation: Any) -> None:
        observation = getattr(expectation, "observation", {})
        expectation.problem_with(question, {"observation": observation}, "cpu")
        expectation.problem_with(question, {"observation": {}}, "cpu")  # the words for a wrong one

    def pytest_runtest_logfinish(self) -> None:
        import pytest

        if self._is_interrupted():
            pytest.exit("a run is asked for")


def _files(course: Path, exercise: str) -> list[str]:
    from grader.course import load_course

    return Scope(exercise).files(load_course(course))


def _tell_files(course: Path, tell: Tell) -> None:
    """Say which of the course's files are in memory, and that these are all so far: where one
    changes, so must this process."""
    folder = str(course / "exercises") + os.sep
    for module in list(sys.modules.values()):
        file = getattr(module, "__file__", None)
        if isinstance(file, str) and file.startswith(folder):
            tell(file=file)
    tell(read=True)


if __name__ == "__main__":
    main()
