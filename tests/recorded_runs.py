"""A pytest plugin that is many students: each has one known mistake, or one mutant of a solution.

Every public check is run with each of them as `pytest exercises` runs it, and the mistake behind it
is named twice: by running the known mistakes, and by what a handout has recorded of them. The pairs
are written as JSON to the file that RECORDED_RUNS names.
"""

from __future__ import annotations

import contextlib
import dataclasses
import inspect
import json
import os
import signal
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch

from grader.audit.mutation import mutants
from grader.checking.diagnosis import answer_of
from grader.checking.expectations import Mismatch, Verdict
from grader.checking.question import Question
from grader.course import load_course
from grader.misconceptions import misconceptions_of
from grader.plugin import CHECK
from grader.student.session import StudentSession

ROOT = Path(__file__).parent.parent
SETTINGS = json.loads(os.environ["RECORDED_RUNS"])
COURSE = load_course(ROOT)
# As a student has it: the same exercises, and records in place of the known mistakes.
HANDOUT = dataclasses.replace(COURSE, root=Path(SETTINGS["handout"]))
SECONDS = 20  # for a mutant that never ends

torch.set_num_threads(1)


class Student(StudentSession):
    """A run of `pytest exercises` in which one function is `subject`."""

    def __init__(self, name: str, subject: Any) -> None:
        super().__init__(HANDOUT)
        self.name = name
        self._subject = subject

    def _answer(self, question: Question) -> dict[str, Any]:
        return answer_of(self._subject, question)


def known_mistakes(exercise: str) -> Iterator[tuple[str, str, Any]]:
    for known in misconceptions_of(exercise):
        yield known.name, known.function, known.definition


def mutated(exercise: str) -> Iterator[tuple[str, str, Any]]:
    """Every n-th mutant of the functions of an exercise that can be imported."""
    source = (COURSE.solutions / f"{exercise}.py").read_text(encoding="utf-8")
    functions = COURSE.exercise(exercise).functions
    found = [one for one in mutants(source) if one.function in functions]
    for number, mutant in enumerate(found[:: SETTINGS["every"]]):
        name = f"mutant_{exercise}_{number}"
        module = ModuleType(name)
        sys.modules[name] = module
        with contextlib.suppress(Exception):
            exec(compile(mutant.source, f"{name}.py", "exec"), vars(module))
            yield (
                f"{mutant.function} {mutant.kind} {number}",
                mutant.function,
                vars(module)[mutant.function],
            )


class Runs:
    """Runs each check with every student; the plugin's own session stays idle."""

    def __init__(self) -> None:
        self._students: dict[tuple[str, str], list[Student]] = {}
        self.found: list[dict[str, Any]] = []
        self._asked: Student | None = None

    def of(self, exercise: str, function: str) -> list[Student]:
        if not any(known == exercise for known, _ in self._students):
            offered = known_mistakes if SETTINGS["who"] == "mistakes" else mutated
            for name, about, subject in offered(exercise):
                self._students.setdefault((exercise, about), []).append(Student(name, subject))
        return self._students.get((exercise, function), [])

    def examine(self, question: Any, expectation: Any) -> None:
        assert self._asked is not None
        self._asked.examine(question, expectation)

    @pytest.hookimpl(tryfirst=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> bool:
        check = pyfuncitem.stash[CHECK]
        names = inspect.signature(pyfuncitem.obj).parameters
        fixtures = {
            name: pyfuncitem.funcargs[name] for name in names if name in pyfuncitem.funcargs
        }
        sources = [
            one for one in misconceptions_of(check.exercise) if one.function == check.function
        ]
        for student in self.of(check.exercise, check.function):
            self._asked = student
            student.pytest_runtest_setup(pyfuncitem)
            recognizer = student._recognizer
            outcome = self._outcome(pyfuncitem, fixtures)
            if outcome not in ("failed", "error"):
                continue
            full = recognizer.by_source(sources, "cpu")
            recorded = recognizer.by_record(check, pyfuncitem, "cpu")
            self.found.append(
                {
                    "check": check.id,
                    "student": student.name,
                    "full": full and full.hint,
                    "recorded": recorded and recorded.hint,
                    "names": [full and full.name, recorded and recorded.name],
                }
            )
        return True

    def _outcome(self, item: pytest.Function, fixtures: dict[str, Any]) -> str:
        signal.signal(signal.SIGALRM, _too_long)
        signal.alarm(SECONDS)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                item.obj(**fixtures)
        except (Mismatch, Verdict) as error:
            return error.problem.outcome
        except BaseExceptionGroup:
            return "failed"
        except TimeoutError:
            return "timeout"
        finally:
            signal.alarm(0)
        return "passed"

    def pytest_sessionfinish(self) -> None:
        Path(SETTINGS["to"]).write_text(json.dumps(self.found), encoding="utf-8")


def _too_long(*_: object) -> None:
    raise TimeoutError


class _Named:
    """Stands where the student's session does: checks are drawn as for a student."""


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Runs(), "recorded-runs-examiner")
    config.pluginmanager.register(_Named(), "grader-student")
