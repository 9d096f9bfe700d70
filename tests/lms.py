"""Importers that follow the platforms' own rules, as far as a file of grades can meet them.

Each is written from what the platform's sources do (docs/exports.md says where to look), quirks
included: they are what our files must survive. Nothing here uses the grader.
"""

from __future__ import annotations

import base64
import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

# What a spreadsheet computes when it opens a CSV; full-width signs count in some.
FORMULA = re.compile(r"^[\s']*[=+\-@＝＋－＠]")
# What computes to a number or a name at most.
INERT = re.compile(r"[@+-]?[\w.@+-]*")


def rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True))


# Canvas


@dataclass
class CanvasStudent:
    id: int
    name: str
    sortable_name: str
    sis_id: str = ""
    login: str = ""


@dataclass
class CanvasImport:
    """`scores` by student id; None is no grade. What Canvas would make new is told apart."""

    scores: dict[int, float | None] = field(default_factory=dict)
    points_possible: float | None = None
    new_assignment: str | None = None
    new_students: list[str] = field(default_factory=list)


def import_into_canvas(
    text: str, students: Sequence[CanvasStudent], assignments: Mapping[int, str]
) -> CanvasImport:
    """One assignment's column of a gradebook file."""
    found = CanvasImport()
    header, *lines = rows(text)
    assert len(header) > 3 and "Student" in header[0] and "ID" in header[1]
    assert "SIS User ID" in header[2] and "SIS Login ID" in header[3] and "Section" in header[4]
    dropped = "Current Score|Current Points|Current Grade|Final Score|Final Points|Final Grade"
    titles = [title for title in header[5:] if not re.search(f"{dropped}|Override", title)]
    assert len(titles) == 1
    numbered = re.fullmatch(r"(.+) \((\d+)\)", titles[0])
    if not (numbered and int(numbered[2]) in assignments):
        if titles[0] not in assignments.values():
            found.new_assignment = numbered[1] if numbered else titles[0]
    for line in lines:
        assert len(line) == len(header)
        if "Points Possible" in line[0]:
            found.points_possible = float(line[5])
            continue
        student = _canvas_student(line, students)
        if student is None:
            found.new_students.append(line[0])
        else:
            assert student.id not in found.scores, "one student twice"
            found.scores[student.id] = float(line[5]) if line[5] not in ("", "-") else None
    return found


def _canvas_student(line: list[str], students: Sequence[CanvasStudent]) -> CanvasStudent | None:
    digits = re.match(r"\d*", line[1])
    by_id = [each for each in students if digits and digits[0] and each.id == int(digits[0])]
    by_sis = [each for each in students if line[2] and each.sis_id == line[2]]
    by_login = [each for each in students if line[3] and each.login == line[3]]
    by_name = [each for each in students if line[0] in (each.name, each.sortable_name)]
    return next(iter([*by_id, *by_sis, *by_login, *by_name]), None)


# Moodle


class Aborted(Exception):
    """Moodle imports nothing of this file."""


def import_into_moodle(text: str, users: Mapping[str, str], field_title: str) -> dict[str, Any]:
    """Grades by user id; `users` by what the mapped column holds. None is no grade."""
    header, *lines = rows(text)
    identity = header.index(field_title)
    grades: dict[str, Any] = {}
    user: str | None = None  # as in Moodle: a line without an identity is the user's before
    for line in lines:
        if len(line) <= 1:
            continue
        value = line[identity].strip()
        if value not in ("", "0"):  # PHP's empty()
            if value not in users:
                raise Aborted(value)
            user = users[value]
        if user is None:
            raise Aborted("no user")
        grade = line[-1].strip()
        try:
            grades[user] = None if grade in ("", "-") else float(grade)
        except ValueError:
            raise Aborted(grade) from None
        if grades[user] is not None and grades[user] > 100:
            raise Aborted("gradevaluetoobig")
    return grades


def import_worksheet(text: str, participants: Sequence[int], maximum: float) -> dict[int, float]:
    """Grades by participant: what Moodle does not like is passed over in silence."""
    header, *lines = rows(text)
    identifier, grade = header.index("Identifier"), header.index("Grade")
    assert "Last modified (grade)" in header
    grades = {}
    for line in lines:
        number = line[identifier][len("Participant ") :]
        if not number.isdecimal() or int(number) not in participants or line[grade] == "":
            continue
        if 0 <= float(line[grade]) <= maximum:
            grades[int(number)] = float(line[grade])
    return grades


# GitHub Classroom's reporter


def report_to_classroom(steps: Mapping[str, str]) -> tuple[float, float, list[str]]:
    """Points, maximum and what is printed to the log; nothing is sent where the maximum is 0."""
    points = most = 0.0
    log: list[str] = []
    for step, encoded in steps.items():
        results = json.loads(base64.b64decode(encoded, validate=True).decode("utf-8"))
        log.append(f"Processing: {step}")
        for test in results["tests"]:
            log.append(f"{test['name']}" if test["status"] == "pass" else f"❌ {test['name']}\n")
            if test["status"] == "error":
                log.append(f"Error: {test['message'] or 'Failed to run'}")
            if test["test_code"]:
                log.append(f"Test code:\n{test['test_code']}\n")
            assert test["line_no"] == 0  # else "line undefined" is shown
        if results["max_score"]:
            most += results["max_score"]
            points += sum(test["score"] for test in results["tests"])
    return points, most, "\n".join(log).split("\n")
