"""What `pytest exercises --report` adds to a run: it gathers, and writes the page at the end.

It is imported only where a report is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from pathlib import Path

import pytest

from grader.course import Course
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

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None]:
        """Write the page and say where it is: last, so that nobody waits for the verdict."""
        yield
        if session.exitstatus in (pytest.ExitCode.INTERNAL_ERROR, pytest.ExitCode.USAGE_ERROR):
            return
        reporter = session.config.pluginmanager.get_plugin("terminalreporter")
        say = reporter.write_line if reporter else lambda text, **_: None
        try:
            self._write(say)
        except KeyboardInterrupt:
            say("report: stopped, and no page was written")
            session.exitstatus = pytest.ExitCode.INTERRUPTED
            return
        except OSError as error:
            say(
                f"report: cannot write {shown(self._file)} ({error.strerror or error}): name "
                "another file, --report=FILE",
                red=True,
            )
            session.exitstatus = pytest.ExitCode.USAGE_ERROR
            return
        say(f"report: {shown(self._file)}  {self._file.as_uri()}")

    def _write(self, say: Callable[..., None]) -> None:
        from grader.student.report.asking import answers
        from grader.student.report.page import own_page
        from grader.student.report.pictures import Answer, pictures_of
        from grader.student.standing import TO_WRITE, standing
        from grader.writing import write_whole

        self._file.parent.mkdir(parents=True, exist_ok=True)
        known = standing(self._course)  # with this run: it is kept before anything is summed up
        states = {
            (each.exercise.name, function.name): function.state
            for each in known
            for function in each.functions
        }
        asked = pictures_of(self._course)
        written = [one for one in asked if states[one.exercise, one.function] != TO_WRITE]
        if written:
            say("report: drawing what your code does ...")
        drawn = answers(self._course, written)
        found = {one: drawn.get(one, Answer("todo")) for one in asked}
        write_whole(self._file, own_page(self._course, known, found))
