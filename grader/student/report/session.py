"""What `pytest exercises --report` adds to a run: it gathers, and writes the page at the end.

It is imported only where a report is asked for.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from grader.course import Course
from grader.outcome import Check, Result
from grader.student.places import shown

DEFAULT = "report.html"  # in the course's folder: one that begins with a dot is seen by nobody
_SUFFIXES = (".html", ".htm")


class ReportSession:
    """A pytest plugin for one run that writes a report."""

    def __init__(self, course: Course, file: str) -> None:
        """UsageError where `file`, as it was given, can be no page."""
        if file and not file.lower().endswith(_SUFFIXES):
            raise pytest.UsageError(
                f"--report={file}: the page's name ends in .html; or write `--report` last, "
                "without a name"
            )
        self._course = course
        self._file = Path(file).absolute() if file else course.root / DEFAULT
        self._results: list[Result] = []
        self._collected: list[Check] = []
        self._session: pytest.Session | None = None

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        self._session = session

    @pytest.hookimpl(tryfirst=True)  # before -k leaves some of them out
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        from grader.plugin import CHECK

        found = (item.stash.get(CHECK, None) for item in items)
        self._collected = [check for check in found if check is not None]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        result = getattr(report, "grader_result", None)
        if result is not None:
            self._results.append(result)

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Write the page and say where it is; last, so that nobody waits for the verdict."""
        terminalreporter.ensure_newline()
        try:
            self._write()
        except OSError as error:
            terminalreporter.write_line(
                f"report: cannot write {shown(self._file)} ({error.strerror or error}): name "
                "another file, --report=FILE",
                red=True,
            )
            if self._session is not None:
                self._session.exitstatus = pytest.ExitCode.USAGE_ERROR
            return
        terminalreporter.write_line(f"report: {shown(self._file)}  {self._file.as_uri()}")

    def _write(self) -> None:
        from grader.student.report.asking import answers
        from grader.student.report.page import own_page
        from grader.student.report.pictures import Answer, pictures_of
        from grader.student.report.standing import TODO, standings
        from grader.writing import write_whole

        self._file.parent.mkdir(parents=True, exist_ok=True)
        known = standings(self._course, self._results, self._collected)
        states = {
            (each.name, function.name): function.state
            for each in known
            if not each.stale
            for function in each.functions
        }
        asked = pictures_of(self._course)
        unwritten = [one for one in asked if states.get((one.exercise, one.function)) == TODO]
        drawn = answers(self._course, [one for one in asked if one not in unwritten])
        found = {one: drawn.get(one, Answer("todo")) for one in asked}
        write_whole(self._file, own_page(self._course, known, found))
