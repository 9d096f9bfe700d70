"""How far a student is: what ran now and what is known of earlier runs, exercise by exercise."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from grader.course import Course, Exercise
from grader.grades import CheckGrade, ExerciseGrade
from grader.outcome import Check, Result
from grader.reports.html.findings import ExerciseFindings, exercise_findings
from grader.student.places import place_of
from grader.student.progress import Last, Progress, digest_of

DONE, MEND, TODO, NOT_RUN = "done", "mend", "todo", "not run"


@dataclass(frozen=True)
class FunctionStanding:
    """One function: done, mend, todo or not run, and the points of its checks."""

    name: str
    state: str
    place: str  # exercises/losses.py:12


@dataclass(frozen=True)
class ExerciseStanding:
    """One exercise: its functions in order, and its checks as a page tells them.

    `stale` says that the file was changed since some of the checks ran.
    """

    exercise: Exercise
    functions: tuple[FunctionStanding, ...]
    findings: ExerciseFindings
    stale: bool

    @property
    def name(self) -> str:
        return self.exercise.name

    @property
    def has_run(self) -> bool:
        return bool(self.findings.grade.checks)

    @property
    def unwritten(self) -> float:
        """The points of checks whose functions are still to write, or that have not run."""
        checks = self.findings.grade.checks
        asked = sum(check.max_points for check in checks if check.outcome != "todo")
        return round(self.findings.grade.max_points - asked, 6)

    @property
    def done(self) -> bool:
        return all(function.state == DONE for function in self.functions)


def standings(
    course: Course, results: Iterable[Result], collected: Iterable[Check] = ()
) -> list[ExerciseStanding]:
    """Of every exercise of the course, by what has just run and what is kept of earlier runs.

    Of checks that were `collected` the points count before they have run.
    """
    progress = Progress.read(course)
    progress.add(course, results)
    waiting = {check.id: check for check in collected if check.id not in progress.checks}
    return [_standing(course, exercise, progress, waiting) for exercise in course.exercises]


def _standing(
    course: Course, exercise: Exercise, progress: Progress, waiting: Mapping[str, Check]
) -> ExerciseStanding:
    known = {id: last for id, last in progress.checks.items() if last.exercise == exercise.name}
    left = [check for check in waiting.values() if check.exercise == exercise.name]
    order = {name: number for number, name in enumerate(exercise.functions)}
    checks = [_grade(id, last) for id, last in known.items()]
    checks.sort(key=lambda check: order.get(check.function, len(order)))
    most = sum(check.max_points for check in checks) + sum(check.points for check in left)
    earned = sum(check.points for check in checks)
    grade = ExerciseGrade(exercise.name, "", round(earned, 6), round(most, 6), tuple(checks))
    now = digest_of(course, exercise.name)
    return ExerciseStanding(
        exercise,
        tuple(_function(course, exercise, name, checks, left) for name in exercise.functions),
        exercise_findings(grade),
        any(last.source != now for last in known.values()),
    )


def _grade(id: str, last: Last) -> CheckGrade:
    earned = last.points if last.outcome == "passed" else 0.0
    told = last.message, last.hint, last.misconception
    return CheckGrade(
        id, last.title, last.function, False, last.outcome, earned, last.points, *told, seconds=0.0
    )


def _function(
    course: Course, exercise: Exercise, name: str, checks: list[CheckGrade], left: list[Check]
) -> FunctionStanding:
    outcomes = {check.outcome for check in checks if check.function == name}
    missing = {check.outcome for check in checks if check.function == name and not check.passed}
    if missing:
        state = TODO if missing == {"todo"} else MEND
    elif outcomes and not any(check.function == name for check in left):
        state = DONE
    else:
        state = NOT_RUN
    return FunctionStanding(name, state, place_of(course, exercise, name))
