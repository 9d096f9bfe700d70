"""What the page of the class needs of each grade: little, and the same of many students once.

A grade holds every message and every title; a class of thousands does not fit into memory. The page
shows how checks ended. A check that ended alike for many students is one object here, and so is an
exercise.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from heapq import heappush, heapreplace
from typing import Any

from grader.grades import CheckGrade, ExerciseGrade, Grade
from grader.reports.html.statistics import TROUBLE
from grader.untrusted import LONG_NAME

_SLOWEST = 8


@dataclass(frozen=True)
class Slow:
    """A student whose checks took long, in seconds, and the slowest of them."""

    student: int
    seconds: float
    check: CheckGrade


@dataclass
class Condensed:
    """The grades of a class as they were added: without seconds, messages but of trouble, curves.

    Of a message the first line is kept, as far as a page shows it.
    """

    grades: list[Grade] = field(default_factory=list)
    _slowest: list[tuple[float, int, CheckGrade]] = field(default_factory=list)
    _same: dict[Any, Any] = field(default_factory=dict)

    @staticmethod
    def of(grades: Iterable[Grade]) -> Condensed:
        condensed = Condensed()
        for grade in grades:
            condensed.add(grade)
        return condensed

    def add(self, grade: Grade) -> None:
        student = len(self.grades)
        exercises = tuple(self._exercise(exercise) for exercise in grade.exercises)
        self.grades.append(replace(grade, exercises=exercises))
        checks = list(grade.checks)
        if not checks:
            return
        seconds = sum(check.seconds for check in checks)
        slow = max(checks, key=lambda check: check.seconds)
        self._keep_slow((seconds, -student, slow))

    def _keep_slow(self, slow: tuple[float, int, CheckGrade]) -> None:
        """Of two that took as long, the first in the class comes first: it has the larger place."""
        if len(self._slowest) < _SLOWEST:
            heappush(self._slowest, slow)
        elif slow[:2] > self._slowest[0][:2]:
            heapreplace(self._slowest, slow)

    def extend(self, other: Condensed) -> None:
        """Add what was condensed of the students that come next, in another process perhaps."""
        before = len(self.grades)
        for grade in other.grades:
            exercises = tuple(self._exercise(exercise) for exercise in grade.exercises)
            self.grades.append(replace(grade, exercises=exercises))
        for seconds, student, check in other._slowest:
            self._keep_slow((seconds, student - before, check))

    @property
    def slowest(self) -> list[Slow]:
        """The students whose checks took longest, the longest first."""
        ordered = sorted(self._slowest, key=lambda slow: slow[:2], reverse=True)
        return [Slow(-student, seconds, check) for seconds, student, check in ordered]

    def _exercise(self, exercise: ExerciseGrade) -> ExerciseGrade:
        checks = tuple(map(self._check, exercise.checks))
        # By identity: equal checks are one object, and to compare fields takes much longer.
        key = (exercise.name, exercise.status, exercise.points, exercise.max_points)
        ids = (key, *map(id, checks))
        if ids not in self._same:
            self._same[ids] = ExerciseGrade(*key, checks)
        found: ExerciseGrade = self._same[ids]
        return found

    def _check(self, check: CheckGrade) -> CheckGrade:
        message = None
        if check.outcome in TROUBLE and check.message:
            message = check.message.partition("\n")[0][: LONG_NAME + 1]
        # The course gives the rest of a check by its id, but the course may change between runs.
        key = (
            *(check.id, check.title, check.function, check.hidden, check.max_points),
            *(check.outcome, check.points, check.misconception, check.hint, message),
        )
        if key not in self._same:
            self._same[key] = replace(check, message=message, seconds=0.0)
        found: CheckGrade = self._same[key]
        return found
