"""The student's own page: how far they are, what is next, what their code does, what is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from grader.course import Course
from grader.reports.advice import next_step
from grader.reports.html.pages import page
from grader.student.report.figures import panels
from grader.student.report.pictures import Answer, Picture
from grader.student.report.standing import DONE, NOT_RUN, ExerciseStanding, FunctionStanding

FILES = (
    "reports/html/assets/page.css",
    "reports/html/assets/own.css",
    "reports/html/templates/base.html",
    "reports/html/templates/findings.html",
    "reports/html/templates/own.html",
)


def own_page(
    course: Course,
    standings: Sequence[ExerciseStanding],
    answers: Mapping[Picture, Answer],
) -> str:
    """A page that needs no other file."""
    findings = [each.findings for each in standings]
    checks = [check for each in findings for check in each.grade.checks]
    return page(
        "own.html",
        course=course.title,
        standings=standings,
        not_run=[each for each in standings if not each.has_run],
        partly_run=any(
            function.state == NOT_RUN
            for each in standings
            if each.has_run
            for function in each.functions
        ),
        left=[each for each in standings if each.findings.left],
        passing=[each for each in standings if each.has_run and not each.findings.left],
        earned=round(sum(each.grade.points for each in findings), 6),
        most=round(sum(each.grade.max_points for each in findings), 6),
        largest=max((each.grade.max_points for each in findings), default=0.0),
        passed=sum(check.passed for check in checks),
        asked=len(checks),
        first=_first(standings),
        next=next_function(standings),
        panels=panels(course, answers),
    )


def next_function(standings: Sequence[ExerciseStanding]) -> FunctionStanding | None:
    """The first function of the course that is not done; None where all are."""
    functions = (function for each in standings for function in each.functions)
    return next((function for function in functions if function.state != DONE), None)


def _first(standings: Sequence[ExerciseStanding]) -> str:
    """What to do first: a sentence or two, code between backticks."""
    first = next((each for each in standings if not each.done), None)
    if first is None:
        return next_step([each.findings for each in standings])
    if not first.findings.left:
        return f"Run the checks of `{first.name}`: `pytest exercises/test_{first.name}.py`."
    return next_step([first.findings])
