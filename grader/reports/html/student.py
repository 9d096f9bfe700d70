"""The page of one submission: points by exercise, what is left to do and why, how training went.

It shows what the grade holds. For an instructor that is everything; for a student the grade comes
from `student_view`, and the page is the same.
"""

from __future__ import annotations

from grader.grades import Grade
from grader.reports.html.curves import curve_chart
from grader.reports.html.findings import exercise_findings
from grader.reports.html.pages import page


def student_page(
    grade: Grade,
    course_title: str,
    *,
    home: str | None = None,
    first: str | None = None,
    told: str | None = None,
) -> str:
    """A page that needs no other file. `home` is the address of the class's page, if it has one.

    `first` is what to do first and `told` what is shown of hidden checks, for a student.
    """
    exercises = [exercise_findings(exercise) for exercise in grade.exercises]
    return page(
        "student.html",
        grade=grade,
        course=course_title,
        home=home,
        first=first,
        told=told,
        exercises=exercises,
        left=[exercise for exercise in exercises if not exercise.complete],
        complete=[exercise for exercise in exercises if exercise.complete],
        passed=sum(len(exercise.passed) for exercise in exercises),
        asked=sum(len(exercise.grade.checks) for exercise in exercises),
        largest=max((exercise.max_points for exercise in grade.exercises), default=0.0),
        curve_chart=curve_chart,
    )
