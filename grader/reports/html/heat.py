"""The heat map of students × functions: ink where points are missing, one SVG path for each kind.

A thousand students and sixty functions are sixty thousand cells; as elements of their own they
would take seconds. Cells of one kind are drawn by one path, and cells of one kind that stand below
each other by one stroke of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from grader.grades import CheckGrade, ExerciseGrade, Grade
from grader.reports.html.statistics import TROUBLE, ExerciseRecord

PITCH = 16  # from one function to the next, in pixels
_CELL = 14
_GAP = 8  # between exercises
_TALL = 520  # pixels of the whole class at once
_ROW = 18  # pixels of one student at most
_UNWRITTEN = 4  # pixels that the ink of a function still to be written leaves free at its left

# How a cell is written in the page, for its script; `f` draws nothing, `-` was not asked.
KINDS = {
    "f": "all points",
    "1": "a third of the points or less missing",
    "2": "up to two thirds of the points missing",
    "3": "most points missing",
    "n": "no points",
    "t": "still to be written",
    "b": "stopped: crashed, timeout, forbidden or error",
    "-": "not asked",
}
_SHARES = {"1": 0.3, "2": 0.55, "3": 0.8}  # of a cell's height that is ink


@dataclass(frozen=True)
class Column:
    """One function: where it stands, and how the class did in it."""

    exercise: str
    function: str
    x: int
    share: float  # of its points that the class earned
    kinds: Counter[str]


@dataclass(frozen=True)
class Group:
    """The columns of one exercise."""

    exercise: str
    x: int
    width: int


@dataclass(frozen=True)
class HeatMap:
    """Everything that the page draws; `rows` are students in the order of the drawing."""

    columns: tuple[Column, ...]
    groups: tuple[Group, ...]
    rows: tuple[int, ...]
    cells: str  # a letter of KINDS for each cell, row by row
    width: int
    height: int  # pixels of the whole class at once
    paths: Markup


def heat_map(
    grades: Sequence[Grade], order: Sequence[int], exercises: Sequence[ExerciseRecord]
) -> HeatMap:
    places, groups, width = _places(exercises)
    rows = [_row(grades[student], places) for student in order]
    columns = []
    for number, ((exercise, function), x) in enumerate(places.items()):
        asked = [row[number] for row in rows if row[number][0] != "-"]
        most = sum(points for _, _, points in asked)
        columns.append(
            Column(
                exercise,
                function,
                x,
                sum(points for _, points, _ in asked) / most if most else 0.0,
                Counter(kind for kind, _, _ in asked),
            )
        )
    letters = ["".join(kind for kind, _, _ in row) for row in rows]
    return HeatMap(
        tuple(columns),
        tuple(groups),
        tuple(order),
        "".join(letters),
        width,
        min(_TALL, _ROW * len(rows)),
        _paths(letters, [column.x for column in columns]),
    )


def _places(
    exercises: Sequence[ExerciseRecord],
) -> tuple[dict[tuple[str, str], int], list[Group], int]:
    """Where each function's column begins, and each exercise's."""
    places, groups, x = {}, [], 0
    for exercise in exercises:
        begin = x
        for function in exercise.functions:
            places[exercise.name, function] = x
            x += PITCH
        groups.append(Group(exercise.name, begin, x - begin))
        x += _GAP
    return places, groups, max(x - _GAP, PITCH)


def _row(grade: Grade, places: dict[tuple[str, str], int]) -> list[tuple[str, float, float]]:
    """For each column how it is drawn, the points earned and those there were."""
    found = {}
    for exercise in grade.exercises:
        for function, checks in _by_function(exercise).items():
            found[exercise.name, function] = _cell(checks)
    return [found.get(place, ("-", 0.0, 0.0)) for place in places]


def _by_function(exercise: ExerciseGrade) -> dict[str, list[CheckGrade]]:
    found: dict[str, list[CheckGrade]] = {}
    for check in exercise.checks:
        found.setdefault(check.function, []).append(check)
    return found


def _cell(checks: Sequence[CheckGrade]) -> tuple[str, float, float]:
    earned = sum(check.points for check in checks)
    most = sum(check.max_points for check in checks)
    outcomes = {check.outcome for check in checks if not check.passed}
    lost = 1 - earned / most if most else float(bool(outcomes))
    if not outcomes or lost <= 0:
        kind = "f"
    elif earned <= 0:
        kind = "t" if outcomes == {"todo"} else "b" if outcomes <= set(TROUBLE) else "n"
    else:
        kind = "1" if lost <= 1 / 3 else "2" if lost <= 2 / 3 else "3"
    return kind, earned, most


def _paths(rows: Sequence[str], columns: Sequence[int]) -> Markup:
    strokes: dict[str, list[str]] = {kind: [] for kind in KINDS if kind != "f"}
    for number, x in enumerate(columns):
        begin = 0
        letters = [row[number] for row in rows]
        for end in range(1, len(letters) + 1):
            if end < len(letters) and letters[end] == letters[begin]:
                continue
            if letters[begin] != "f":
                strokes[letters[begin]].append(_stroke(letters[begin], x, begin, end))
            begin = end
    return Markup("").join(
        Markup('<path class="k{}" d="{}"/>').format("0" if kind == "-" else kind, "".join(drawn))
        for kind, drawn in strokes.items()
        if drawn
    )


def _stroke(kind: str, x: int, begin: int, end: int) -> str:
    """The ink of cells below each other that are of one kind."""
    if kind in _SHARES:
        high = _SHARES[kind]
        return "".join(
            f"M{x} {row + 1 - high:g}h{_CELL}v{high:g}h-{_CELL}z" for row in range(begin, end)
        )
    left = x + _UNWRITTEN if kind == "t" else x
    wide = _CELL - 2 * _UNWRITTEN if kind == "t" else _CELL
    return f"M{left} {begin}h{wide}v{end - begin}h-{wide}z"
