"""What a class's grades say as a whole: how points are spread, what was failed, by whom, and why.

Every function here goes over the grades once; they are condensed (`condensed.py`). Students are
numbers, their places in the class, so that who failed a check is a short list.
"""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from grader.grades import CheckGrade, ExerciseGrade, Grade

# How a check ends that says more of the code than that a number is wrong.
TROUBLE = ("crashed", "timeout", "forbidden", "error")
_BINS = 20


@dataclass(frozen=True)
class Spread:
    """How the shares of the points that students earned are spread, over `_BINS` equal ranges."""

    counts: tuple[int, ...]
    mean: float
    median: float
    full: int  # students who earned every point
    none: int  # students who earned no point
    most: float | None  # the points there were to earn, where they were the same for everyone


@dataclass
class CheckRecord:
    """One check over the class."""

    check: CheckGrade
    asked: int = 0
    left: list[int] = field(default_factory=list)  # students who did not pass it
    outcomes: Counter[str] = field(default_factory=Counter)

    @property
    def rate(self) -> float:
        """The share of those asked who passed."""
        return 1 - len(self.left) / self.asked


@dataclass
class Mistake:
    """One known mistake over the class."""

    name: str
    exercise: str
    function: str
    hint: str | None
    students: list[int] = field(default_factory=list)


@dataclass
class ExerciseRecord:
    """One exercise over the class; its functions and checks in the course's order."""

    name: str
    functions: list[str] = field(default_factory=list)
    checks: dict[str, CheckRecord] = field(default_factory=dict)
    earned: float = 0.0
    asked: float = 0.0
    most: float = 0.0
    complete: int = 0
    students: int = 0

    @property
    def share(self) -> float:
        return self.earned / self.asked if self.asked else 0.0


@dataclass(frozen=True)
class Trouble:
    """Checks of one exercise that ended in the same way beyond a wrong answer, for one student."""

    student: int
    exercise: str
    outcome: str
    functions: tuple[str, ...]
    checks: int
    message: str | None


def share(grade: Grade | ExerciseGrade) -> float:
    """The part of the points that was earned; nothing of nothing is nothing."""
    return grade.points / grade.max_points if grade.max_points else 0.0


def spread(grades: Iterable[Grade]) -> Spread | None:
    """None where nobody was graded."""
    graded = [grade for grade in grades if grade.graded]
    if not graded:
        return None
    counts = [0] * _BINS
    shares = [share(grade) for grade in graded]
    for each in shares:
        counts[min(int(each * _BINS + 1e-9), _BINS - 1)] += 1
    whole = {grade.max_points for grade in graded}
    return Spread(
        tuple(counts),
        statistics.fmean(shares),
        statistics.median(shares),
        sum(grade.points >= grade.max_points for grade in graded),
        sum(grade.points == 0 for grade in graded),
        whole.pop() if len(whole) == 1 else None,
    )


def exercise_records(grades: Sequence[Grade]) -> list[ExerciseRecord]:
    """Every exercise that somebody was asked, with its checks, in the order of the grades."""
    records: dict[str, ExerciseRecord] = {}
    for student, grade in enumerate(grades):
        for exercise in grade.exercises:
            record = records.setdefault(exercise.name, ExerciseRecord(exercise.name))
            record.students += 1
            record.earned += exercise.points
            record.asked += exercise.max_points
            record.most = max(record.most, exercise.max_points)
            record.complete += exercise.points >= exercise.max_points
            for check in exercise.checks:
                _count(record, student, check)
    return list(records.values())


def _count(record: ExerciseRecord, student: int, check: CheckGrade) -> None:
    found = record.checks.get(check.id)
    if found is None:
        found = record.checks[check.id] = CheckRecord(check)
        if check.function not in record.functions:
            record.functions.append(check.function)
    found.asked += 1
    found.outcomes[check.outcome] += 1
    if not check.passed:
        found.left.append(student)


def mistakes(grades: Sequence[Grade]) -> list[Mistake]:
    """The known mistakes that were made, the most common first."""
    found: dict[tuple[str, str, str], Mistake] = {}
    for student, grade in enumerate(grades):
        for check in grade.checks:
            if check.misconception is None or check.passed:
                continue
            key = (check.exercise, check.function, check.misconception)
            mistake = found.setdefault(
                key, Mistake(check.misconception, check.exercise, check.function, check.hint)
            )
            if not mistake.students or mistake.students[-1] != student:
                mistake.students.append(student)
    return sorted(found.values(), key=lambda mistake: -len(mistake.students))


def unexplained(grades: Sequence[Grade]) -> list[int]:
    """The students with a wrong answer that no known mistake explains."""
    return [
        student
        for student, grade in enumerate(grades)
        if any(check.outcome == "failed" and not check.misconception for check in grade.checks)
    ]


def troubles(grades: Sequence[Grade]) -> list[Trouble]:
    """What crashed, took too long, used what is forbidden or raised in all of an exercise."""
    return [
        trouble
        for student, grade in enumerate(grades)
        for exercise in grade.exercises
        for trouble in _troubles(student, exercise)
    ]


def _troubles(student: int, exercise: ExerciseGrade) -> Iterator[Trouble]:
    for outcome in TROUBLE:
        checks = [check for check in exercise.checks if check.outcome == outcome]
        # An exception in a function or two is a wrong answer like others; in all of an exercise it
        # is a file that cannot be used.
        if not checks or (outcome == "error" and len(checks) < len(exercise.checks)):
            continue
        yield Trouble(
            student,
            exercise.name,
            outcome,
            tuple(dict.fromkeys(check.function for check in checks)),
            len(checks),
            checks[0].message,
        )


def by_points(grades: Sequence[Grade]) -> list[int]:
    """The graded students, those with the most points first."""
    graded = [student for student, grade in enumerate(grades) if grade.graded]
    return sorted(graded, key=lambda student: -share(grades[student]))


def rejected(grades: Sequence[Grade]) -> list[int]:
    return [student for student, grade in enumerate(grades) if not grade.graded]
