"""results.json of an exercism test runner, version 3: one submission, for its student."""

from __future__ import annotations

from typing import Any

from grader import untrusted
from grader.grades import CheckGrade, Grade
from grader.reports.exports.shown import heading, reason, shown_exercises, told

VERSION = 3
MAX_MESSAGE = 65_535  # characters
_STATUS = {"passed": "pass", "failed": "fail", "forbidden": "fail"}


def results(grade: Grade, hidden_feedback: str) -> str:
    """The file's text. There are no points in this format: each test passes, fails or errs."""
    tests = [
        _test(at, check)
        for at, exercise in enumerate(shown_exercises(grade, hidden_feedback), 1)
        for check in exercise.checks
    ]
    document: dict[str, Any] = {"version": VERSION}
    if not grade.graded:
        document |= {"status": "error", "message": reason(grade), "tests": []}
    else:
        passed = all(test["status"] == "pass" for test in tests)
        document |= {"status": "pass" if passed else "fail", "message": None, "tests": tests}
    return untrusted.json_document(document)


def _test(task: int, check: CheckGrade) -> dict[str, Any]:
    return {
        "name": heading(check),
        "task_id": task,
        "status": _STATUS.get(check.outcome, "error"),
        "message": None if check.passed else told(check, MAX_MESSAGE),
        "output": None,  # what a student's code prints is thrown away in its sandbox
        "test_code": untrusted.terminal(check.title),  # says what is asked; the code is not shown
    }
