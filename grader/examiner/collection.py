"""pytest with the course's checks collected; the examiner works in place of pytest's own run loop.

Only who records a check, or looks for a smaller counterexample, needs the check itself: so pytest,
hypothesis and the course's check files are imported here, when that comes.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from grader.checking.expectations import Expectation
from grader.checking.question import Question
from grader.course import Course
from grader.examiner.marking import Asking
from grader.outcome import Check, Result

if TYPE_CHECKING:
    import pytest

_OFF = ("terminal", "cacheprovider", "logging", "junitxml", "doctest", "faulthandler")


class CollectionError(Exception):
    """The checks cannot be collected: says which, and why."""


class Collection:
    """The pytest plugin that takes the place of pytest's own run loop, and runs single checks."""

    def __init__(self, course: Course, device: str, seed: int, data: str | None) -> None:
        self._course = self._collected = course
        self._options = [f"--device={device}", f"--hypothesis-seed={seed}"]
        self._options += [f"--data={data}"] if data else []
        self._items: dict[str, pytest.Item] = {}  # by the check's id, while pytest runs
        self._work: Callable[[], None] = lambda: None
        self._raised: Exception | None = None
        self._worked = False
        self._asking: Asking | None = None  # what `examine` hands a question to
        self._result: Result | None = None
        self._errors: list[str] = []

    def within(self, work: Callable[[], None], exercises: Sequence[str] | None = None) -> None:
        """Collect the checks of these exercises, all by default, and have `work` done with them.

        CollectionError where they cannot be collected; what `work` raises passes.
        """
        import pytest

        self._work, self._worked, self._raised = work, False, None
        self._collected = self._course.only(exercises)
        status = pytest.main(self._arguments(), plugins=[self])
        self._items = {}
        if self._raised is not None:
            raise self._raised
        if not self._worked:
            raise CollectionError("\n".join(self._errors) or f"pytest ended with {status!r}")

    def of_exercise(self, name: str) -> list[tuple[pytest.Item, Check]]:
        """The collected checks of an exercise, in order."""
        from grader.plugin import CHECK

        found = [(item, item.stash[CHECK]) for item in self._items.values()]
        return [(item, check) for item, check in found if check.exercise == name]

    def run(self, check: Check, asking: Asking) -> Result:
        """Run one check, its questions put by `asking`: through pytest's own protocol.

        Where pytest does not run yet it does for this check alone.
        """
        if self._items:
            return self._run(check, asking)
        found = []
        self.within(lambda: found.append(self._run(check, asking)), [check.exercise])
        return found[0]

    def _run(self, check: Check, asking: Asking) -> Result:
        if check.id not in self._items:
            raise CollectionError(f"{check.id} was there when this run began, and is no more")
        item = self._items[check.id]
        self._asking, self._result = asking, None
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
        if self._result is None:
            return Result(check, "error", "the check gave no result", 0.0)
        return self._result

    def _arguments(self) -> list[str]:
        """pytest's arguments: the course's checks, and nothing of anybody's own configuration."""
        arguments = [str(file) for file in self._collected.check_files()]
        arguments += ["-c", os.devnull, f"--rootdir={self._course.root}", "--noconftest"]
        arguments += ["--capture=no", "--import-mode=importlib", "-W", "ignore", *self._options]
        os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
        for plugin in ("grader.plugin", "_hypothesis_pytestplugin"):
            arguments += ["-p", plugin]
        for plugin in _OFF:
            arguments += ["-p", f"no:{plugin}"]
        return arguments

    # the plugin's fixtures hand questions over here

    def examine(self, question: Question, expectation: Expectation) -> None:
        """Put a question of the running check."""
        assert self._asking is not None
        self._asking(question, expectation)

    # pytest's hooks

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self._errors.append(f"{report.nodeid} cannot be collected:\n{report.longreprtext}")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        result = getattr(report, "grader_result", None)
        if result is not None:
            self._result = result

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        from grader.plugin import CHECK

        session.config.option.tbstyle = "no"  # of what a check raises: nobody reads it
        items = [item for item in session.items if CHECK in item.stash]
        self._validate([item.stash[CHECK] for item in items])
        if self._errors:
            return True
        self._items = {item.stash[CHECK].id: item for item in items}
        self._worked = True
        try:
            self._work()
        except Exception as error:  # pytest would print it, and go on
            self._raised = error
        return True

    def _validate(self, checks: Sequence[Check]) -> None:
        """Ids are unique, and the points of an exercise's checks add up to the exercise's."""
        ids = [check.id for check in checks]
        for twice in sorted({name for name in ids if ids.count(name) > 1}):
            self._errors.append(
                f"two checks are called {twice}: rename the public or the hidden one"
            )
        for exercise in self._collected.exercises:
            total = sum(check.points for check in checks if check.exercise == exercise.name)
            if abs(total - exercise.points) > 1e-9:
                self._errors.append(
                    f"{self._course.root / 'course.toml'}: {exercise.name}: has "
                    f"{exercise.points:g} points, its checks have {total:g}: change either"
                )
