"""What Moodle imports: a CSV for the gradebook, or the assignment's own worksheet, filled in.

The gradebook's import aborts at the first user it does not know, and gives the grade of a line
without an identity to the user of the line before: so only lines with one are written, in the one
column that a teacher maps. The worksheet's import passes over what it does not like, in silence.
"""

from __future__ import annotations

from collections.abc import Sequence

from grader import untrusted
from grader.matching import ClassList, Place
from grader.reports.exports.sheets import (
    LEAVE,
    ZERO,
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
from grader.roster import Row, Student, title

NONE = "-"  # Moodle's own sign for no grade
# What a teacher can map a column to, and where the roster has it, the most usual first.
_IDENTITIES = (("Email address", "email"), ("Username", "login"), ("ID number", "id"))
_USUAL_MOST = 100
_ABOVE = (
    "Moodle imports grades above 100 only where its administrator allows unlimited grades; it "
    "aborts else"
)
_READ_BACK = ("identifier", "grade", "last modified (grade)")
_CHOSEN_BY_STUDENTS = ("full name", "first name", "last name", "surname", "email address")


def gradebook(
    listed: ClassList,
    assignment: str | None = None,
    points_possible: float | None = None,
    missing: str = LEAVE,
) -> Sheet:
    """The gradebook's file, with the points that count.

    Args:
        assignment: the title of the column; the teacher says what it is when importing.
        points_possible: what the grade item is worth, where that is not the grades' maximum.
        missing: what is written of who handed nothing in.

    Raises:
        ExportError: nothing in the roster, or no roster, says who a student is to Moodle.
    """
    if listed.roster is None:
        raise ExportError(
            "moodle needs --roster: Moodle knows students by email, username or ID number; "
            "download its participants or grades, and name that file"
        )
    heading, field = _identity_column(listed.roster.students)
    most = class_maximum(listed) if points_possible is None else points_possible
    rows: list[list[str]] = []
    left_out: list[str] = []
    for place in written(listed, missing):
        if place.student is None:
            continue
        own = identity(getattr(place.student, field))
        if not own or own == "0":  # which is empty to PHP
            shown = untrusted.quoted_name(place.student.shown)
            left_out.append(f"{shown} has no {heading.lower()} in the roster that Moodle can use")
            continue
        grade = missing_cell(missing, NONE) if place.grade is None else None
        rows.append([own, person(place.student.shown), grade or points_cell(scaled(place, most))])
    header = [heading, "Full name", cell(assignment or listed.course)]
    remarks = (_ABOVE,) if most > _USUAL_MOST else ()
    return Sheet(sheet([header, *rows]), tuple(left_out), remarks)


def worksheet(
    listed: ClassList,
    rows: Sequence[Row],
    points_possible: float | None = None,
    missing: str = LEAVE,
) -> Sheet:
    """The grading worksheet that an assignment gave, with the points that count in `Grade`.

    Everything else stays as it was, since Moodle compares it: but names that a spreadsheet would
    run. Grades are of the worksheet's own `Maximum Grade`, unless `points_possible` is given.

    Args:
        listed: made with the worksheet itself as the roster.
        rows: of that very file, see `grader.roster.read_rows`.

    Raises:
        ExportError: it is not such a worksheet, or its grades are not points.
    """
    header = [title(cell) for cell in rows[0].cells]
    lacking = [name for name in _READ_BACK if name not in header]
    if lacking:
        raise ExportError(
            f"this is no grading worksheet: it has no column {lacking[0]!r}; download it as "
            "--roster from the assignment (Submissions, Download grading worksheet) with Moodle "
            "in English"
        )
    places = {place.student.line: place for place in written(listed, ZERO) if place.student}
    most = class_maximum(listed)
    filled = [list(rows[0].cells)]
    left_out: list[str] = []
    for row in rows[1:]:
        cells = [_safe(name, text) for name, text in zip(header, row.cells, strict=True)]
        place = places.get(row.line)
        grade = _grade(place, _worth(row, header, points_possible, most), missing)
        if grade is not None and place is not None and place.student is not None:
            if _locked(row, header):
                shown = untrusted.quoted_name(place.student.shown)
                left_out.append(f"{shown}: Moodle says that this grade cannot be changed")
            else:
                cells[header.index("grade")] = grade
        filled.append(cells)
    return Sheet(sheet(filled), tuple(left_out))


def _identity_column(students: Sequence[Student]) -> tuple[str, str]:
    """The one identity that most students have; of several, the most usual."""
    counts = [sum(bool(getattr(each, field)) for each in students) for _, field in _IDENTITIES]
    if not any(counts):
        raise ExportError(
            "the roster has neither emails, usernames nor ID numbers: Moodle knows students by "
            "one of them"
        )
    return _IDENTITIES[counts.index(max(counts))]


def _grade(place: Place | None, most: float, missing: str) -> str | None:
    """What is written into `Grade`; None leaves it as it is."""
    if place is None:
        return None
    if place.grade is None:
        return "0" if missing == ZERO else None
    return points_cell(scaled(place, most))


def _worth(row: Row, header: Sequence[str], points_possible: float | None, most: float) -> float:
    if points_possible is not None or "maximum grade" not in header:
        return points_possible or most
    text = row.cells[header.index("maximum grade")].strip().replace(",", ".")
    try:
        return float(text)
    except ValueError:
        raise ExportError(
            f"line {row.line}: Maximum Grade is {untrusted.quoted_name(text)}: the assignment is "
            "not graded in points; give --points-possible, or let Moodle grade in points"
        ) from None


def _locked(row: Row, header: Sequence[str]) -> bool:
    if "grade can be changed" not in header:
        return False
    return title(row.cells[header.index("grade can be changed")]) == "no"


def _safe(column: str, text: str) -> str:
    return person(text) if column in _CHOSEN_BY_STUDENTS else text
