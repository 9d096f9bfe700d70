"""The grades as JSON, in the format of `grader grade --json`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from grader import untrusted
from grader.grades import ClassGrades, ExerciseGrade, Grade

FORMAT = 1


def run(grades: ClassGrades) -> Iterator[str]:
    """The file's text in parts: everything, for the instructor. `ClassGrades.read` reads it."""
    head = {
        "format": FORMAT,
        "course": grades.course,
        "seed": grades.seed,
        "device": grades.device,
        "torch": grades.torch,
        "sandbox": {"level": grades.level, "layers": list(grades.layers)},
        "seconds": grades.seconds,
    }
    return untrusted.json_stream(head, "submissions", map(_grade, grades.grades))


def _grade(grade: Grade) -> dict[str, Any]:
    return {
        "id": grade.id,
        "status": grade.status,
        "reason": grade.reason,
        "points": grade.points,
        "max_points": grade.max_points,
        "exercises": [_exercise(exercise) for exercise in grade.exercises],
    }


def _exercise(exercise: ExerciseGrade) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": exercise.name,
        "status": exercise.status,
        "points": exercise.points,
        "max_points": exercise.max_points,
        "checks": [dict(vars(check)) for check in exercise.checks],
    }
    if exercise.curves:  # few exercises have any
        found["curves"] = [dict(vars(curve)) for curve in exercise.curves]
    return found
