"""Names the known mistake behind a check that failed: by its source, or as a handout has it.

Where the known mistakes lie beside the course they are run. A handout has what they answered,
recorded (`grader.checking.recorded`), and nothing of their source.
"""

from __future__ import annotations

import contextlib
import inspect
import io
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pytest

from grader.course import Course
from grader.outcome import Check
from grader.student.evidence import Evidences, Heard

if TYPE_CHECKING:
    from grader.checking.diagnosis import KnownMistake
    from grader.checking.recorded import RecordedCheck, Records, Sight
    from grader.misconceptions import Misconception

_SECONDS = 2.0  # for the recorded examples of one check; a function that is slower has no hint


class Recognizer:
    """Names mistakes from what the checks of one run heard."""

    def __init__(self, course: Course, heard: Evidences) -> None:
        self._course = course
        self._heard = heard
        self._records: dict[tuple[str, str], Records] = {}
        self.asks_again = False  # then a wrong answer is noted, and the check goes on

    def of(self, check: Check, item: pytest.Item, device: str) -> KnownMistake | None:
        """The known mistake behind the check that has just run; None where it would be a guess."""
        from grader.misconceptions import misconceptions_of

        sources = misconceptions_of(check.exercise, self._course.misconceptions)
        if sources:
            known = [mistake for mistake in sources if mistake.function == check.function]
            return self.by_source(known, device)
        return self.by_record(check, item, device)

    def by_source(self, known: Sequence[Misconception], device: str) -> KnownMistake | None:
        """By running the known mistakes of the check's function."""
        from grader.checking.diagnosis import Diagnosis

        own, others = self._heard.of_running()
        if own is None:
            return None
        return Diagnosis(known, device).of(own.evidence, [other.evidence for other in others])

    def by_record(self, check: Check, item: pytest.Item, device: str) -> KnownMistake | None:
        """By what the handout has recorded of them."""
        from grader.checking.recorded import RecordedDiagnosis

        own, others = self._heard.of_running()
        records = self._records_of(check.exercise, check.function)
        if own is None or own.check not in records.checks or not records.mistakes:
            return None
        recorded = records.checks[own.check]
        if recorded.examples and not self._ask_examples(item, recorded.examples):
            return None
        sights = [
            _sight(other, records.checks[other.check])
            for other in others
            if other.check in records.checks
        ]
        return RecordedDiagnosis(records.mistakes, device).of(_sight(own, recorded), sights)

    def _records_of(self, exercise: str, function: str) -> Records:
        from grader.checking.recorded import Records

        if (exercise, function) not in self._records:
            file = self._course.recorded_mistakes / f"{exercise}.json"
            try:
                self._records[exercise, function] = Records.read(file, function)
            except (ValueError, OSError) as error:
                raise pytest.UsageError(f"{error}: take it from the handout again") from None
        return self._records[exercise, function]

    def _ask_examples(self, item: pytest.Item, examples: Sequence[Mapping[str, Any]]) -> bool:
        """Put a property's recorded examples to the student's function, after it failed.

        What hypothesis draws is another thing with each of its releases, and with each number in
        the student's file. False where not all could be asked.
        """
        body = _body(item)
        if body is None:
            return False
        end = time.monotonic() + _SECONDS
        self._heard.ask_again()
        silent = io.StringIO()
        with (
            self._asking_again(),
            contextlib.redirect_stdout(silent),
            contextlib.redirect_stderr(silent),
        ):
            for example in examples:
                try:
                    body(**example)
                except Exception:  # the check is another one than that which was recorded
                    return False
                if time.monotonic() > end:
                    return False
        return True

    @contextlib.contextmanager
    def _asking_again(self) -> Iterator[None]:
        self.asks_again = True
        try:
            yield
        finally:
            self.asks_again = False


def _body(item: pytest.Item) -> Callable[..., Any] | None:
    """The function below @given, with the fixtures that its check has; None where there is none."""
    if not isinstance(item, pytest.Function) or not hasattr(item.obj, "hypothesis"):
        return None
    body = item.obj.hypothesis.inner_test
    fixtures = {
        name: item.funcargs[name]
        for name in inspect.signature(item.obj).parameters
        if name in item.funcargs
    }
    return lambda **drawn: body(**fixtures, **drawn)


def _sight(heard: Heard, recorded: RecordedCheck) -> Sight:
    from grader.checking.recorded import Sight

    if not recorded.examples:
        return Sight.of(heard.check, heard.evidence, recorded)
    if heard.again is not None:
        return Sight.of(heard.check, heard.again, recorded)
    return Sight() if heard.evidence.wrong else Sight.of_passed(recorded)
