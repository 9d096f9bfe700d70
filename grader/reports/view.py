"""What a student may see of a grade: public checks in full, hidden ones as the course says.

Everything that reaches students - feedback files, Gradescope, GitHub, exercism - is made of what
`student_view` returns. Nothing else decides what is shown of a hidden check.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from grader.course import HIDDEN_FEEDBACK
from grader.grades import CheckGrade, ExerciseGrade, Grade


def student_view(grade: Grade, hidden_feedback: str) -> Grade:
    """The grade with what is told of hidden checks; ValueError for a level that is none.

    counterexample: all of it. hint: title, outcome, hint. title: title and outcome. points: one
    entry a function, which says how many of its points were earned. none: nothing; the points of
    exercises and of the whole stay as they are.
    """
    if hidden_feedback not in HIDDEN_FEEDBACK:
        raise ValueError(f"hidden_feedback must be one of {', '.join(HIDDEN_FEEDBACK)}")
    exercises = (_exercise(exercise, hidden_feedback) for exercise in grade.exercises)
    return replace(grade, exercises=tuple(exercises))


def _exercise(exercise: ExerciseGrade, level: str) -> ExerciseGrade:
    if level == "counterexample":
        return exercise
    public = [check for check in exercise.checks if not check.hidden]
    hidden = [check for check in exercise.checks if check.hidden]
    if level == "none":
        shown = public
    elif level == "points":
        shown = [*public, *_sums(exercise.name, hidden)]
    else:
        # An exercise that cannot be imported was asked nothing: the reason is the student's own.
        asked = exercise.status != "error"
        shown = [*public, *(_told(check, level, asked) for check in hidden)]
    return replace(exercise, checks=tuple(shown))


def _told(check: CheckGrade, level: str, asked: bool) -> CheckGrade:
    if level == "hint":
        return replace(check, message=None) if asked else check
    return replace(check, message=None, hint=None, misconception=None)


def _sums(exercise: str, checks: list[CheckGrade]) -> Iterator[CheckGrade]:
    """One entry for the hidden checks of each function."""
    for function in dict.fromkeys(check.function for check in checks):
        own = [check for check in checks if check.function == function]
        yield CheckGrade(
            id=f"{exercise}/hidden_{function}",
            title=f"The hidden checks of {function}.",
            function=function,
            hidden=True,
            outcome="passed" if all(check.passed for check in own) else "failed",
            points=sum(check.points for check in own),
            max_points=sum(check.max_points for check in own),
            message=None,
            hint=None,
            misconception=None,
            seconds=sum(check.seconds for check in own),
        )
