"""Records what known mistakes answer to public checks: a process of its own, told by its arguments.

Run as `python -m grader.handout.recorder COURSE EXERCISE=DIGEST…`. It runs the course's own code,
and writes one line of JSON for each mistake that it puts to a check, so that who waits knows which
one never ends, and one with the text of each exercise's records, which says the digest.
"""

from __future__ import annotations

import contextlib
import inspect
import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

import hypothesis
import pytest
import torch

from grader.checking.diagnosis import Answer, answer_of
from grader.checking.expectations import Expectation
from grader.checking.question import Question
from grader.checking.recorded import (
    RecordedCheck,
    RecordedMistake,
    Records,
    answer_as_recorded,
    from_json,
    key_of,
    records_text,
    to_json,
)
from grader.course import load_course
from grader.handout.choosing import chosen
from grader.misconceptions import Misconception, misconceptions_of
from grader.outcome import Check
from grader.plugin import CHECK

_DRAWN = 60  # examples of each property, from which a few are chosen
_PHASES = (hypothesis.Phase.explicit, hypothesis.Phase.generate)


def main() -> None:
    """Record the exercises that the arguments name."""
    root, *named = sys.argv[1:]
    digests = dict(one.split("=", 1) for one in named)
    names = list(digests)
    course = load_course(Path(root)).only(names)
    told = os.fdopen(os.dup(1), "w", encoding="utf-8")
    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 1)  # a mistake that prints
    torch.set_num_threads(1)  # the questions are small: threads only wait for each other
    recorder = Recorder(told)
    off = ("terminal", "cacheprovider", "logging", "junitxml", "doctest", "faulthandler")
    arguments = [str(course.stubs / f"test_{name}.py") for name in names]
    arguments += ["-c", os.devnull, f"--rootdir={course.root}", "--capture=no", "-W", "ignore"]
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    for plugin in ("grader.plugin", "_hypothesis_pytestplugin", *(f"no:{name}" for name in off)):
        arguments += ["-p", plugin]
    for name in names:
        recorder.mistakes[name] = misconceptions_of(name, course.misconceptions)
    status = pytest.main(arguments, plugins=[recorder])
    if recorder.errors or status != pytest.ExitCode.OK:
        recorder.tell({"error": "\n".join(recorder.errors) or f"pytest ended with {status!r}"})
        return
    for name in names:
        text = records_text(recorder.records(name), of=digests[name])
        recorder.tell({"exercise": name, "text": text})


@dataclass
class Asked:
    """What one use of a check asks: its questions, and the arguments where it is of a property."""

    questions: list[tuple[Question, Expectation]] = field(default_factory=list)
    drawn: Mapping[str, Any] | None = None

    @property
    def numbers(self) -> int:
        return sum(question.numbers for question, _ in self.questions)


class Recorder:
    """The pytest plugin that puts known mistakes in the place of a student's functions."""

    def __init__(self, told: TextIO) -> None:
        self._told = told
        self._asked = Asked()
        self.mistakes: dict[str, list[Misconception]] = {}
        self.checks: dict[str, dict[str, RecordedCheck]] = {}
        self.wrong: dict[tuple[str, str], dict[str, Answer]] = {}
        self.errors: list[str] = []

    def tell(self, message: Mapping[str, Any]) -> None:
        self._told.write(json.dumps(message) + "\n")
        self._told.flush()

    def records(self, exercise: str) -> Records:
        """What was recorded of one exercise."""
        mistakes = tuple(
            RecordedMistake(
                *(known.name, known.function, known.hint, known.needs_gpu),
                wrong=self.wrong.get((exercise, known.name), {}),
            )
            for known in self.mistakes[exercise]
        )
        return Records(mistakes, self.checks.get(exercise, {}))

    # pytest's hooks

    def examine(self, question: Question, expectation: Expectation) -> None:
        """Note a question of the running check: nobody answers it here."""
        self._asked.questions.append((question, expectation))

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.errors.append(f"{report.nodeid} cannot be collected:\n{report.longreprtext}")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.errors.append(f"{report.nodeid} cannot be recorded:\n{report.longreprtext}")

    @pytest.hookimpl(tryfirst=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> bool | None:
        check = pyfuncitem.stash.get(CHECK, None)
        if check is None:
            return None
        mistakes = [one for one in self.mistakes[check.exercise] if one.function == check.function]
        uses = self._uses(pyfuncitem)
        for use in uses:
            use.questions = [one for one in use.questions if one[0].function == check.function]
        wrong = {
            known.name: self._answers(check, pyfuncitem.name, known, uses) for known in mistakes
        }
        if hasattr(pyfuncitem.obj, "hypothesis"):
            hints = {known.name: known.hint for known in mistakes}
            kept = chosen(wrong, hints, [use.numbers for use in uses])
            uses = [uses[number] for number in kept]
            wrong = {name: [own[number] for number in kept] for name, own in wrong.items()}
        self._keep(check, pyfuncitem.name, uses, wrong)
        return True

    # one check

    def _uses(self, item: pytest.Function) -> list[Asked]:
        """What a check asks: at once, or of a property, with each of some examples."""
        names = inspect.signature(item.obj).parameters
        fixtures = {name: item.funcargs[name] for name in names if name in item.funcargs}
        if not hasattr(item.obj, "hypothesis"):
            self._asked = Asked()
            item.obj(**fixtures)
            return [self._asked]
        uses: dict[tuple[str, ...], Asked] = {}
        body = item.obj.hypothesis.inner_test

        def note(**arguments: Any) -> None:
            drawn = {name: value for name, value in arguments.items() if name not in fixtures}
            with contextlib.suppress(TypeError):  # an example that is no plain data is passed over
                drawn = from_json(to_json(drawn))
                self._asked = Asked(drawn=drawn)
                body(**fixtures, **drawn)
                keys = tuple(key_of(item.name, question) for question, _ in self._asked.questions)
                uses.setdefault(keys, self._asked)

        item.obj.hypothesis.inner_test = note
        drawing = hypothesis.settings(
            max_examples=_DRAWN, derandomize=True, database=None, phases=_PHASES
        )
        try:
            # A check with settings of its own is drawn as they say.
            with contextlib.suppress(hypothesis.errors.InvalidArgument):
                drawing(item.obj)
            item.obj(**fixtures)
        finally:
            item.obj.hypothesis.inner_test = body
        return list(uses.values())

    def _answers(
        self, check: Check, name: str, known: Misconception, uses: Sequence[Asked]
    ) -> list[dict[str, Answer]]:
        """The wrong answers of a mistake to each use, by the questions' keys."""
        self.tell({"exercise": check.exercise, "check": name, "mistake": known.name})
        return [
            {} if known.needs_gpu else dict(_wrong_answers(name, known, use.questions))
            for use in uses
        ]

    def _keep(
        self,
        check: Check,
        name: str,
        uses: Sequence[Asked],
        wrong: Mapping[str, Sequence[Mapping[str, Answer]]],
    ) -> None:
        """Keep what a check asks, and for each mistake its wrong answers, one a use."""
        keys = [key_of(name, question) for use in uses for question, _ in use.questions]
        examples = tuple(use.drawn for use in uses if use.drawn is not None)
        recorded = RecordedCheck(tuple(dict.fromkeys(keys)), examples)
        self.checks.setdefault(check.exercise, {})[name] = recorded
        for known, answers in wrong.items():
            for one in answers:
                self.wrong.setdefault((check.exercise, known), {}).update(one)


def _wrong_answers(
    check: str, known: Misconception, questions: Iterable[tuple[Question, Expectation]]
) -> Iterator[tuple[str, Answer]]:
    for question, expectation in questions:
        answer = answer_of(known.definition, question)
        if expectation.problem_with(question, answer, "cpu") is not None:
            yield key_of(check, question), answer_as_recorded(answer)


if __name__ == "__main__":
    main()
