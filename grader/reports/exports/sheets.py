"""What the CSV files have in common: safe cells, points that fit a column, who cannot be written.

A spreadsheet computes a cell that begins like a formula, and students choose names. Such a cell is
marked as text. An identity by which a platform finds a student is never changed, since it would
find nobody, or somebody else: one that a spreadsheet would run is left out of the file, and said.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from grader import untrusted
from grader.course import TOTAL_POINTS
from grader.matching import ClassList, Place
from grader.reports.exports.shown import number

LEAVE, BLANK, ZERO = "leave", "blank", "zero"
MISSING = (LEAVE, BLANK, ZERO)  # what is written of who handed nothing in
_JOINERS = re.compile("([\u200c-\u200f\ufe0e\ufe0f])")
_INERT = re.compile(r"[@+-]?[\w.@+-]*")  # computes to a number or a name at most; runs nothing


class ExportError(Exception):
    """These grades cannot be written in that format: says why, and what to do."""


@dataclass(frozen=True)
class Sheet:
    """A file's text.

    `left_out` has one sentence for each grade or student that could not be put into it, `remarks`
    what an instructor should know before importing it.
    """

    text: str
    left_out: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


def sheet(rows: Iterable[Sequence[str]]) -> str:
    """Rows of cells as CSV: commas, quotes where needed, plain line ends."""
    file = io.StringIO(newline="")
    csv.writer(file, lineterminator="\n").writerows(rows)
    return file.getvalue()


def cell(text: str) -> str:
    """A cell with what somebody chose: nothing computes it, and no log obeys it."""
    return untrusted.sheet_cell(untrusted.terminal_cell(text))


def person(text: str) -> str:
    """A cell with the name of a person, as their LMS writes it.

    Unlike in names of files, the signs stay that join letters and pictures, and those that say in
    which direction to read: Persian and many emoji are wrong without.
    """
    pieces = _JOINERS.split(text)
    shown = "".join(p if _JOINERS.fullmatch(p) else untrusted.terminal_cell(p) for p in pieces)
    bare = _JOINERS.sub("", shown)
    return shown if untrusted.sheet_cell(bare) == bare else f"'{shown}"


def identity(text: str) -> str | None:
    """A cell by which a platform finds a student: exactly the roster's; None if it is not safe."""
    marked = cell(text)
    return text if marked == text or _INERT.fullmatch(text) else None


def points_cell(points: float) -> str:
    return f"{number(points)}"


def class_maximum(listed: ClassList) -> float:
    """What everybody could earn; ExportError where that differs, since one column cannot say so."""
    counted = [place.grade for place in listed.places if place.grade and place.counts]
    found = sorted({grade.max_points for grade in counted if grade.graded})
    if len(found) > 1:
        both = " and ".join(f"{most:g}" for most in found[:: len(found) - 1])
        raise ExportError(
            f"some are graded of {both} points: grade all of the same exercises first "
            "(`grader grade` without --only), or take csv, which has a column for it"
        )
    return found[0] if found else TOTAL_POINTS


def scaled(place: Place, most: float) -> float:
    """The points that count, of `most` instead of the grade's own maximum."""
    if place.grade is None or not place.grade.max_points:
        return 0.0
    return place.final * most / place.grade.max_points


def missing_cell(missing: str, blank: str) -> str | None:
    """The grade of who handed nothing in; None for no row at all."""
    return {LEAVE: None, BLANK: blank, ZERO: "0"}[missing]


def written(listed: ClassList, missing: str) -> list[Place]:
    """Who has a row in a file for a platform: only students of the roster, each of them once."""
    kept = ("graded", "rejected") if missing == LEAVE else ("graded", "rejected", "missing")
    return [place for place in listed.places if place.status in kept and place.student is not None]
