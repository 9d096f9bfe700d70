"""The student's side of the pytest plugin: runs the exercises here and says what is next.

Nothing here is hidden or confined: it is the student's own machine and the student's own code.
"""

from __future__ import annotations

import importlib
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from grader.course import Course, Exercise
from grader.outcome import Result
from grader.student.evidence import Evidences
from grader.student.naming import Naming
from grader.student.places import place_of, shown, source_of

if TYPE_CHECKING:
    from grader.checking.expectations import Expectation
    from grader.checking.question import Question

_BAR = 24


class StudentSession:
    """A pytest plugin for one run of `pytest exercises`."""

    def __init__(self, course: Course) -> None:
        self._course = course
        self._results: list[Result] = []
        self._device = "cpu"
        self._evidence = Evidences()
        self._naming = Naming(course, self._evidence)
        self._item: pytest.Item | None = None  # the check that runs

    def pytest_configure(self, config: pytest.Config) -> None:
        self._device = str(config.getoption("--device"))

    def examine(self, question: Question, expectation: Expectation) -> None:
        """Put a question to the student's function in this process."""
        from grader.checking.expectations import fail

        answer = self._answer(question)
        problem = expectation.problem_with(question, answer, self._device)
        self._evidence.add(question, expectation, None if problem is None else answer)
        if problem is not None and not self._naming.asks_again:
            fail(problem)

    def diagnosed(self, result: Result) -> Result:
        """The result of the check that has just run, with the hint of the mistake behind it."""
        found = None
        if self._item is not None:
            found = self._naming.of(result.check, self._item, self._device)
        if found is None:
            return result
        return replace(result, hint=found.hint, misconception=found.name)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        self._item = item
        self._evidence.begin(item.name)

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
            uses = forbidden_uses(source_of(file), question.function, things)
            if uses:
                frames = [[shown(file), line, "", text] for _, line, text in uses]
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
                f"`import {name}` finds {module.__file__} instead of {shown(file)}: "
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
                place = place_of(self._course, exercise, function)
                return f"{line}  next: {verb} {function} ({place})"
        return f"{line}  done"


def _description(error: BaseException, file: Path) -> dict[str, Any]:
    """An exception as plain data, with the lines of the student's file."""
    from grader.sandbox.loader import describe_exception

    description = describe_exception(error, [str(file), file.name])
    for frame in description["frames"]:
        frame[0] = shown(file)
    return description
