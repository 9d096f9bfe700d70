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

from grader.course import Course
from grader.outcome import Problem, Result
from grader.student.evidence import Evidences
from grader.student.places import OwnFiles, shown, source_of
from grader.student.recognizing import Recognizer
from grader.student.unwritten import ToWrite

if TYPE_CHECKING:
    from grader.checking.expectations import Expectation
    from grader.checking.question import Question


class StudentSession:
    """A pytest plugin for one run of `pytest exercises`."""

    def __init__(self, course: Course) -> None:
        self._course = course
        self._device = "cpu"
        self._evidence = Evidences()
        self._recognizer = Recognizer(course, self._evidence)
        self._item: pytest.Item | None = None  # the check that runs
        self._to_write = ToWrite(course)

    def pytest_configure(self, config: pytest.Config) -> None:
        self._device = str(config.getoption("--device"))

    def examine(self, question: Question, expectation: Expectation) -> None:
        """Put a question to the student's function in this process."""
        from grader.checking.expectations import fail

        answer = self._answer(question)
        problem = expectation.problem_with(question, answer, self._device)
        self._evidence.add(question, expectation, None if problem is None else answer)
        if problem is not None and not self._recognizer.asks_again:
            fail(self._with_what_comes_before(question, problem))

    def _with_what_comes_before(self, question: Question, problem: Problem) -> Problem:
        """A function that is to be written, with what its exercise builds on and is not there."""
        if problem.outcome != "todo" or problem.needs:
            return problem
        earlier = self._to_write.earlier(self._course.exercise(question.exercise))
        if earlier is None:
            return problem
        before = f"  {question.exercise} builds on {earlier.exercise}:"
        still = f"{earlier.name} is still to write ({earlier.place})"
        return replace(problem, notes=(*problem.notes, f"{before} {still}"))

    def diagnosed(self, result: Result) -> Result:
        """The result of the check that has just run, with the hint of the mistake behind it."""
        found = None
        if self._item is not None:
            found = self._recognizer.of(result.check, self._item, self._device)
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
            return self._observed(getattr(module, question.function), question, file)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # a module may be anything that its author puts there
            return {"raised": _description(error, file)}

    def _observed(self, subject: Any, question: Question, file: Path) -> dict[str, Any]:
        """What the probe observes, and which unwritten function was called on the way."""
        from grader.probes import run_probe
        from grader.sandbox.unwritten import stubs_named, watched, with_unwritten

        own = OwnFiles(file.parent)
        with watched(stubs_named(subject, own)) as met:
            try:
                arguments = question.args, dict(question.kwargs)
                observation = run_probe(question.probe, subject, self._device, *arguments)
                answer: dict[str, Any] = {"observation": observation}
            except KeyboardInterrupt:
                raise
            except BaseException as error:  # SystemExit and pytest.skip() too are the student's
                answer = {"raised": _description(error, file)}
        with_unwritten(answer, met, subject, own)
        if "unwritten" in answer:
            answer["unwritten"][1] = own.shown(answer["unwritten"][1])
        return answer

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


def _description(error: BaseException, file: Path) -> dict[str, Any]:
    """An exception as plain data, with the lines of the student's files."""
    from grader.sandbox.loader import describe_exception

    own = OwnFiles(file.parent)
    description = describe_exception(error, own)
    for frame in description["frames"]:
        frame[0] = own.shown(frame[0]) if frame[0] in own else shown(file)
    if "unwritten" in description:
        description["unwritten"][1] = own.shown(description["unwritten"][1])
    if isinstance(error, SyntaxError) and isinstance(error.text, str) and error.offset:
        indent = len(error.text) - len(error.text.lstrip())
        description["column"] = error.offset - indent
    return description
