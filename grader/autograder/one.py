"""One submission to one grade, on a machine that is used once and has no gradebook.

Where it is handed in, a folder is one student's whatever it holds. It is read here, by the trusted
side, and laid out anew before `grader grade` sees it: flat, under the names that count.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader import downloads
from grader.autograder.bundle import AutograderError
from grader.course import Course
from grader.grades import ClassGrades, Grade
from grader.submissions import (
    Found,
    Submission,
    SubmissionError,
    find_submissions,
    read_submission,
)
from grader.untrusted import quoted_name, terminal

SEED_VARIABLE = "GRADER_SEED"
_NAME = "submission"
_LONGEST_NAME = 255  # bytes, on any disk


class GraderFailedError(AutograderError):
    """What `grader grade` said when it failed: for instructors, as it may quote the course."""


@dataclass(frozen=True)
class Manner:
    """How one submission is graded. `seconds` are in all, by the clock on the wall."""

    seed: int
    level: str = "strict"
    seconds: float = 1500.0


def grade_one(folder: Path, course: Course, manner: Manner) -> ClassGrades:
    """The grade of what lies in a folder, as a class of one.

    What the student is to blame for is a grade too: rejected, for a reason. AutograderError where
    the grader failed, or took too long: nobody is to blame, so there is no grade.
    """
    graded = course.graded()
    submission = one_submission(folder, graded.names, graded.stub_files())
    if submission.reason is not None:
        return _class_of(course, manner, _rejected(course, submission.reason))
    with tempfile.TemporaryDirectory(prefix="handed-in-") as place:
        there = Path(place) / _NAME
        there.mkdir()
        for name, source in submission.files.items():
            if (
                len(name.encode()) <= _LONGEST_NAME
            ):  # longer in an archive alone: no import finds it
                (there / name).write_bytes(source)
        return _run(there, Path(place), course, manner)


def one_submission(
    folder: Path, exercises: Sequence[str], stubs: Mapping[str, bytes] | None = None
) -> Submission:
    """What a student handed in as one submission: files, a folder, or an archive of either."""
    try:
        found = find_submissions([folder], exercises)
    except SubmissionError:
        what = "no folder, archive, .py or .ipynb file"
        return Submission(_NAME, {}, f"it holds nothing to grade: {what}")
    loose = _loose_files(found)
    read = [loose] if loose is not None else found
    submissions = [read_submission(each, exercises, stubs) for each in read]
    readable = [each for each in submissions if each.reason is None]
    if len(readable) > 1:
        names = " and in ".join(quoted_name(each.id) for each in readable[:2])
        return Submission(_NAME, {}, f"exercise files lie in {names}: hand in one folder")
    return readable[0] if readable else submissions[0]


def _loose_files(found: Sequence[Found]) -> Found | None:
    """Files side by side, which in a class would be one student's each, as one submission.

    Of a file that a browser has numbered, `losses (1).py`, the highest number counts.
    """
    single = [each for each in found if each.files and each.reason is None]
    if len(single) < 2 or len({(each.base, each.inside) for each in single}) > 1:
        return None
    files = [pair for each in single for pair in each.files]
    newest: dict[str, str] = {}
    for imported_as, name in sorted(files, key=lambda pair: _number(pair[1])):
        newest[imported_as] = name
    return Found(_NAME, single[0].base, single[0].inside, tuple(sorted(newest.items())))


def _number(name: str) -> tuple[int, str]:
    stem, _, _ = name.rpartition(".")  # of a .py file or a notebook
    again = downloads.AGAIN.fullmatch(stem)
    return (int(again["n"] or again["m"]) if again else 0, name)


def _run(submission: Path, place: Path, course: Course, manner: Manner) -> ClassGrades:
    """Have `grader grade` grade it; what that says is printable, and told only where it failed."""
    result = place / "run.json"
    options = ["--course", course.root, "--out", place / "results", "--json", result]
    command = [sys.executable, "-P", "-m", "grader.cli", "grade", submission, *options]
    command += ["--jobs", "1", "--sandbox", manner.level]
    # In the environment no other process sees the seed; among the arguments all would.
    environment = {**os.environ, SEED_VARIABLE: str(manner.seed)}
    try:
        done = subprocess.run(
            [str(part) for part in command],
            cwd=place,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=manner.seconds,
        )
    except subprocess.TimeoutExpired:
        raise AutograderError(
            f"grading took longer than {manner.seconds / 60:g} minutes: give it more processors"
        ) from None
    said = terminal(done.stderr.decode("utf-8", "backslashreplace")).strip()
    if not result.exists():
        raise GraderFailedError(said or f"grader grade ended with status {done.returncode}")
    run = ClassGrades.read(json.loads(result.read_bytes()))
    (grade,) = run.grades
    if not grade.graded:  # what the student is to blame for was found before
        raise GraderFailedError("\n".join(filter(None, (terminal(grade.reason or ""), said))))
    return run


def _rejected(course: Course, reason: str) -> Grade:
    points = sum(exercise.points for exercise in course.graded().exercises)
    return Grade(_NAME, "rejected", reason, 0.0, points, ())


def _class_of(course: Course, manner: Manner, grade: Grade) -> ClassGrades:
    return ClassGrades(course.title, manner.seed, "cpu", "", manner.level, (), 0.0, (grade,))
