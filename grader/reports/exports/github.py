"""The result of a runner step, as GitHub Classroom's reporter reads it: one submission, version 3.

The reporter takes base64 of this JSON, adds up the scores of its tests, and prints their names and
messages to a log that GitHub obeys: nothing in them may be a workflow command.
"""

from __future__ import annotations

import base64
import json
from typing import Any

from grader import untrusted
from grader.course import TOTAL_POINTS
from grader.grades import CheckGrade, ExerciseGrade, Grade
from grader.reports.exports.shown import heading, number, reason, shown_exercises, told

VERSION = 3
MAX_MESSAGE = 4_000  # characters
# The reporter gets it as an environment variable, and Linux starts no process with one of more than
# 128 KiB, its name included.
MAX_ENCODED = 120_000
_SHORTER = (MAX_MESSAGE, 1_000, 250, 0)
_STATUS = {"passed": "pass", "failed": "fail", "forbidden": "fail"}


def result(grade: Grade, hidden_feedback: str) -> str:
    """The JSON, to be read by people."""
    return untrusted.json_document(document(grade, hidden_feedback))


def encoded(grade: Grade, hidden_feedback: str) -> str:
    """The same as a step's output `result` carries it: base64 in one line, without a line end.

    It fits into an environment variable: messages are shorter where there are many, and where there
    is no room for all checks, each exercise is one test.
    """
    found = ""
    for longest in _SHORTER:
        found = _base64(document(grade, hidden_feedback, longest))
        if len(found) <= MAX_ENCODED:
            return found
    return _base64(_document(grade, [*map(_whole, grade.exercises)]))


def document(
    grade: Grade, hidden_feedback: str, longest_message: int = MAX_MESSAGE
) -> dict[str, Any]:
    """The same as data. A submission that was rejected has one test, which earns nothing.

    The reporter sends nothing where there is nothing to earn, and the student would keep the score
    of an earlier push.
    """
    tests = [
        _test(at, exercise.name, check, longest_message)
        for at, exercise in enumerate(shown_exercises(grade, hidden_feedback), 1)
        for check in exercise.checks
    ]
    return _document(grade, tests)


def _document(grade: Grade, tests: list[dict[str, Any]]) -> dict[str, Any]:
    if not grade.graded:
        return {
            "version": VERSION,
            "status": "error",
            "message": reason(grade),
            "max_score": number(grade.max_points or TOTAL_POINTS),
            "tests": [_rejected(grade)],
        }
    return {
        "version": VERSION,
        "status": "pass" if all(test["status"] == "pass" for test in tests) else "fail",
        "max_score": number(grade.max_points),
        "tests": tests,
    }


def _base64(data: dict[str, Any]) -> str:
    text = json.dumps(data, separators=(",", ":"), ensure_ascii=False)
    return base64.b64encode(text.encode("utf-8")).decode("ascii")


def _test(task: int, exercise: str, check: CheckGrade, longest_message: int) -> dict[str, Any]:
    return {
        "name": heading(check),
        "status": _STATUS.get(check.outcome, "error"),
        "message": told(check, longest_message),
        "test_code": "",  # it is printed too, and that of a hidden check is nobody's to see
        "task_id": task,
        "filename": f"{exercise}.py",
        "line_no": 0,
        "duration": round(check.seconds, 3),
        "score": number(check.points),
    }


def _whole(exercise: ExerciseGrade) -> dict[str, Any]:
    """One test for all checks of an exercise."""
    return {
        "name": exercise.name,
        "status": "pass" if exercise.status == "passed" else "fail",
        "message": "",
        "test_code": "",
        "task_id": 0,
        "filename": f"{exercise.name}.py",
        "line_no": 0,
        "duration": 0.0,
        "score": number(exercise.points),
    }


def _rejected(grade: Grade) -> dict[str, Any]:
    return {
        "name": "The submission can be graded.",
        "status": "error",
        "message": reason(grade),
        "test_code": "",
        "task_id": 0,
        "filename": "",
        "line_no": 0,
        "duration": 0.0,
        "score": 0,
    }
