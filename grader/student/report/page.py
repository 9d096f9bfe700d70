"""The student's own page: how far they are, what is next, what their code does, what is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from grader.course import Course
from grader.grades import CheckGrade, ExerciseGrade
from grader.outcome import Check
from grader.reports.html.findings import ExerciseFindings, exercise_findings
from grader.reports.html.pages import page
from grader.student.progress import Last
from grader.student.report.figures import panels
from grader.student.report.pictures import Answer, Picture
from grader.student.standing import (
    CHANGED,
    DONE,
    NOT_RUN,
    TO_MEND,
    TO_WRITE,
    UNREADABLE,
    WAITS,
    WRITTEN,
    ExerciseStanding,
    next_step,
)

FILES = (
    "reports/html/assets/page.css",
    "reports/html/assets/own.css",
    "reports/html/templates/base.html",
    "reports/html/templates/findings.html",
    "reports/html/templates/own.html",
)
# How a state is drawn, and what the key says of it.
_STATES = {
    DONE: ("done", "done"),
    WRITTEN: ("done", "done"),
    TO_MEND: ("mend", "to mend"),
    UNREADABLE: ("mend", "to mend"),
    WAITS: ("waits", "waits for another function"),
    TO_WRITE: ("todo", "still to write"),
    CHANGED: ("not-run", "not run since you changed it"),
    NOT_RUN: ("not-run", "not run yet"),
}


@dataclass(frozen=True)
class Part:
    """An exercise as the page tells it: where it stands, and what its checks said of the code as it
    is now."""

    standing: ExerciseStanding
    findings: ExerciseFindings

    @property
    def name(self) -> str:
        return self.standing.exercise.name

    @property
    def unasked(self) -> float:
        """The points of checks that nothing is wrong with yet: still to write, or not run."""
        asked = (check for check in self.findings.grade.checks if check.outcome != "todo")
        return round(self.standing.possible - sum(check.max_points for check in asked), 6)


def own_page(
    course: Course, standings: Sequence[ExerciseStanding], answers: Mapping[Picture, Answer]
) -> str:
    """A page that needs no other file."""
    parts = [_part(each) for each in standings]
    checks = [one for each in standings for function in each.functions for one in function.checks]
    return page(
        "own.html",
        course=course.title,
        parts=parts,
        mend=[each for each in parts if each.findings.functions],
        passing=[each for each in parts if each.findings.passed and not each.findings.functions],
        earned=round(sum(each.earned for each in standings), 6),
        most=round(sum(each.possible for each in standings), 6),
        largest=max((each.possible for each in standings), default=0.0),
        passed=sum(one.passed for one in checks),
        asked=len(checks),
        states=_STATES,
        key=_key(standings),
        step=next_step(list(standings)),
        hint=_hint(standings),
        panels=panels(course, answers),
    )


def _part(standing: ExerciseStanding) -> Part:
    asked = [one for function in standing.functions for one in function.checks]
    checks = [_grade(one.check, one.last) for one in asked if one.last and one.current]
    earned, most = round(standing.earned, 6), round(standing.possible, 6)
    grade = ExerciseGrade(standing.exercise.name, "", earned, most, tuple(checks))
    return Part(standing, exercise_findings(grade))


def _grade(check: Check, last: Last) -> CheckGrade:
    return CheckGrade(
        id=check.id,
        title=check.title,
        function=check.function,
        hidden=False,
        outcome=last.outcome,
        points=check.points if last.outcome == "passed" else 0.0,
        max_points=check.points,
        message=last.message,
        hint=last.hint,
        misconception=last.misconception,
        seconds=0.0,
    )


def _key(standings: Sequence[ExerciseStanding]) -> list[tuple[str, str]]:
    """What the signs of the states mean, of those that are on the page."""
    seen = {function.state for each in standings for function in each.functions}
    return list(dict.fromkeys(meant for state, meant in _STATES.items() if state in seen))


def _hint(standings: Sequence[ExerciseStanding]) -> str | None:
    """The hint for what is next, where what is wrong with it has one."""
    step = next_step(list(standings))
    if step is None or step.function is None or step.verb != "mend":
        return None
    exercise = next(each for each in standings if each.exercise.name == step.exercise)
    failed = exercise.function(step.function).first_failed
    return failed.last.hint if failed and failed.current and failed.last else None
