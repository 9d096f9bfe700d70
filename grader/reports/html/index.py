"""The page of the class: what an instructor asks first, first.

Is everybody graded, and how did it go; what was not understood; then each check and each student.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from markupsafe import Markup

from grader.grades import ClassGrades, Grade
from grader.reports.html.condensed import Condensed
from grader.reports.html.heat import KINDS, heat_map
from grader.reports.html.histogram import histogram, ranges
from grader.reports.html.pages import page_in_parts, shown
from grader.reports.html.statistics import (
    ExerciseRecord,
    by_points,
    exercise_records,
    mistakes,
    rejected,
    share,
    spread,
    troubles,
    unexplained,
)
from grader.reports.names import file_stem

_NAMED = 6  # students named where nothing but the page's script could name them all
_READ_AT_ONCE = 40  # students whose names the heat map shows before it is asked for them


@dataclass(frozen=True)
class Row:
    """One student of the table: points of each exercise, None where it was not asked."""

    grade: Grade
    address: str
    exercises: tuple[tuple[float, str] | None, ...]  # points, and how much is missing
    marks: str  # what the table can be narrowed to, besides names


def student_address(submission_id: str) -> str:
    """Where a student's page is, from the page of the class."""
    return f"students/{file_stem(submission_id)}.html"


def index_page(grades: ClassGrades) -> str:
    """The page as one text."""
    return "".join(index_parts(grades, Condensed.of(grades.grades)))


def index_parts(grades: ClassGrades, condensed: Condensed) -> Iterator[str]:
    """The page in parts; `condensed` is what it needs of the grades."""
    students = condensed.grades
    exercises = exercise_records(students)
    found = troubles(students)
    rows = _rows(students, exercises, {trouble.student for trouble in found})
    how_spread = spread(students)
    order = by_points(students)
    known = mistakes(students)
    checks = [check for exercise in exercises for check in exercise.checks.values()]
    return page_in_parts(
        "index.html",
        grades=grades,
        rows=rows,
        spread=how_spread,
        histogram=histogram(how_spread) if how_spread else "",
        ranges=ranges(how_spread) if how_spread else [],
        exercises=exercises,
        largest=max((exercise.most for exercise in exercises), default=0.0),
        rejected=rejected(students),
        troubles=found,
        slowest=condensed.slowest,
        mistakes=known,
        unexplained=unexplained(students),
        hardest=sorted((check for check in checks if check.left), key=lambda check: check.rate)[:8],
        heat=heat_map(students, order, exercises) if order and exercises else None,
        kinds=KINDS,
        named=len(order) <= _READ_AT_ONCE,
        who=partial(_who, rows),
    )


def _rows(
    students: Sequence[Grade], exercises: Sequence[ExerciseRecord], troubled: set[int]
) -> list[Row]:
    rows = []
    for student, grade in enumerate(students):
        own = {exercise.name: exercise for exercise in grade.exercises}
        cells = []
        for exercise in exercises:
            mine = own.get(exercise.name)
            cells.append((mine.points, _missing(share(mine))) if mine else None)
        marks = []
        if not grade.graded:
            marks.append("rejected")
        else:
            marks += ["complete"] if grade.points >= grade.max_points else []
            marks += ["below"] if share(grade) < 0.5 else []
            marks += ["trouble"] if student in troubled else []
        rows.append(Row(grade, student_address(grade.id), tuple(cells), " ".join(marks)))
    return rows


def _missing(earned: float) -> str:
    """The class of a cell by how much is missing: nothing, up to a quarter, a half, more, all."""
    if earned >= 1:
        return "m0"
    return "m1" if earned >= 0.75 else "m2" if earned >= 0.5 else "m3" if earned > 0 else "m4"


def _who(rows: Sequence[Row], students: Sequence[int]) -> Markup:
    """How many students, unfolding to who.

    A few are named in the page. The others are bits of a number that its script reads: a name at
    each of hundreds of checks would be most of the page.
    """
    if not students:
        return Markup("0")
    names = Markup(" ").join(
        Markup('<a href="{}"><bdi>{}</bdi></a>').format(
            rows[each].address, shown(rows[each].grade.id)
        )
        for each in students[:_NAMED]
    )
    if len(students) <= _NAMED:
        return Markup('<details class="who"><summary>{}</summary><p>{}</p></details>').format(
            len(students), names
        )
    bits = sum(1 << student for student in students)
    return Markup(
        '<details class="who" data-who="{:x}"><summary>{}</summary><p>{}<span> and {} more'
        "</span></p></details>"
    ).format(bits, len(students), names, len(students) - _NAMED)
