"""A pytest plugin that keeps how far the student is: at the end of each run, for the next look.

It also carries results from the processes of pytest-xdist to the one that the student started.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import asdict
from typing import Any

import pytest

from grader.course import Course
from grader.outcome import Check, Result
from grader.student.written import Written

_RESULT = "$grader_result"


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

    @pytest.hookimpl(wrapper=True)
    def pytest_report_to_serializable(
        self, report: Any
    ) -> Generator[None, dict[str, Any] | None, dict[str, Any] | None]:
        data = yield
        result = None if data is None else data.pop("grader_result", None)
        if data is not None and result is not None:
            data[_RESULT] = asdict(result)
        return data

    @pytest.hookimpl(wrapper=True)
    def pytest_report_from_serializable(
        self, data: dict[str, Any]
    ) -> Generator[None, Any, pytest.TestReport | pytest.CollectReport | None]:
        found = data.pop(_RESULT, None)
        report = yield
        if report is not None and found is not None:
            report.grader_result = Result(**{**found, "check": Check(**found["check"])})
        return report  # type: ignore[no-any-return]  # pytest's hook is untyped here
