"""Grades as every report reads them: one record for a check, an exercise, a submission, a class.

They are what the JSON of a run holds, typed. Text in them that comes from a submission (ids,
reasons, messages) is as it was handed in: whoever shows it makes it harmless (`grader.untrusted`,
or a template that escapes).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Curve:
    """Numbers over steps that a student's code produced, and the reference's: such as a loss.

    `title` says of what, `function` whose. Both lists are of finite numbers, and not empty.
    `hidden` curves belong to a hidden check: what a student's code returned there may tell of it.
    """

    title: str
    function: str
    got: tuple[float, ...]
    expected: tuple[float, ...]
    hidden: bool = True

    @staticmethod
    def read(data: Mapping[str, Any]) -> Curve:
        numbers = tuple(data["got"]), tuple(data["expected"])
        return Curve(data["title"], data["function"], *numbers, data.get("hidden", True))


@dataclass(frozen=True)
class CheckGrade:
    """How one check ended; the fields are those of `grader.outcome.Check` and `Result`."""

    id: str
    title: str
    function: str
    hidden: bool
    outcome: str
    points: float
    max_points: float
    message: str | None
    hint: str | None
    misconception: str | None
    seconds: float

    @property
    def exercise(self) -> str:
        return self.id.partition("/")[0]

    @property
    def passed(self) -> bool:
        return self.outcome == "passed"

    @staticmethod
    def read(data: Mapping[str, Any]) -> CheckGrade:
        """From an entry of "checks"; TypeError where it has other fields."""
        if data.keys() != CheckGrade.__dataclass_fields__.keys():
            raise TypeError(f"a check has the fields {', '.join(map(str, data))}")
        # A class has a million checks: to have Python set a frozen one's eleven fields, one by one,
        # takes longer than to parse their JSON.
        check = object.__new__(CheckGrade)
        check.__dict__.update(data)
        return check


@dataclass(frozen=True, slots=True)
class ExerciseGrade:
    """One exercise of one submission: `status` is passed, failed, todo or error."""

    name: str
    status: str
    points: float
    max_points: float
    checks: tuple[CheckGrade, ...]
    curves: tuple[Curve, ...] = ()

    @property
    def functions(self) -> list[str]:
        """The functions that have checks, in the order of their first."""
        return list(dict.fromkeys(check.function for check in self.checks))

    def checks_of(self, function: str) -> list[CheckGrade]:
        return [check for check in self.checks if check.function == function]

    @staticmethod
    def outline(data: Mapping[str, Any]) -> ExerciseGrade:
        """The same as `read`, without checks and curves."""
        return ExerciseGrade(data["name"], data["status"], data["points"], data["max_points"], ())

    @staticmethod
    def read(data: Mapping[str, Any]) -> ExerciseGrade:
        return ExerciseGrade(
            data["name"],
            data["status"],
            data["points"],
            data["max_points"],
            tuple(map(CheckGrade.read, data["checks"])),
            tuple(Curve.read(curve) for curve in data.get("curves", ())),
        )


@dataclass(frozen=True, slots=True)
class Grade:
    """One submission: `status` is graded, or rejected for a `reason`. `graded_at` is in UTC."""

    id: str
    status: str
    reason: str | None
    points: float
    max_points: float
    exercises: tuple[ExerciseGrade, ...]
    graded_at: datetime | None = None

    @property
    def graded(self) -> bool:
        return self.status == "graded"

    @property
    def checks(self) -> Iterator[CheckGrade]:
        for exercise in self.exercises:
            yield from exercise.checks

    @staticmethod
    def read(data: Mapping[str, Any], graded_at: datetime | None = None) -> Grade:
        """From an entry of "submissions"; KeyError or TypeError where it is none."""
        return Grade(
            data["id"],
            data["status"],
            data["reason"],
            data["points"],
            data["max_points"],
            tuple(ExerciseGrade.read(exercise) for exercise in data["exercises"]),
            graded_at,
        )


@dataclass(frozen=True)
class ClassGrades:
    """The grades of a class, sorted by submission id, and under which conditions they were made.

    Those of a gradebook are read from it each time that one goes over them: do so once, and keep
    of each what is needed. A class can be larger than the memory.
    """

    course: str
    seed: int
    device: str
    torch: str
    level: str
    layers: tuple[str, ...]
    seconds: float
    grades: Sequence[Grade]

    @staticmethod
    def read(run: Mapping[str, Any], graded_at: Sequence[datetime | None] = ()) -> ClassGrades:
        """From the JSON of a run; KeyError or TypeError where it is none."""
        entries = run["submissions"]
        times = graded_at or [None] * len(entries)
        return ClassGrades(
            run["course"],
            run["seed"],
            run["device"],
            run["torch"],
            run["sandbox"]["level"],
            tuple(run["sandbox"]["layers"]),
            run["seconds"],
            tuple(
                Grade.read(grade, at) for grade, at in zip(run["submissions"], times, strict=True)
            ),
        )
