"""One table for people and for any program: everybody and everything, also what fits nowhere else.

Earned points, what lateness takes and what counts stand in columns of their own.
"""

from __future__ import annotations

from collections.abc import Sequence

from grader.matching import ClassList, Place
from grader.reports.exports.sheets import ZERO, Sheet, cell, identity, person, points_cell, sheet
from grader.reports.exports.shown import reason

COLUMNS = (
    "submission",
    "name",
    "id",
    "email",
    "section",
    "status",
    "points",
    "max_points",
    "submitted_at",
    "late_days",
    "late_penalty",
    "final_points",
    "reason",
)


def table(listed: ClassList, missing: str = ZERO) -> Sheet:
    """A row a student, in the roster's order, then what is nobody's; then points by exercise.

    `final_points` is empty where a grade counts for nobody, see `grader.matching.Place`.
    """
    exercises = listed.exercises
    rows = [_row(place, exercises, missing) for place in listed.places]
    return Sheet(sheet([[*COLUMNS, *map(cell, exercises)], *rows]))


def _row(place: Place, exercises: Sequence[str], missing: str) -> list[str]:
    grade, student, late = place.grade, place.student, place.lateness
    ids = (student.id or student.canvas_id or student.login, student.email) if student else ("", "")
    nothing = "0" if place.status == "missing" and missing == ZERO else ""
    earned = {each.name: points_cell(each.points) for each in grade.exercises} if grade else {}
    return [
        cell(grade.id) if grade else "",
        person(student.shown) if student else "",
        *(identity(each) or cell(each) for each in ids),
        cell(student.section) if student else "",
        place.status,
        points_cell(grade.points) if grade else "",
        points_cell(grade.max_points) if grade else "",
        place.submitted.isoformat() if place.submitted else "",
        str(late.days) if late else "",
        points_cell(late.taken_off(grade.points)) if grade and late else "",
        points_cell(place.final) if place.counts else nothing,
        cell(reason(grade)) if grade and not grade.graded else "",
        *(earned.get(name, "") for name in exercises),
    ]
