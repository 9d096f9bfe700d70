"""Puts a student's run on pytest's own terminal: as much of it as a person takes in.

The lines are made by `panel.py` and `summary.py`; the width, and whether there are colours, are
pytest's to say.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from grader.course import Course
from grader.outcome import Result
from grader.student.page import Line, Page, Span, line
from grader.student.panel import Printed, Reading, file_panel, panel, short_panel
from grader.student.places import about, place_of, shown
from grader.student.standing import next_step, standing
from grader.student.summary import (
    exercise_lines,
    first_to_show,
    in_teaching_order,
    is_of_file,
    next_line,
    others_in_lines,
    waiting_lines,
)
from grader.student.unwritten import ToWrite
from grader.student.written import Written

_MOST_PANELS = 3  # in full, where not all of them are asked for
_LINES_AROUND = 6  # what pytest writes after the last panel, and the prompt
_MARKUP: Mapping[str, Mapping[str, bool]] = {
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

    results: tuple[Result, ...]
    printed: tuple[Printed, ...]


class Screen:
    """What is shown of these reports, each of which has a `grader_result`."""

    def __init__(
        self, config: pytest.Config, course: Course, reports: Sequence[pytest.TestReport]
    ) -> None:
        self._config, self._course = config, course
        self._writer: Any = config.get_terminal_writer()
        self._page = page_of(self._writer)
        self._printed = {
            id(report.grader_result): _printed(report, config.option.showcapture)
            for report in reports
        }
        results = [report.grader_result for report in reports]
        self._results: list[Result] = in_teaching_order(course, results)

    def show(self) -> None:
        """The panels, what waits for something else, and each exercise."""
        waiting = self._waiting()
        last = waiting_lines(self._results, waiting, self._page)
        exercises = exercise_lines(self._course, self._results, waiting, self._page)
        if self._config.option.verbose < -1:
            last, exercises = [], []
        panels = self._panels(len(last) + len(exercises))
        if panels:
            self._writer.sep("=", "FAILURES")
        self._write([*panels, *last])
        if exercises:
            self._writer.sep("=", "exercises", bold=True)
        self._write(exercises)

    def close(self, interrupt: pytest.ExceptionInfo[BaseException] | None) -> None:
        """The last lines: where the student's code was when it was stopped, and what is next."""
        if interrupt is not None:
            self._write(_stopped_at(interrupt, self._course, self._page))
        step = self._next()
        if step is not None:
            self._write([next_line(step, self._page)])

    def _next(self) -> str | None:
        """What to mend of this run, or to write; else what is next in its exercises, or at all."""
        wrong = [one for one in self._results if one.outcome not in ("passed", "todo")]
        wrong.sort(key=lambda one: not is_of_file(one))
        if wrong:
            check, problem = wrong[0].check, wrong[0].problem
            if problem is not None and is_of_file(wrong[0]):
                frame = problem.frames[-1] if problem.frames else None
                where = f"{frame.file}:{frame.line}" if frame else f"{check.exercise}.py"
                return f"mend {check.exercise}.py ({where})"
            return f"mend {check.function} ({self._place(wrong[0])})"
        ran = {one.check.exercise for one in self._results}
        standings = standing(self._course.only(ran))
        begun = {one.exercise.name for one in standings if one.begun}
        todo = [one for one in self._results if one.outcome == "todo"]
        todo.sort(key=lambda one: one.check.exercise not in begun)
        if todo:
            check = todo[0].check
            first = ToWrite(self._course).first(check.exercise, check.function)
            if first is not None:  # a method, or what it needs
                return f"write {first.name} ({first.place})"
            return f"write {check.function} ({self._place(todo[0])})"
        step = next_step(standings) or next_step(standing(self._course))
        return None if step is None else str(step)

    def _waiting(self) -> set[tuple[str, str]]:
        """Functions that are written, and need one that is not."""
        found = set()
        files: dict[str, Written] = {}
        for result in self._results:
            name, function = result.check.exercise, result.check.function
            if result.outcome == "todo" and result.problem is not None and result.problem.needs:
                if name not in files:
                    files[name] = Written.read(self._course, self._course.exercise(name))
                if not files[name].is_to_write(function):
                    found.add((name, function))
        return found

    def _panels(self, lines_after: int) -> list[Line]:
        """Panels as many as fit, and the other checks in a line each function."""
        style, page = self._config.option.tbstyle, self._page
        wrong = [one for one in self._results if one.outcome not in ("passed", "todo")]
        if not wrong or style == "no":
            return []
        if style == "line":
            return [self._one_line(result) for result in wrong]
        if style == "short":
            return [each for one in wrong for each in (*short_panel(one, page), line())]
        units = self._units(wrong)
        if self._config.option.verbose > 0 or style != "auto" or in_ci():
            return self._in_full(units, [])
        chosen = first_to_show([unit.results[0] for unit in units], _MOST_PANELS)
        height = shutil.get_terminal_size().lines if sys.stdout.isatty() else None
        for count in range(len(chosen), 0, -1):
            full = [unit for unit in units if any(unit.results[0] is one for one in chosen[:count])]
            others = [unit.results for unit in units if unit not in full]
            lines = self._in_full(full, others)
            if height is None or len(lines) + lines_after + _LINES_AROUND <= height:
                break
        return lines

    def _units(self, wrong: Sequence[Result]) -> list[_Panel]:
        """What is shown together; files that cannot be imported come first, for all waits there."""
        units: dict[str, _Panel] = {}
        for result in sorted(wrong, key=lambda one: not is_of_file(one)):
            key = result.check.exercise if is_of_file(result) else result.check.id
            before = units[key].results if key in units else ()
            units[key] = _Panel((*before, result), self._printed[id(result)])
        return list(units.values())

    def _in_full(self, units: Sequence[_Panel], others: Sequence[Sequence[Result]]) -> list[Line]:
        lines: list[Line] = []
        for unit in units:
            if is_of_file(unit.results[0]):
                lines += file_panel(unit.results, self._page)
            else:
                (result,) = unit.results
                lines += panel(result, self._reading(result), self._page, unit.printed)
            lines.append(line())
        return lines + others_in_lines(others, self._page)

    def _reading(self, result: Result) -> Reading:
        check = result.check
        exercise = self._course.exercise(check.exercise)
        again = f"pytest {shown(self._course.stubs)} -k {check.id.rpartition('/')[2]}"
        says = about(self._course, exercise, check.function)
        return Reading(self._place(result), says, again)

    def _place(self, result: Result) -> str:
        exercise = self._course.exercise(result.check.exercise)
        return place_of(self._course, exercise, result.check.function)

    def _one_line(self, result: Result) -> Line:
        check, plain = result.check, self._page.plain
        place = Span(plain(f"{self._place(result)}: "), "bad")
        return line(place, plain(f"{check.function}: {check.title}"))

    def _write(self, lines: Iterable[Line]) -> None:
        for each in lines:
            for number, span in enumerate(each):
                text = span.text.rstrip() if number == len(each) - 1 else span.text
                if span.style == "code" and self._writer.hasmarkup and self._writer.code_highlight:
                    self._writer.write(_highlighted(text))
                else:
                    self._writer.write(text, **_MARKUP.get(span.style, {}))
            self._writer.write("\n")


def page_of(writer: Any) -> Page:
    """The page that pytest writes on."""
    # In its last column a Windows console begins a new line, as pytest knows too.
    width = writer.fullwidth - (1 if sys.platform == "win32" else 0)
    return Page(width, getattr(sys.stdout, "encoding", None) or "utf-8")


def in_ci() -> bool:
    """Whether what is written goes into a log, by the variables that pytest goes by."""
    return any(os.environ.get(name) for name in ("CI", "BUILD_NUMBER"))


def _printed(report: pytest.TestReport, which: str) -> tuple[Printed, ...]:
    """What was captured while a check ran, of what --show-capture asks for."""
    return tuple(
        Printed(name, text)
        for name, text in report.sections
        if text.strip() and which != "no" and (which == "all" or which in name)
    )


def _stopped_at(
    interrupt: pytest.ExceptionInfo[BaseException], course: Course, page: Page
) -> list[Line]:
    """Where the student's own code was when Ctrl-C came; [] where it was elsewhere."""
    for entry in reversed(interrupt.traceback):
        file = Path(entry.path)
        if file.parent == course.stubs and not file.name.startswith("test_"):
            place = f"{shown(file)}:{entry.lineno + 1}  {str(entry.statement).strip()}"
            before = "stopped at "
            return [
                line(Span(before, "bad"), page.cut(page.plain(place), page.width - len(before)))
            ]
    return []


def _highlighted(python: str) -> str:
    """A line of Python in colours, by what pytest colours with."""
    import pygments
    from pygments.formatters import TerminalFormatter
    from pygments.lexers import PythonLexer

    lexer = PythonLexer(stripnl=False, ensurenl=False)
    coloured: str = pygments.highlight(python, lexer, TerminalFormatter())
    return coloured.rstrip("\n")
