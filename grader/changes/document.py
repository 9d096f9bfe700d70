"""Changes as data, for programs: what `grader diff --json` writes, as docs/changes.md says."""

from __future__ import annotations

from typing import Any

from grader.changes import words
from grader.changes.records import Cause, Changes, CheckChange, ExerciseChange, SubmissionChange
from grader.changes.summary import Summary, summarise
from grader.grades import CheckGrade, Grade

FORMAT = 1


def document(changes: Changes, labels: words.Labels) -> dict[str, Any]:
    """Everything that moved; submissions that did not are counted in the summary alone."""
    summary = summarise(changes)
    return {
        "format": FORMAT,
        "before": labels.before,
        "after": labels.after,
        "changed": [
            {
                "exercises": list(one.exercises),
                "submissions": one.submissions,
                **_cause(one.cause, own=one.cause.condition != "submission"),
            }
            for one in summary.around
        ],
        "submissions": [_submission(each) for each in changes.moved],
        "checks": [
            {
                "id": check.id,
                "title": check.title,
                "gained": check.gained,
                "lost": check.lost,
                "otherwise": check.otherwise,
                "points": _rounded(check.points),
            }
            for check in summary.checks
        ],
        "summary": _summary(summary),
    }


def _summary(summary: Summary) -> dict[str, Any]:
    return {
        **summary.kinds,
        "compared": summary.compared,
        "points_up": _rounded(summary.points_up),
        "points_down": _rounded(summary.points_down),
        "reworded": summary.reworded,
        "unexplained": summary.unexplained,
    }


def _submission(change: SubmissionChange) -> dict[str, Any]:
    return {
        "id": change.id,
        "kind": change.kind,
        "before": _grade(change.before),
        "after": _grade(change.after),
        "points": _rounded(change.points),
        "reworded": change.reworded,
        "exercises": [_exercise(exercise) for exercise in change.exercises],
    }


def _grade(grade: Grade | None) -> dict[str, Any] | None:
    if grade is None:
        return None
    return {
        "status": grade.status,
        "reason": grade.reason,
        "points": grade.points,
        "max_points": grade.max_points,
        "graded_at": grade.graded_at.isoformat() if grade.graded_at else None,
    }


def _exercise(change: ExerciseChange) -> dict[str, Any]:
    return {
        "name": change.name,
        "before": change.before.points if change.before else None,
        "after": change.after.points if change.after else None,
        "points": _rounded(change.points),
        "why": words.why(change),
        "causes": [_cause(cause) for cause in change.causes],
        "unknown": list(change.unknown),
        "checks": [_check(check) for check in change.checks],
    }


def _cause(cause: Cause, own: bool = True) -> dict[str, Any]:
    """`own` leaves the values out where each submission has its own."""
    return {
        "condition": cause.condition,
        "before": cause.before if own else None,
        "after": cause.after if own else None,
        "parts": [
            {"kind": part.kind, "name": part.name, "before": part.before, "after": part.after}
            for part in cause.parts
        ],
    }


def _check(change: CheckChange) -> dict[str, Any]:
    return {
        "id": change.either.id,
        "title": change.either.title,
        "function": change.either.function,
        "before": _ended(change.before),
        "after": _ended(change.after),
        "points": _rounded(change.points),
        "text_changed": change.text_changed,
    }


def _ended(check: CheckGrade | None) -> dict[str, Any] | None:
    if check is None:
        return None
    return {
        "outcome": check.outcome,
        "points": check.points,
        "max_points": check.max_points,
        "misconception": check.misconception,
        "message": check.message,
    }


def _rounded(points: float) -> float:
    """Sums of fractions leave a dust that nobody compares with."""
    return round(points, 9) + 0.0
