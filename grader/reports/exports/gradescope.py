"""results.json, as Gradescope reads it of /autograder/results: one submission, for its student.

Everything is plain text to Gradescope, so that it interprets nothing of it. No test is ever hidden
by Gradescope's own means: one that is hides the total from the student.
"""

from __future__ import annotations

from typing import Any

from grader import untrusted
from grader.grades import CheckGrade, ExerciseGrade, Grade
from grader.lateness import Lateness
from grader.reports.exports.shown import heading, number, reason, shown_exercises, told

MAX_OUTPUT = 100_000  # characters; Gradescope cuts what is longer


def results(
    grade: Grade,
    hidden_feedback: str,
    lateness: Lateness | None = None,
    points_possible: float | None = None,
) -> str:
    """The file's text.

    Args:
        hidden_feedback: the course's, see `grader.reports.view`.
        lateness: from the `created_at` of submission_metadata.json.
        points_possible: what the assignment is worth there, where that is not the grade's maximum.
    """
    scale = points_possible / grade.max_points if points_possible and grade.max_points else 1.0
    final = lateness.final(grade.points) if lateness else grade.points
    exercises = enumerate(shown_exercises(grade, hidden_feedback), 1)
    return untrusted.json_document(
        {
            "score": number(final * scale),  # goes before the sum of the tests, which knows no days
            "execution_time": round(sum(check.seconds for check in grade.checks)),
            "output": _output(grade, lateness, scale),
            "output_format": "text",
            "test_output_format": "text",
            "test_name_format": "text",
            "visibility": "visible",
            "stdout_visibility": "hidden",
            "tests": [test for at, exercise in exercises for test in _tests(at, exercise, scale)],
        }
    )


def _tests(position: int, exercise: ExerciseGrade, scale: float) -> list[dict[str, Any]]:
    checks = enumerate(exercise.checks, 1)
    return [_test(f"{position}.{at}", exercise.name, check, scale) for at, check in checks]


def _test(place: str, exercise: str, check: CheckGrade, scale: float) -> dict[str, Any]:
    return {
        "score": number(check.points * scale),
        "max_score": number(check.max_points * scale),
        "status": "passed" if check.passed else "failed",
        "name": heading(check),
        "number": place,
        "output": told(check, MAX_OUTPUT),
        "tags": [exercise],
        "visibility": "visible",
    }


def _output(grade: Grade, lateness: Lateness | None, scale: float) -> str:
    if not grade.graded:
        return f"Not graded: {reason(grade)}"
    earned, most = number(grade.points * scale), number(grade.max_points * scale)
    late = lateness.sentence(grade.points * scale) if lateness else ""
    return f"{earned:g} of {most:g} points earned.\n{late}".strip()
