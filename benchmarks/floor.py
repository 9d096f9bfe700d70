"""What grading has to cost: the solutions' own functions on the recorded inputs, and nothing else.

There is no sandbox, no comparison and no pytest in it, so nobody can do with less.

- **new ones**: in a fork of a warm process, which imports the files and answers each question
  once. So it is with every submission: its functions have never run before.
- **known ones**: again and again in one process, in which nothing is new any more.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import statistics
import sys
import time
from pathlib import Path

from classroom import recorded
from measuring import BenchmarkError

from grader.course import Course, load_course
from grader.probes import run_probe
from grader.sandbox.loader import import_submission
from grader.siblings import sources_of


class Floor:
    """What takes the processor time of the solutions' functions on all recorded inputs, once."""

    def __init__(self, course: Course, alone: Path) -> None:
        """`alone` is a folder in which pytest alone grades the solutions."""
        self._questions = [asked.question for asked in recorded(load_course(alone))]
        self._names = course.names
        self._files = sources_of(course.solutions, course.names)
        sys.path.insert(0, str(course.solutions))
        self._answer_all()  # once for torch's lazy parts
        gc.collect()
        gc.freeze()  # as before any fork of the grader's

    def of_known_ones(self) -> float:
        """In this process, in which they have run before; processor seconds."""
        began = time.process_time()
        self._answer_all()
        return time.process_time() - began

    def of_new_ones(self, together: int = 1) -> float:
        """In a fork of this process, to which they are new; the fork's processor seconds.

        So many forks run at the same time, and the mean of them is told: processors that share a
        core take longer over everything, and what is compared must share it too.
        """
        forks = [self._fork() for _ in range(together)]
        told = []
        for pid, ours in forks:
            with open(ours, encoding="ascii") as file:
                told.append(file.read())
            os.waitpid(pid, 0)
        if not all(told):
            raise BenchmarkError("the solutions' functions cannot be called in a fork")
        return statistics.mean(map(float, told))

    def _fork(self) -> tuple[int, int]:
        """A process that answers all, and where it tells what that took."""
        ours, forks = os.pipe()
        pid = os.fork()
        if pid == 0:
            try:
                for name in self._names:
                    del sys.modules[name]
                for name in self._names:
                    import_submission(name, self._files)
                self._answer_all()
                os.write(forks, repr(time.process_time()).encode())
            finally:
                os._exit(0)
        os.close(forks)
        return pid, ours

    def _answer_all(self) -> None:
        modules = {name: importlib.import_module(name) for name in self._names}
        for question in self._questions:
            function = getattr(modules[question.exercise], question.function)
            with contextlib.suppress(Exception):  # some questions are about what is raised
                run_probe(question.probe, function, "cpu", question.args, dict(question.kwargs))
