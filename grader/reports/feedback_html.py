"""One student's feedback as a page: the report's page of a submission, less what is hidden."""

from __future__ import annotations

from grader.grades import Grade
from grader.reports.advice import TOLD, next_step
from grader.reports.html.findings import exercise_findings
from grader.reports.html.pages import marked_up
from grader.reports.html.student import student_page


def html_page(grade: Grade, course_title: str, hidden_feedback: str) -> str:
    """The feedback on `grade`, which is what `student_view` made of it at that level."""
    if not grade.graded:
        return student_page(grade, course_title, first="Correct this, and hand it in again.")
    exercises = [exercise_findings(exercise) for exercise in grade.exercises]
    first = marked_up(next_step(exercises))
    return student_page(grade, course_title, first=first, told=TOLD[hidden_feedback])
