"""Runs on Gradescope: grades /autograder/submission and writes /autograder/results/results.json.

What a student is to blame for - nothing to grade, several submissions in one - is a result with
its reason. What the grader is to blame for is none: results.json is not written and the status is
not 0, so that Gradescope says "the autograder failed" and the submission can be run again. A 0 for
a broken machine would look like any other 0.
"""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from grader.autograder.bundle import AutograderError
from grader.autograder.gradescope import COURSE, SETTINGS
from grader.autograder.one import Manner, grade_one
from grader.course import Course, CourseError, load_course
from grader.lateness import Lateness, gradescope_time, lateness, parse_time
from grader.reports.exports import gradescope as report
from grader.sandbox.confine import hide_from_others
from grader.untrusted import terminal
from grader.writing import write_whole


def main(root: Path) -> int:
    """The exit status; what went wrong is told on standard error, which instructors alone see."""
    results = root / "results" / "results.json"
    try:
        results.unlink(missing_ok=True)
        hide_from_others()
        text = _results(root)
        results.parent.mkdir(exist_ok=True)
        write_whole(results, text)
    except (AutograderError, CourseError, OSError) as error:
        print(
            f"grader: not graded, and nobody is to blame: {terminal(str(error))}", file=sys.stderr
        )
        return 1
    return 0


def record(root: Path) -> int:
    """Grade the course's own solutions, as submissions will be; the exit status.

    What their checks ask is kept then, for this user, and no submission has to wait for it.
    """
    try:
        hide_from_others()
        course, manner = _given(root)
        grade_one(course.solutions, course, manner)
    except (AutograderError, CourseError, OSError) as error:
        print(f"grader: nothing is recorded: {terminal(str(error))}", file=sys.stderr)
        return 1
    return 0


def _given(root: Path) -> tuple[Course, Manner]:
    """The course that is there, and how its submissions are graded."""
    settings = _read_json(root / "source" / SETTINGS)
    manner = Manner(settings["seed"], settings["sandbox"], 60.0 * settings["minutes"])
    return load_course(root / "source" / COURSE), manner


def _results(root: Path) -> str:
    course, manner = _given(root)
    metadata = _read_json(root / "submission_metadata.json")
    late = _lateness(metadata, course)  # before grading: what is wrong with it is known at once
    (grade,) = grade_one(root / "submission", course, manner).grades
    feedback = course.policy.hidden_feedback
    return report.results(grade, feedback, late, _points_possible(metadata))


def _lateness(metadata: dict[str, Any], course: Course) -> Lateness | None:
    """By the course's policy; a course without a due date asks for no time."""
    if course.policy.due is None:
        return None
    try:
        return lateness(gradescope_time(metadata), course.policy, _extension(metadata))
    except ValueError as error:
        raise AutograderError(str(error)) from None


def _extension(metadata: dict[str, Any]) -> datetime | None:
    """The due date that Gradescope gave these students and not the others; of a group, the last."""
    usual = metadata.get("assignment", {}).get("due_date")
    own = [user.get("assignment", {}).get("due_date") for user in metadata.get("users", [])]
    extended = [parse_time(due) for due in own if isinstance(due, str) and due != usual]
    return max(extended, default=None)


def _points_possible(metadata: dict[str, Any]) -> float | None:
    """What the assignment is worth there; None where it says nothing that can be used."""
    try:
        points = float(metadata["assignment"]["total_points"])
    except (KeyError, TypeError, ValueError):
        return None
    return points if 0 < points < float("inf") else None


def _read_json(file: Path) -> dict[str, Any]:
    try:
        data = json.loads(file.read_bytes())
    except ValueError:
        raise AutograderError(f"{file}: is not valid JSON") from None
    if not isinstance(data, dict):
        raise AutograderError(f"{file}: must be a JSON object")
    return data


if __name__ == "__main__":
    *options, place = sys.argv[1:]
    sys.exit((record if options == ["--record"] else main)(Path(place)))
