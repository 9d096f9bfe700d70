"""`grader report`, and the report at the end of a run: grades to pages that people read."""

from __future__ import annotations

from pathlib import Path

import typer

from grader import profile
from grader.commands.common import (
    CourseOption,
    GradebookOption,
    OutOption,
    bad_usage,
    class_grades,
    course_around,
    gradebook_at,
)
from grader.commands.feedback import feedback_of_run
from grader.grades import ClassGrades

REPORT = "report"  # the folder's name among the results


def report(
    out: OutOption = Path("results"),
    gradebook: GradebookOption = None,
    course: CourseOption = None,
) -> None:
    """Write the HTML report of the class, and the students' feedback, again from the gradebook."""
    chosen = course_around(course)
    with class_grades(gradebook_at(out, gradebook)) as grades:
        try:
            page = _written(grades, out)
        except OSError as error:
            raise bad_usage(f"{error.filename or out / REPORT}: {error.strerror}") from None
        typer.echo(f"The report of {len(grades.grades)} submissions is {page}.")
    typer.echo(feedback_of_run(out, gradebook_at(out, gradebook), chosen))


@profile.timed(profile.REPORT)
def report_of_run(out: Path, gradebook: str | Path) -> str:
    """Write the report of all that is in the gradebook after a run; where it is, as a sentence.

    Exit status 1 where it cannot be written: the grades are kept, and the message says so.
    """
    try:
        with class_grades(gradebook) as grades:
            return f"The report is {_written(grades, out)}."
    except OSError as error:
        typer.echo(
            f"grader: {error.filename or out / REPORT}: {error.strerror}: the report could not be "
            "written. The grades are kept; `grader report` writes it again from them.",
            err=True,
        )
        raise typer.Exit(1) from None


def _written(grades: ClassGrades, out: Path) -> Path:
    from grader.reports.html.report import write_report

    return write_report(grades, out / REPORT)
