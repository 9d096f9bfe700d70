"""The student's side of the pytest plugin: runs the exercises here and says what is next.

Nothing here is hidden or confined: it is the student's own machine and the student's own code.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from grader.course import Course, Exercise
from grader.outcome import Result

if TYPE_CHECKING:
    from grader.checking.diagnosis import Evidence
    from grader.checking.expectations import Expectation
    from grader.checking.question import Question

_BAR = 24


class StudentSession:
    """A pytest plugin for one run of `pytest exercises`."""

    def __init__(self, course: Course) -> None:
        self._course = course
        self._results: list[Result] = []
        self._device = "cpu"
        self._evidence = _Evidences()

    def pytest_configure(self, config: pytest.Config) -> None:
        self._device = str(config.getoption("--device"))

    def examine(self, question: Question, expectation: Expectation) -> None:
        """Put a question to the student's function in this process."""
        from grader.checking.expectations import fail

        answer = self._answer(question)
        problem = expectation.problem_with(question, answer, self._device)
        self._evidence.add(question, expectation, None if problem is None else answer)
        if problem is not None:
            fail(problem)

    def diagnosed(self, result: Result) -> Result:
        """The result of the check that has just run, with the hint of the mistake behind it."""
        from grader.checking.diagnosis import Diagnosis
        from grader.misconceptions import misconceptions_of

        check = result.check
        known = misconceptions_of(check.exercise, self._course.misconceptions)
        mistakes = [mistake for mistake in known if mistake.function == check.function]
        own, others = self._evidence.of_running()
        found = None if own is None else Diagnosis(mistakes, self._device).of(own, others)
        if found is None:
            return result
        return replace(result, hint=found.hint, misconception=found.name)

    def pytest_runtest_logstart(self) -> None:
        self._evidence.begin()

    def _answer(self, question: Question) -> dict[str, Any]:
        from grader.checking.expectations import Verdict, load_problem
        from grader.checking.source import forbidden_uses
        from grader.probes import run_probe

        exercise = self._course.exercise(question.exercise)
        file = self._course.stubs / exercise.file_name
        try:
            module = self._import(exercise.name, file)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            problem = load_problem(exercise.name, _description(error, file))
            raise Verdict(problem) from None
        try:
            if not hasattr(module, question.function):
                return {"missing": question.function}
            things = exercise.forbidden.get(question.function, ())
            uses = forbidden_uses(_source(file), question.function, things)
            if uses:
                frames = [[_shown(file), line, "", text] for _, line, text in uses]
                return {"forbidden": [name for name, _, _ in uses], "frames": frames}
            subject = getattr(module, question.function)
            arguments = question.args, dict(question.kwargs)
            return {"observation": run_probe(question.probe, subject, self._device, *arguments)}
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # SystemExit and pytest.skip() too are the student's
            return {"raised": _description(error, file)}

    def _import(self, name: str, file: Path) -> Any:
        folder = str(file.parent)
        if folder not in sys.path:
            sys.path.insert(0, folder)
        module = importlib.import_module(name)
        if module.__file__ is None or Path(module.__file__).resolve() != file.resolve():
            raise ImportError(
                f"`import {name}` finds {module.__file__} instead of {_shown(file)}: "
                "is there another file of that name?"
            )
        return module

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        result = getattr(report, "grader_result", None)
        if result is not None:
            self._results.append(result)

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: pytest.TestReport) -> Any:
        result = getattr(report, "grader_result", None)
        if result is not None and result.outcome == "todo":
            return "todo", "t", ("TODO", {"light": True})
        return None

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        if not self._results:
            return
        terminalreporter.section("exercises")
        for exercise in self._course.exercises:
            results = [r for r in self._results if r.check.exercise == exercise.name]
            if results:
                terminalreporter.write_line(self._line(exercise, results))
                todo = {r.check.function for r in results if r.outcome == "todo"}
                if todo:
                    names = ", ".join(name for name in exercise.functions if name in todo)
                    terminalreporter.write_line(f"  still to write: {names}", light=True)

    def _line(self, exercise: Exercise, results: list[Result]) -> str:
        earned = sum(r.check.points for r in results if r.outcome == "passed")
        possible = sum(r.check.points for r in results)
        filled = int(_BAR * earned / possible)
        bar = "#" * filled + "." * (_BAR - filled)
        line = f"{exercise.name:<18} [{bar}] {earned:g}/{possible:g} points"
        undone = {r.check.function: r.outcome for r in results if r.outcome != "passed"}
        for function in exercise.functions:
            if function in undone:
                verb = "write" if undone[function] == "todo" else "mend"
                return f"{line}  next: {verb} {function}{self._place(exercise, function)}"
        return f"{line}  done"

    def _place(self, exercise: Exercise, function: str) -> str:
        """Where a function is, as file:line."""
        from grader.checking.source import line_of

        file = self._course.stubs / exercise.file_name
        try:
            line = line_of(_source(file), function)
        except (OSError, ValueError, SyntaxError):
            line = None
        return f" ({_shown(file)}:{line})" if line else f" ({_shown(file)})"


class _Evidences:
    """What every check so far asked, and which answers were wrong."""

    def __init__(self) -> None:
        self._earlier: list[tuple[str, Evidence]] = []
        self._running: tuple[str, Evidence] | None = None

    def begin(self) -> None:
        """The next check."""
        if self._running is not None:
            self._earlier.append(self._running)
        self._running = None

    def add(
        self, question: Question, expectation: Expectation, wrong: dict[str, Any] | None
    ) -> None:
        from grader.checking.diagnosis import Evidence

        if self._running is None:
            self._running = question.function, Evidence()
        self._running[1].add(question, expectation, wrong)

    def of_running(self) -> tuple[Evidence | None, list[Evidence]]:
        """Of the check that runs, and of the earlier checks of its function."""
        if self._running is None:
            return None, []
        function, evidence = self._running
        return evidence, [other for name, other in self._earlier if name == function]


def _description(error: BaseException, file: Path) -> dict[str, Any]:
    """An exception as plain data, with the lines of the student's file."""
    from grader.sandbox.loader import describe_exception

    description = describe_exception(error, [str(file), file.name])
    for frame in description["frames"]:
        frame[0] = _shown(file)
    return description


def _source(file: Path) -> str:
    """The text of a Python file in the encoding that it declares."""
    return importlib.util.decode_source(file.read_bytes())


def _shown(file: Path) -> str:
    try:
        return str(file.relative_to(Path.cwd()))
    except ValueError:
        return str(file)
