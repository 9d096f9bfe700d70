"""The gradebook file that Canvas imports: one column, an assignment's.

Canvas finds a student by ID, then by SIS user, then by login, then by the first of that name. It
makes a new assignment of a title that it does not know, and drops some titles in silence.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

from grader import untrusted
from grader.matching import ClassList, Place
from grader.reports.exports.sheets import (
    LEAVE,
    ExportError,
    Sheet,
    cell,
    class_maximum,
    identity,
    missing_cell,
    person,
    points_cell,
    scaled,
    sheet,
    written,
)
from grader.roster import POINTS_POSSIBLE, Student, plain

HEADER = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
_POINTS_ROW = f"    {POINTS_POSSIBLE}"
# A column is no assignment to Canvas where its title holds one of these.
DROPPED = tuple(
    f"{which} {what}"
    for which, whats in (
        ("Current", ("Score", "Points", "Grade")),
        ("Final", ("Score", "Points", "Grade")),
        ("Override", ("Score", "Grade", "Status")),
    )
    for what in whats
)
_NUMBERED = re.compile(r"(?P<title>.+?)\s*\((?P<id>\d+)\)\s*", re.DOTALL)


def gradebook(
    listed: ClassList,
    assignment: str | None = None,
    points_possible: float | None = None,
    missing: str = LEAVE,
) -> Sheet:
    """The file, with the points that count.

    Args:
        assignment: as Canvas' own export heads its column, "Title (12345)"; the title alone where
            the roster is such an export; else the course's title, a new assignment.
        points_possible: what it is worth; where not given, what the roster says, else the maximum.
        missing: what is written of who handed nothing in.

    Raises:
        ExportError: there is no roster, or no such column can be.
    """
    if listed.roster is None:
        raise ExportError(
            "canvas needs --roster: Canvas finds students by its own IDs; export its gradebook "
            "(Grades, Export) and name that file"
        )
    title = column_title(assignment or listed.course, listed.roster.canvas_assignments)
    worth = points_possible or _worth(title, listed.roster.canvas_assignments)
    most = class_maximum(listed) if worth is None else worth
    rows: list[list[str]] = []
    left_out: list[str] = []
    names = Counter(plain(student.name) for student in listed.roster.students)
    for place in written(listed, missing):
        problem = _cannot_be_found(place, names)
        if problem:
            left_out.append(problem)
        elif place.student is not None:
            grade = missing_cell(missing, "") if place.grade is None else None
            rows.append([*_who(place.student), grade or _points(place, most)])
    header = [*HEADER, cell(title)]
    possible = [_POINTS_ROW, *[""] * (len(HEADER) - 1), points_cell(most)]
    remarks = _remarks(title, listed.roster.canvas_assignments)
    return Sheet(sheet([header, possible, *rows]), tuple(left_out), remarks)


def column_title(asked: str, known: Mapping[str, str]) -> str:
    """The title of the assignment's column; ExportError where Canvas would drop it."""
    for title in known:
        found = _NUMBERED.fullmatch(title)
        if found and asked.strip() in (found["title"].strip(), title.strip()):
            return title
    for dropped in DROPPED:
        if dropped in asked:
            raise ExportError(
                f"--assignment {untrusted.quoted_name(asked)}: Canvas drops a column whose title "
                f"holds {dropped!r}; rename the assignment"
            )
    return asked.strip()


def _remarks(title: str, known: Mapping[str, str]) -> tuple[str, ...]:
    """Said where Canvas is going to make a new assignment, which is seldom what is wanted."""
    if title in known or (_NUMBERED.fullmatch(title) and not known):
        return ()
    there = ", ".join(map(untrusted.quoted_name, known))
    which = f"one of {there}" if there else 'one that exists, as in "Title (12345)"'
    quoted = untrusted.quoted_name(title)
    return (f"Canvas will make a new assignment {quoted}; --assignment can name {which}",)


def _worth(title: str, known: Mapping[str, str]) -> float | None:
    try:
        worth = float(known[title])
    except (KeyError, ValueError):
        return None
    return worth if worth > 0 else None


def _points(place: Place, most: float) -> str:
    return "" if place.grade is None else points_cell(scaled(place, most))


def _who(student: Student) -> list[str]:
    name = student.name or f"{student.first} {student.last}".strip()
    # A row whose first cell holds these words is not a student's: it says what is worth how much.
    shown = person(name.replace(POINTS_POSSIBLE, POINTS_POSSIBLE.replace(" ", "_")))
    login = student.login or student.email
    ids = (student.canvas_id, student.id, login)
    return [shown, *(identity(each) or "" for each in ids), cell(student.section)]


def _cannot_be_found(place: Place, names: Counter[str]) -> str | None:
    """Why Canvas could take this row for somebody else's, or for nobody's."""
    student = place.student
    if student is None or any(_who(student)[1:4]):
        return None
    shown = untrusted.quoted_name(student.shown)
    if not student.name:
        return f"{shown} has neither an ID nor a name that Canvas knows"
    if names[plain(student.name)] > 1:
        return f"{shown} has no ID, and another student has the same name"
    return None
