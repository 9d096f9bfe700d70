"""Runs in a GitHub workflow: grades a push, writes the step summary and the step's outputs.

`result` is what GitHub Classroom's reporter reads, `status` its verdict: pass, fail or error.
What is printed here the runner searches for commands, and the student reads: nothing of the
submission is in it but made harmless, and of the course nothing. Where the grader itself fails
there are no outputs, and the step fails.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from grader.autograder.bundle import AutograderError
from grader.autograder.github import KEY_SECRET, SEED_SECRET
from grader.autograder.one import SEED_VARIABLE, GraderFailedError, Manner, grade_one
from grader.course import CourseError, load_course
from grader.grades import Grade
from grader.reports.exports import github as report
from grader.reports.exports import markdown
from grader.sandbox.confine import hide_from_others
from grader.untrusted import terminal


def main(push: Path, course_folder: Path, minutes: float) -> int:
    """The exit status: 0 where there is a verdict, whatever it is."""
    try:
        hide_from_others()
        seed = _seed()
        course = load_course(course_folder)
        (grade,) = grade_one(push, course, Manner(seed, "strict", 60 * minutes)).grades
        _publish(grade, course.policy.hidden_feedback)
    except GraderFailedError:
        # What it said may quote a hidden check: of that nothing is shown here.
        return _failed("the grader failed; its instructor sees why: `grader grade` on this push")
    except (AutograderError, CourseError, OSError) as error:
        # One line of a command's would be an annotation; a plain one is a line of the log.
        print(
            f"grader: not graded, and nobody is to blame: {terminal(str(error))}", file=sys.stderr
        )
        return 1
    print(f"graded: {grade.points:g} of {grade.max_points:g} points; see this run's summary")
    return 0


def _failed(why: str) -> int:
    print(f"grader: not graded, and nobody is to blame: {why}", file=sys.stderr)
    return 1


def _seed() -> int:
    """The seed; the runner masks it in its log."""
    given = os.environ.pop(SEED_VARIABLE, "").strip()
    if not given.isdecimal():
        raise AutograderError(
            f"the secret {SEED_SECRET} is {'not a number' if given else 'missing'}: set it, and "
            f"{KEY_SECRET}, where this repository's workflows may use them"
        )
    return int(given)


def _publish(grade: Grade, hidden_feedback: str) -> None:
    document = report.document(grade, hidden_feedback)
    with open(os.environ["GITHUB_STEP_SUMMARY"], "a", encoding="utf-8") as summary:
        summary.write(markdown.summary(grade, hidden_feedback))
    with open(os.environ["GITHUB_OUTPUT"], "a", encoding="ascii") as outputs:
        outputs.write(f"result={report.encoded(grade, hidden_feedback)}\n")
        outputs.write(f"status={document['status']}\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Grade a push.")
    parser.add_argument("push", type=Path)
    parser.add_argument("course", type=Path)
    parser.add_argument("--minutes", type=float, default=18)
    given = parser.parse_args()
    sys.exit(main(given.push, given.course, given.minutes))
