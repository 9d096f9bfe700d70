"""The examiner: pytest collects the checks, records them on the solutions, then forks.

Run as `python -m grader.examiner.server` by the process that grades. It never imports, unpickles,
formats or evaluates anything of a student's: it sends bytes to sandboxes and compares plain data.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import sys
import traceback
from base64 import b64decode
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TextIO

import pytest
import torch

from grader import profile
from grader.checking.expectations import Expectation, Verdict
from grader.checking.question import Question
from grader.course import Course, CourseError, load_course
from grader.examiner.curves import keep_longest
from grader.examiner.earning import Novelty, tells
from grader.examiner.examination import Examination, Subjection
from grader.examiner.marking import Manner, Marker
from grader.examiner.recording import Recording
from grader.outcome import Result
from grader.plugin import CHECK
from grader.sandbox.confine import die_with_parent, hide_from_others
from grader.sandbox.forkserver import ForkServer
from grader.sandbox.greeting import heard, tell
from grader.siblings import sources_of


def main() -> None:
    """Collect, warm up, say hello, and examine submissions until the client is gone."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--control", type=int, required=True)
    parser.add_argument("--hello", type=int, required=True)
    parser.add_argument("--sandbox", type=int, required=True)
    options = parser.parse_args()
    die_with_parent()
    hide_from_others()
    torch.set_num_threads(1)  # a fork of a process whose OpenMP has threads hangs at its next use
    hello = socket.socket(fileno=options.hello)
    given = heard(hello)
    if given["profile"]:
        profile.begin()
    try:
        course = load_course(Path(given["course"])).only(given["only"])
        examiner = Examiner(course, given, hello, options)
        status = pytest.main(_arguments(course, given), plugins=[examiner])
        if not examiner.served:
            examiner.say({"error": examiner.collection_error() or f"pytest ended with {status!r}"})
    except CourseError as error:
        tell(hello, {"error": str(error)})


def _arguments(course: Course, given: dict[str, Any]) -> list[str]:
    """pytest's arguments: the course's checks, and nothing of anybody's own configuration."""
    off = ["terminal", "cacheprovider", "logging", "junitxml", "doctest", "faulthandler"]
    arguments = [str(file) for file in course.check_files()]
    arguments += ["-c", os.devnull, f"--rootdir={course.root}", "--noconftest", "--capture=no"]
    arguments += ["--import-mode=importlib", f"--device={given['device']}"]
    arguments += [f"--hypothesis-seed={given['seed']}", "-W", "ignore"]
    arguments += [f"--data={given['data']}"] if given["data"] else []
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    for plugin in ("grader.plugin", "_hypothesis_pytestplugin", *(f"no:{name}" for name in off)):
        arguments += ["-p", plugin]
    return arguments


class Examiner:
    """The pytest plugin that takes the place of pytest's own run loop."""

    def __init__(
        self,
        course: Course,
        given: dict[str, Any],
        hello: socket.socket,
        descriptors: argparse.Namespace,
    ) -> None:
        self._course = course
        self._given = given
        self._hello = hello
        self._control = socket.socket(fileno=descriptors.control)
        self._sandboxes = socket.socket(fileno=descriptors.sandbox)
        self._items: list[pytest.Item] = []
        self._items_by_exercise: dict[str, list[pytest.Item]] = {}
        self._recordings: dict[str, Recording] = {}
        self._marker = Marker(
            self._sandboxes, self._of_exercise, self._recordings, self._run, course.misconceptions
        )
        self._asking: Any = None  # what `examine` hands a question to, for the check that runs
        self._result: Result | None = None
        self._errors: list[str] = []
        self.served = False

    # pytest's hooks

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self._errors.append(f"{report.nodeid} cannot be collected:\n{report.longreprtext}")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        result = getattr(report, "grader_result", None)
        if result is not None:
            self._result = result

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        if self._errors:
            return True
        self._items = [item for item in session.items if CHECK in item.stash]
        for item in self._items:
            self._items_by_exercise.setdefault(item.stash[CHECK].exercise, []).append(item)
        self._validate()
        session.config.option.tbstyle = "no"  # of what a check raises: nobody reads it
        try:
            self._marker.learn_mistakes(self._course)
        except Exception as error:  # whatever a course author's module raises on import
            self._errors.append(f"{self._course.misconceptions}: {type(error).__name__}: {error}")
        if self._errors or not self._warm_up():
            return True
        self.served = True
        self.say({"checks": len(self._items)})
        ForkServer(self._control, self._serve).run()
        return True

    # the plugin's fixtures hand questions over here

    def examine(self, question: Question, expectation: Expectation) -> None:
        """Put a question of the running check."""
        self._asking(question, expectation)

    def say(self, message: dict[str, Any]) -> None:
        tell(self._hello, message)
        self._hello.close()

    def collection_error(self) -> str:
        return "\n".join(self._errors)

    def _validate(self) -> None:
        """Ids are unique, and the points of an exercise's checks add up to the exercise's."""
        checks = [item.stash[CHECK] for item in self._items]
        ids = [check.id for check in checks]
        for twice in sorted({name for name in ids if ids.count(name) > 1}):
            self._errors.append(
                f"two checks are called {twice}: rename the public or the hidden one"
            )
        for exercise in self._course.exercises:
            total = sum(check.points for check in checks if check.exercise == exercise.name)
            if abs(total - exercise.points) > 1e-9:
                self._errors.append(
                    f"{self._course.root / 'course.toml'}: {exercise.name}: has "
                    f"{exercise.points:g} points, its checks have {total:g}: change either"
                )

    def _warm_up(self) -> bool:
        """Run every check on the solutions and record it, then replay all: it must pass twice."""
        subject = self._subject(sources_of(self._course.solutions, self._course.names))
        for exercise in self._course.exercises:
            with Examination(self._sandboxes, exercise, subject) as examination:
                for item in self._of_exercise(exercise.name):
                    self._record(item, examination)
        keep_longest(self._recordings.values())
        if not self._errors:
            for graded in self._marker.mark(self._course, subject, Manner()):
                for check in graded["checks"]:
                    if check["outcome"] != "passed":
                        self._errors.append(_wrong_solution(check["id"], check["message"]))
        return not self._errors

    def _subject(self, files: Mapping[str, bytes]) -> Subjection:
        return Subjection(files, self._given["device"], self._course.limits)

    @profile.timed(profile.REFERENCE)
    def _record(self, item: pytest.Item, examination: Examination) -> None:
        recording, is_drawn = Recording(item.stash[CHECK]), Novelty(item)

        def asking(question: Question, expectation: Expectation) -> None:
            problem, answer = examination.ask(question, expectation)
            if problem is not None:
                raise Verdict(problem)
            drawn = is_drawn() and tells(expectation)
            recording.add(question, expectation, answer, self._given["device"], drawn)

        result = self._run(item, asking)
        if result.outcome != "passed":
            self._errors.append(_wrong_solution(result.check.id, result.message))
        elif not recording.questions:
            self._errors.append(
                f"{result.check.id} asks nothing: it would pass whatever is handed in"
            )
        recording.seal()
        self._recordings[result.check.id] = recording

    def _run(self, item: pytest.Item, asking: Any) -> Result:
        """Run one check through pytest's own protocol."""
        self._asking, self._result = asking, None
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
        if self._result is None:
            return Result(item.stash[CHECK], "error", "the check gave no result", 0.0)
        return self._result

    def _of_exercise(self, name: str) -> list[pytest.Item]:
        return self._items_by_exercise.get(name, [])

    # one submission, in a fork of its own

    def _serve(self, channel: socket.socket) -> None:
        die_with_parent()
        try:
            with channel.makefile("rw", encoding="utf-8") as stream:
                message = json.loads(stream.readline())
                servers = profile.current()
                own = profile.begin() if servers is not None else None
                self._mark(message, stream)
                if servers is not None and own is not None:
                    so_far = servers.seconds().get(profile.REFERENCE, 0.0)
                    told = {"profile": own.seconds(), "so far": {profile.REFERENCE: so_far}}
                    stream.write(json.dumps(told) + "\n")
        except Exception:
            traceback.print_exc()  # of the grader's own making; the client reports the loss
            sys.stderr.flush()
            raise

    @profile.timed(profile.EXAMINER)
    def _mark(self, message: Mapping[str, Any], stream: TextIO) -> None:
        files = {name: b64decode(text) for name, text in message["files"].items()}
        asked = self._course.only(message["exercises"])
        manner = Manner(**message["manner"])
        for graded in self._marker.mark(asked, self._subject(files), manner):
            stream.write(json.dumps(graded) + "\n")
            stream.flush()


def _wrong_solution(check: str, message: str | None) -> str:
    return f"the course's own solution does not pass {check}:\n{message}"


if __name__ == "__main__":
    main()
