"""What a gradebook holds, as plain records: runs, gradings, and what an exercise was graded under.

Grades in them are those of `grader.grades`; what comes from a submission is as it was handed in.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import astuple, dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any

from grader.grades import ExerciseGrade, Grade

EVIDENCE = "evidence"


@dataclass(frozen=True)
class Conditions:
    """Under which an exercise of a submission was graded: the same work earns the same under them.

    `checks` is a digest of what the course says of this exercise: its entry in course.toml, its
    checks, solutions and known mistakes. `engine` is one of the grader's own sources and of the
    libraries that draw the questions. Both are empty where a gradebook of an earlier format did
    not keep them apart, and so is `torch`: such a grade is readable, and never reused.
    """

    checks: str
    engine: str
    torch: str
    seed: int
    device: str
    sandbox: str  # the level: strict, best-effort or off
    data: str = ""  # the folder with the images, where one was named

    @property
    def digest(self) -> str:
        """SHA-256 over all of them."""
        return hashlib.sha256(json.dumps(astuple(self)).encode()).hexdigest()

    def differences(self, other: Conditions) -> list[str]:
        """The names of the conditions that differ, in the order above."""
        names = [field.name for field in fields(self)]
        return [name for name in names if getattr(self, name) != getattr(other, name)]


@dataclass(frozen=True)
class GradedExercise:
    """One exercise's result. The same `number` in two gradings is the very same result, reused.

    `entry` is its entry in the JSON of a run, and what is known beside: its `curves`, if it has
    any, and `evidence`, by which single checks of it can be reused.
    """

    number: int
    name: str
    conditions: Conditions
    layers: tuple[str, ...]  # of the sandbox, that held
    graded_at: datetime  # UTC
    entry: Mapping[str, Any]

    @property
    def shown(self) -> dict[str, Any]:
        """The entry without `evidence`, which is for graders alone."""
        return {key: value for key, value in self.entry.items() if key != EVIDENCE}

    @property
    def grade(self) -> ExerciseGrade:
        return ExerciseGrade.read(self.entry)


@dataclass(frozen=True)
class Grading:
    """One grading of one submission: graded, or rejected for a reason and without exercises.

    `run` is the number of the run that made it. `submission_digest` is SHA-256 over the files.
    """

    number: int
    run: int
    submission_id: str
    submission_digest: str
    status: str
    reason: str | None
    points: float
    max_points: float
    graded_at: datetime  # UTC
    exercises: tuple[GradedExercise, ...]

    @property
    def entry(self) -> dict[str, Any]:
        """The entry of "submissions" in the JSON of a run; with `curves`, where there are any."""
        return {
            "id": self.submission_id,
            "status": self.status,
            "reason": self.reason,
            "points": self.points,
            "max_points": self.max_points,
            "exercises": [exercise.shown for exercise in self.exercises],
        }

    @property
    def grade(self) -> Grade:
        return Grade.read(self.entry, self.graded_at)

    @property
    def outline(self) -> Grade:
        """The grade without the checks of its exercises, which are most of it."""
        return Grade(
            self.submission_id,
            self.status,
            self.reason,
            self.points,
            self.max_points,
            tuple(ExerciseGrade.outline(exercise.entry) for exercise in self.exercises),
            self.graded_at,
        )

    @property
    def mixed(self) -> bool:
        """Whether its exercises were graded under different seeds, devices, sandboxes, engines."""
        return any(
            set(exercise.conditions.differences(self.exercises[0].conditions)) - {"checks"}
            for exercise in self.exercises
        )


@dataclass(frozen=True)
class RunRecord:
    """One run of the grader. `finished` and `seconds` are None where it was interrupted.

    `paths` are absolute: what was to be graded. `only` names the exercises where not all of the
    course were asked for. `course_folder` is None, and `paths` are empty, where a gradebook of an
    earlier format did not keep them.
    """

    number: int
    began: datetime  # UTC
    finished: datetime | None
    course: str
    seed: int
    device: str
    sandbox: str
    layers: tuple[str, ...]
    torch: str
    grader: str  # its version
    data: str
    seconds: float | None
    paths: tuple[Path, ...]
    only: tuple[str, ...] | None
    course_folder: Path | None
