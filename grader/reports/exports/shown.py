"""What every file for students is made of: the student's view, its points adding up."""

from __future__ import annotations

from dataclasses import replace

from grader import untrusted
from grader.grades import CheckGrade, ExerciseGrade, Grade
from grader.reports.view import student_view

_NOTHING = 1e-9  # points; what is less is the rounding of sums


def shown_exercises(grade: Grade, hidden_feedback: str) -> list[ExerciseGrade]:
    """The exercises as the student may see them, the points of whose checks add up to their own.

    Where hidden checks are not shown, one entry stands for all of an exercise's: platforms add up
    what they are given.
    """
    return [_complete(each) for each in student_view(grade, hidden_feedback).exercises]


def number(points: float) -> float:
    """Points as platforms are given them: none keeps more than four places.

    Sums of decimal fractions would else be 97.74999999999999.
    """
    rounded = round(points, 4)
    return int(rounded) if rounded == int(rounded) else rounded


def heading(check: CheckGrade) -> str:
    """One line that names a check to a student."""
    title = check.title.strip().partition("\n")[0]
    named = f"{check.function}: {title}" if check.function else title
    return untrusted.terminal_cell(named)


def told(check: CheckGrade, most: int) -> str:
    """What a student reads of a check that is not passed: at most `most` characters.

    Safe in a log too: services print it there, and obey lines of some shapes.
    """
    hint = f"hint: {check.hint}" if check.hint else ""
    parts = []
    if check.message:
        parts.append(_cut(check.message, most - len(hint) - 1))
    elif not hint and not check.passed:
        parts.append(check.outcome)
    if hint:
        parts.append(_cut(hint, most))
    return _cut(untrusted.terminal("\n".join(parts)), most)


def reason(grade: Grade) -> str:
    """Why a submission was rejected, in one line."""
    return untrusted.terminal_cell(untrusted.line(grade.reason or "it was rejected"))


def _complete(exercise: ExerciseGrade) -> ExerciseGrade:
    points = exercise.points - sum(check.points for check in exercise.checks)
    most = exercise.max_points - sum(check.max_points for check in exercise.checks)
    if abs(points) < _NOTHING and abs(most) < _NOTHING:
        return exercise
    rest = CheckGrade(
        id=f"{exercise.name}/hidden",
        title=f"The hidden checks of {exercise.name}.",
        function="",
        hidden=True,
        outcome="passed" if most - points < _NOTHING else "failed",
        points=points,
        max_points=most,
        message=None,
        hint=None,
        misconception=None,
        seconds=0.0,
    )
    return replace(exercise, checks=(*exercise.checks, rest))


def _cut(text: str, most: int) -> str:
    """Printable text of at most `most` characters, the sign that it was cut among them."""
    shown = untrusted.text(text, max(0, most))
    return shown if len(shown) <= most else untrusted.text(text, max(0, most - 2))[:most]
