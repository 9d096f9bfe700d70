"""What is left to do in one exercise: checks that did not pass, told once where they say the same.

A file that cannot be imported fails forty checks with one message, and a function that halves its
result fails eight with one hint: a reader needs the message once, and the checks by title.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from grader.grades import CheckGrade, Curve, ExerciseGrade


@dataclass(frozen=True)
class Finding:
    """Checks that ended alike, for one and the same reason: one mistake, or one message."""

    checks: tuple[CheckGrade, ...]

    @property
    def example(self) -> CheckGrade:
        """The check whose counterexample is the shortest to read; one that has any, first."""
        return min(self.checks, key=lambda check: (not check.message, len(check.message or "")))

    @property
    def alike(self) -> tuple[CheckGrade, ...]:
        """The checks that say what the example says."""
        return tuple(check for check in self.checks if check.message == self.example.message)

    @property
    def others(self) -> tuple[CheckGrade, ...]:
        """The checks that show the same mistake on another counterexample."""
        return tuple(check for check in self.checks if check.message != self.example.message)

    @property
    def outcome(self) -> str:
        return self.checks[0].outcome

    @property
    def hint(self) -> str | None:
        return self.checks[0].hint

    @property
    def misconception(self) -> str | None:
        return self.checks[0].misconception

    @property
    def functions(self) -> list[str]:
        return list(dict.fromkeys(check.function for check in self.checks))

    @property
    def points(self) -> float:
        return sum(check.points for check in self.checks)

    @property
    def max_points(self) -> float:
        return sum(check.max_points for check in self.checks)

    @property
    def hidden(self) -> int:
        """How many of the checks are hidden ones."""
        return sum(check.hidden for check in self.checks)


@dataclass(frozen=True)
class FunctionFindings:
    """What is left to do in a function, and the curves of it; no name where it is all of them."""

    function: str | None
    points: float
    max_points: float
    findings: tuple[Finding, ...]
    curves: tuple[Curve, ...]


@dataclass(frozen=True)
class ExerciseFindings:
    """One exercise as a page tells it."""

    grade: ExerciseGrade
    functions: tuple[FunctionFindings, ...]
    unwritten: tuple[FunctionFindings, ...]
    passed: tuple[CheckGrade, ...]

    @property
    def complete(self) -> bool:
        """Every point was earned, and no check is left."""
        return self.grade.points >= self.grade.max_points and not self.left

    @property
    def left(self) -> int:
        """How many checks did not pass."""
        return len(self.grade.checks) - len(self.passed)

    @property
    def not_shown(self) -> float:
        """Points of checks that the reader is not told of."""
        listed = sum(check.max_points for check in self.grade.checks)
        return round(self.grade.max_points - listed, 6)


def exercise_findings(grade: ExerciseGrade) -> ExerciseFindings:
    passed = tuple(check for check in grade.checks if check.passed)
    left = [check for check in grade.checks if not check.passed]
    if not left and not grade.curves:
        return ExerciseFindings(grade, (), (), passed)
    common = _grouped(left)
    if len(common) == 1 and len(common[0].functions) > 1 and not _is_unwritten(common[0]):
        whole = FunctionFindings(
            None, common[0].points, common[0].max_points, tuple(common), grade.curves
        )
        return ExerciseFindings(grade, (whole,), (), passed)
    by_function = [_function(grade, name) for name in grade.functions]
    told = [each for each in by_function if each.findings or each.curves]
    unwritten = [each for each in told if _only_todo(each)]
    return ExerciseFindings(
        grade, tuple(each for each in told if not _only_todo(each)), tuple(unwritten), passed
    )


def _is_unwritten(finding: Finding) -> bool:
    """Whether its functions are still to be written; where the file calls what is, they may not."""
    of_the_file = "could not be imported: " in (finding.example.message or "")
    return finding.outcome == "todo" and not of_the_file


def _only_todo(function: FunctionFindings) -> bool:
    outcomes = {finding.outcome for finding in function.findings}
    return outcomes == {"todo"} and not function.points and not function.curves


def _function(grade: ExerciseGrade, name: str) -> FunctionFindings:
    checks = grade.checks_of(name)
    return FunctionFindings(
        name,
        sum(check.points for check in checks),
        sum(check.max_points for check in checks),
        tuple(_grouped(check for check in checks if not check.passed)),
        tuple(curve for curve in grade.curves if curve.function == name),
    )


def _grouped(checks: Iterable[CheckGrade]) -> list[Finding]:
    groups: dict[tuple[str | None, ...], list[CheckGrade]] = {}
    for check in checks:
        cause = check.misconception or check.hint
        same = (check.outcome, cause, None if cause else check.message)
        groups.setdefault(same, []).append(check)
    return [Finding(tuple(group)) for group in groups.values()]
