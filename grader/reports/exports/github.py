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
from grader.grades import CheckGrade, Grade
from grader.reports.exports.shown import heading, number, reason, shown_exercises, told

VERSION = 3
MAX_MESSAGE = 4_000  # characters; GitHub takes at most 1 MiB for all outputs of a job
_STATUS = {"passed": "pass", "failed": "fail", "forbidden": "fail"}


def result(grade: Grade, hidden_feedback: str) -> str:
    """The JSON, to be read by people."""
    return untrusted.json_document(document(grade, hidden_feedback))


def encoded(grade: Grade, hidden_feedback: str) -> str:
    """The same as a step's output `result` carries it: base64 in one line, without a line end."""
    text = json.dumps(document(grade, hidden_feedback), separators=(",", ":"))
    return base64.b64encode(text.encode("ascii")).decode("ascii")


def document(grade: Grade, hidden_feedback: str) -> dict[str, Any]:
    """The same as data. A submission that was rejected has one test, which earns nothing.

    The reporter sends nothing where there is nothing to earn, and the student would keep the score
    of an earlier push.
    """
    if not grade.graded:
        return {
            "version": VERSION,
            "status": "error",
            "message": reason(grade),
            "max_score": number(grade.max_points or TOTAL_POINTS),
            "tests": [_rejected(grade)],
        }
    tests = [
        _test(at, exercise.name, check)
        for at, exercise in enumerate(shown_exercises(grade, hidden_feedback), 1)
        for check in exercise.checks
    ]
    return {
        "version": VERSION,
        "status": "pass" if all(test["status"] == "pass" for test in tests) else "fail",
        "max_score": number(grade.max_points),
        "tests": tests,
    }


def _test(task: int, exercise: str, check: CheckGrade) -> dict[str, Any]:
    return {
        "name": heading(check),
        "status": _STATUS.get(check.outcome, "error"),
        "message": told(check, MAX_MESSAGE),
        "test_code": "",  # it is printed too, and that of a hidden check is nobody's to see
        "task_id": task,
        "filename": f"{exercise}.py",
        "line_no": 0,
        "duration": round(check.seconds, 3),
        "score": number(check.points),
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
