"""Feedback files for students, written by every command that makes grades or shows them again."""

from __future__ import annotations

from pathlib import Path

import typer

from grader.commands.common import class_grades
from grader.course import Course
from grader.profile import REPORT, timed


@timed(REPORT)
def feedback_of_run(out: Path, gradebook: str | Path, course: Course) -> str:
    """Write the feedback on all that is in the gradebook; where it is, as a sentence.

    Hidden checks are told as the course says. Exit status 1 where it cannot be written: the grades
    are kept, and the message says so.
    """
    from grader.reports.feedback import FeedbackError, write_feedback

    try:
        with class_grades(gradebook) as grades:
            folder = write_feedback(grades, out, course.policy.hidden_feedback)
    except FeedbackError as error:
        typer.echo(
            f"grader: {error}: the feedback could not be written. The grades are kept; "
            "`grader report` writes it again from them.",
            err=True,
        )
        raise typer.Exit(1) from None
    return f"Feedback for each student is in {folder}."
