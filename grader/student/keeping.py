"""A pytest plugin that keeps how far the student is: at the end of each run, for the next look."""

from __future__ import annotations

from typing import Any

import pytest

from grader.course import Course
from grader.outcome import Result
from grader.student.written import Written


class Keeping:
    """Notes every check's outcome in a run, and writes them beside the course when it ends."""

    def __init__(self, course: Course) -> None:
        self._course = course
        self._written: dict[str, Written] = {}
        self._results: list[Result] = []
        self._trouble: str | None = None

    def pytest_sessionstart(self) -> None:
        # Read before anything is imported: who saves a file meanwhile has not run it yet.
        for exercise in self._course.exercises:
            self._written[exercise.name] = Written.read(self._course, exercise)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        result = getattr(report, "grader_result", None)
        if result is not None:
            self._results.append(result)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if not self._results or hasattr(session.config, "workerinput"):
            return
        from grader.student.progress import Progress

        progress = Progress.read(self._course)
        progress.add(self._results, self._written)
        try:
            progress.write()
        except OSError as error:
            self._trouble = f"{progress.file}: {error.strerror}"

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        if self._trouble is not None:
            terminalreporter.write_line(f"your progress could not be kept: {self._trouble}")
