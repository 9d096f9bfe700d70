"""The curves of one exercise: what a student's functions gave over steps, beside the reference's.

They are made of answers that are there anyway: nothing is asked for their sake.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from grader.checking.curves import longer
from grader.checking.question import Question
from grader.course import Exercise
from grader.examiner.recording import Recording


def keep_longest(recordings: Iterable[Recording]) -> None:
    """Leave each function the longest curve of its checks alone; of equals, the first."""
    by_function: dict[tuple[str, str], list[Recording]] = {}
    for recording in recordings:
        whose = recording.check.exercise, recording.check.function
        by_function.setdefault(whose, []).append(recording)
    for own in by_function.values():
        longest = None
        for recording in own:
            longest = longer(longest, recording.curve)
        for recording in own:
            if recording.curve is not longest:
                recording.curve = None


class Curves:
    """Collects the curves while questions about an exercise are put to one sandbox after another.

    A curve is `hidden` where the check is, and also where a hidden check was put to the same
    sandbox before: the student's code may then return what it has seen there.
    """

    def __init__(self, exercise: Exercise) -> None:
        self._exercise = exercise
        self._found: dict[str, dict[str, Any]] = {}
        self._check: Recording | None = None  # of which questions are put
        self._overhears = False  # whether questions of a hidden check were put to the sandbox

    def begin_sandbox(self) -> None:
        """A fresh sandbox knows nothing."""
        self._overhears = False

    def begin_check(self, recording: Recording) -> None:
        """All questions of a check are put, perhaps for the second time."""
        self._check = recording
        self._overhears |= recording.check.hidden
        if recording.curve is not None:
            self._found.pop(recording.check.function, None)

    def want(self, question: Question) -> bool:
        """Whether the answer to this question is what a curve is made of."""
        reference = self._check.curve if self._check is not None else None
        return reference is not None and question is reference.question

    def hear(self, question: Question, answer: Mapping[str, Any]) -> None:
        """Note a student's answer to a question of the check that was begun last."""
        if self._check is None:
            return
        check, reference = self._check.check, self._check.curve
        self._overhears |= check.hidden
        if reference is None or question is not reference.question:
            return
        got = reference.of_another(answer)
        if got:
            self._found[check.function] = {
                "title": reference.title,
                "function": check.function,
                "hidden": self._overhears,
                "got": list(got),
                "expected": list(reference.numbers),
            }

    def entries(self) -> list[dict[str, Any]]:
        """What the exercise's entry in a grade holds of them, in the course's order."""
        order = self._exercise.functions
        return [self._found[function] for function in order if function in self._found]
