"""Shows a student's run on pytest's own terminal: panels, each exercise, and what is next.

A pytest plugin. What it writes is made by `panel.py` and `summary.py`; colours, width and whether
there are colours at all are pytest's.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from grader.course import Course
from grader.outcome import Result
from grader.student.page import Line, Page, Span, line
from grader.student.panel import Printed, Reading, file_panel, panel, short_panel
from grader.student.places import about, place_of, shown
from grader.student.summary import (
    Step,
    exercise_lines,
    first_to_show,
    in_teaching_order,
    next_line,
    next_step,
    others_in_lines,
    waiting_lines,
)
from grader.student.unwritten import ToWrite

_MOST_PANELS = 3  # in full, where not all of them are asked for
_LINES_AROUND = 6  # what pytest writes after the last panel, and the prompt
_MARKUP: Mapping[str, Mapping[str, bool]] = {
    "": {},
    "title": {"bold": True},
    "name": {"bold": True},
    "good": {"green": True},
    "good element": {"green": True, "bold": True},
    "bad": {"red": True},
    "bad name": {"red": True, "bold": True},
    "bad element": {"red": True, "bold": True},
    "mark": {"red": True, "bold": True},
    "label": {"light": True},
    "quiet": {"light": True},
    "hint": {"yellow": True},
    "next": {"cyan": True, "bold": True},
}


@dataclass(frozen=True)
class _Panel:
    """What is shown together: one check, or all of a file that cannot be imported."""

    results: Sequence[Result]
    printed: Sequence[Printed] = ()

    @property
    def of_file(self) -> bool:
        problem = self.results[0].problem
        return problem is not None and problem.of_file


class StudentDisplay:
    """A pytest plugin for what one run of `pytest exercises` shows."""

    def __init__(self, course: Course) -> None:
        self._course = course
        self._reports: list[pytest.TestReport] = []
        self._stopped_at: Line | None = None
        self._hidden: list[Any] = []

    # what ran

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if hasattr(report, "grader_result"):
            self._reports.append(report)

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: pytest.TestReport) -> Any:
        result = getattr(report, "grader_result", None)
        if result is not None and result.outcome == "todo":
            return "todo", "t", ("TODO", {"light": True})
        return None

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        own = [(Path(entry.path), entry) for entry in excinfo.traceback]
        mine = [
            (path, entry)
            for path, entry in own
            if path.parent == self._course.stubs and not path.name.startswith("test_")
        ]
        if mine:
            path, entry = mine[-1]
            place, code = f"{shown(path)}:{entry.lineno + 1}", str(entry.statement).strip()
            self._stopped_at = line(Span("stopped at ", "bad"), f"{place}  {code}")

    # what is shown

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_terminal_summary(self, terminalreporter: Any) -> Generator[None, object, object]:
        """Keep what has a panel of its own from being shown once more by pytest."""
        failed = terminalreporter.stats.get("failed", [])
        mine = [report for report in failed if hasattr(report, "grader_result")]
        if not mine:
            return (yield)
        terminalreporter.stats["failed"] = [one for one in failed if one not in mine]
        if _wants_short_summary(terminalreporter.config):
            self._hidden = failed
        try:
            return (yield)
        finally:
            terminalreporter.stats["failed"] = failed

    @pytest.hookimpl(specname="pytest_terminal_summary", tryfirst=True)
    def pytest_show_summary(self, terminalreporter: Any, config: pytest.Config) -> None:
        """The panels, and each exercise."""
        if self._reports and not config.option.no_summary:
            writer, page = config.get_terminal_writer(), _page(config)
            last = self._exercises(page) if config.option.verbose > -2 else []
            panels = self._panels(config, page, len(last))
            if panels:
                writer.sep("=", "FAILURES")
            _write(writer, panels)
            if last:
                _write(
                    writer, waiting_lines(in_teaching_order(self._course, self._results()), page)
                )
                writer.sep("=", "exercises", bold=True)
            _write(writer, last)
        if self._hidden:
            terminalreporter.stats["failed"] = self._hidden

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None, object, object]:
        """The very last line: what is next."""
        done = yield
        config = session.config
        has_terminal = config.pluginmanager.has_plugin("terminalreporter")
        if self._reports and has_terminal and not config.option.no_summary:
            writer, page = config.get_terminal_writer(), _page(config)
            if self._stopped_at is not None:
                _write(writer, [_fitting(self._stopped_at, page)])
            step = next_step(self._course, self._results())
            if step is not None:
                _write(writer, [self._next(step, page)])
        return done

    def _next(self, step: Step, page: Page) -> Line:
        """What a function needs comes before itself, and is written first."""
        if step.verb == "write":
            first = ToWrite(self._course).first(step.exercise.name, step.function)
            if first is not None:
                return next_line(step.verb, first.name, first.place, page)
        place = place_of(self._course, step.exercise, step.function)
        return next_line(step.verb, step.function, place, page)

    def _results(self) -> list[Result]:
        return [report.grader_result for report in self._reports]

    def _exercises(self, page: Page) -> list[Line]:
        return exercise_lines(self._course, self._results(), page)

    def _panels(self, config: pytest.Config, page: Page, lines_after: int) -> list[Line]:
        """Panels as many as fit, and the other checks in a line each function."""
        style = config.option.tbstyle
        results = in_teaching_order(self._course, self._results())
        wrong = [result for result in results if result.outcome not in ("passed", "todo")]
        if not wrong or style == "no":
            return []
        if style == "line":
            return [self._one_line(result, page) for result in wrong]
        if style == "short":
            return [each for result in wrong for each in (*short_panel(result, page), line())]
        units = self._units(wrong, config)
        if config.option.verbose > 0 or style != "auto" or _in_ci():
            return self._in_full(units, [], page)
        chosen = first_to_show([unit.results[0] for unit in units], _MOST_PANELS)
        full = [unit for unit in units if any(unit.results[0] is one for one in chosen)]
        height = shutil.get_terminal_size().lines if sys.stdout.isatty() else None
        while True:
            others = [one for unit in units if unit not in full for one in unit.results]
            lines = self._in_full(full, others, page)
            if height is None or len(full) == 1:
                return lines
            if len(lines) + lines_after + _LINES_AROUND <= height:
                return lines
            full = full[:-1]

    def _units(self, wrong: Sequence[Result], config: pytest.Config) -> list[_Panel]:
        """What is shown together, in the order of the course."""
        units: dict[str, _Panel] = {}
        reports = {
            id(result): report
            for result, report in zip(self._results(), self._reports, strict=True)
        }
        for result in wrong:
            unit = _Panel([result], _printed(reports[id(result)], config.option.showcapture))
            key = result.check.exercise if unit.of_file else result.check.id
            if key in units:
                unit = _Panel([*units[key].results, result], units[key].printed)
            units[key] = unit
        return list(units.values())

    def _in_full(self, units: Sequence[_Panel], others: Sequence[Result], page: Page) -> list[Line]:
        lines: list[Line] = []
        for unit in units:
            if unit.of_file:
                lines += file_panel(unit.results, page)
            else:
                (result,) = unit.results
                lines += panel(result, self._reading(result), page, unit.printed)
            lines.append(line())
        return lines + others_in_lines(others, page)

    def _reading(self, result: Result) -> Reading:
        check = result.check
        exercise = self._course.exercise(check.exercise)
        again = f"pytest {shown(self._course.stubs)} -k {check.id.rpartition('/')[2]}"
        place = place_of(self._course, exercise, check.function)
        return Reading(place, about(self._course, exercise, check.function), again)

    def _one_line(self, result: Result, page: Page) -> Line:
        check = result.check
        place = place_of(self._course, self._course.exercise(check.exercise), check.function)
        return line(
            Span(page.plain(f"{place}: "), "bad"), page.plain(f"{check.function}: {check.title}")
        )


def _printed(report: pytest.TestReport, which: str) -> list[Printed]:
    """What was captured while a check ran, of what --show-capture asks for."""
    return [
        Printed(name, text)
        for name, text in report.sections
        if text.strip() and which != "no" and (which == "all" or which in name)
    ]


def _page(config: pytest.Config) -> Page:
    width = config.get_terminal_writer().fullwidth
    if sys.platform == "win32":
        width -= 1  # in its last column a Windows console begins a new line, as pytest knows too
    return Page(width, getattr(sys.stdout, "encoding", None) or "utf-8")


def _in_ci() -> bool:
    """A log is read by whom cannot run again: it holds everything, as pytest's own summary does."""
    return any(os.environ.get(name) for name in ("CI", "BUILD_NUMBER"))


def _wants_short_summary(config: pytest.Config) -> bool:
    """Whether pytest's lines of what failed are asked for; else the panels say it all."""
    return _in_ci() or config.option.reportchars != "fE"


def _fitting(long: Line, page: Page) -> Line:
    first, second = long
    return line(first, page.cut(page.plain(second.text), page.width - len(first.text)))


def _write(writer: Any, lines: Iterable[Line]) -> None:
    for each in lines:
        for number, span in enumerate(each):
            is_last = number == len(each) - 1
            text = span.text.rstrip() if is_last else span.text
            if span.style == "code" and writer.hasmarkup and writer.code_highlight:
                writer.write(_highlighted(text))
            else:
                writer.write(text, **_MARKUP.get(span.style, {}))
        writer.write("\n")


def _highlighted(python: str) -> str:
    """A line of Python in colours, by what pytest colours with."""
    import pygments
    from pygments.formatters import TerminalFormatter
    from pygments.lexers import PythonLexer

    lexer = PythonLexer(stripnl=False, ensurenl=False)
    coloured: str = pygments.highlight(python, lexer, TerminalFormatter())
    return coloured.rstrip("\n")
