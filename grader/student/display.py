"""A pytest plugin that shows a student's run: panels, each exercise, and what is next.

What is shown is made in `screen.py`, which is imported only where there is something to show:
nothing that a run without checks needs takes time here.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest

from grader.course import Course

_PYTESTS_OWN = "fE"  # what pytest's short summary lists where nothing else is asked for


class StudentDisplay:
    """What one run of `pytest exercises` shows."""

    def __init__(self, course: Course) -> None:
        self._course = course
        self._reports: list[pytest.TestReport] = []
        self._interrupt: pytest.ExceptionInfo[BaseException] | None = None
        self._failed: list[Any] | None = None

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if hasattr(report, "grader_result"):
            self._reports.append(report)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """What was printed acts on no terminal and no log, whoever shows it: -rP, JUnit's file."""
        report = yield
        if report.sections:
            from grader.student.panel import harmless

            report.sections = [(name, harmless(text)) for name, text in report.sections]
        return report

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: pytest.TestReport) -> Any:
        result = getattr(report, "grader_result", None)
        if result is not None and result.outcome == "todo":
            return "todo", "t", ("TODO", {"light": True})
        return None

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        self._interrupt = excinfo

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_terminal_summary(self, terminalreporter: Any) -> Generator[None, object, object]:
        """Keep pytest from showing what has a panel; it is counted all the same."""
        failed = terminalreporter.stats.get("failed")
        if not failed or not self._reports:
            return (yield)
        self._failed = failed
        others = [report for report in failed if not hasattr(report, "grader_result")]
        terminalreporter.stats["failed"] = others
        try:
            return (yield)
        finally:
            terminalreporter.stats["failed"] = failed

    @pytest.hookimpl(specname="pytest_terminal_summary", tryfirst=True)
    def pytest_show_panels(self, terminalreporter: Any, config: pytest.Config) -> None:
        """The panels, and each exercise; then pytest's own lines of what failed, where asked for.

        What stands in a log is read by those who cannot run again: there it is always asked for.
        """
        if not self._reports:
            return
        from grader.student.screen import Screen, in_ci

        if not config.option.no_summary:
            Screen(config, self._course, self._reports).show()
        if self._failed is not None and (in_ci() or config.option.reportchars != _PYTESTS_OWN):
            terminalreporter.stats["failed"] = self._failed

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None, object, object]:
        """The very last line, after pytest's own: what is next."""
        done = yield
        config = session.config
        shows = config.pluginmanager.has_plugin("terminalreporter") and not config.option.no_summary
        if shows and (self._reports or self._interrupt is not None):
            from grader.student.screen import Screen

            Screen(config, self._course, self._reports).close(self._interrupt)
        return done
