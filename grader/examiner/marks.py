"""How the checks of an exercise ended for one submission, and the entry of a grade made of it.

Besides what a grade shows, the entry holds what a later grading needs to let results stand:
`asked`, of each check a digest of all that it asks and expects, the same for everybody; and
`evidence`, of this submission alone. `grader.examiner.again` reads both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from grader.checking.expectations import Expectation
from grader.course import Exercise
from grader.examiner.earning import counted
from grader.examiner.recording import Recording
from grader.outcome import Check, Result


@dataclass(frozen=True)
class Spent:
    """What the checks of an exercise share, and how much of it they have used up.

    Seconds count against `exercise_seconds`, and by function against `function_seconds`; bytes are
    those beyond what was expected of answers.
    """

    seconds: float = 0.0
    bytes: int = 0
    functions: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Marks:
    """How checks ended, before it is said which of them count; `results` in the checks' order.

    `answered` says of each check how many of its drawn questions were answered rightly. `put` are
    the ids of the checks that were put to this submission now.
    """

    results: Sequence[Result]
    answered: Mapping[str, int]
    curves: Sequence[Mapping[str, Any]]
    spent: Spent
    unloadable: bool
    put: frozenset[str]


def entry_of(
    exercise: Exercise, marks: Marks, recordings: Sequence[Recording], quick: bool = False
) -> dict[str, Any]:
    """One exercise's entry in the grade; where `quick`, what is passed counts by itself."""
    results = list(marks.results)
    if not quick:
        drawn: dict[str, Sequence[Expectation]] = {one.check.id: one.drawn for one in recordings}
        results = counted(results, drawn, marks.answered)
    outcomes = {result.outcome for result in results} - {"passed"}
    status = "passed" if not outcomes else "todo" if outcomes == {"todo"} else "failed"
    if marks.unloadable and status != "todo":
        status = "error"
    checks = [_entry(result.check, result) for result in results]
    return {
        "name": exercise.name,
        "status": status,
        "points": sum(entry["points"] for entry in checks),
        "max_points": exercise.points,
        "checks": checks,
        "curves": sorted(marks.curves, key=lambda one: exercise.functions.index(one["function"])),
        "asked": {one.check.id: one.asked for one in recordings},
        "evidence": _evidence(marks, results, recordings),
    }


def _entry(check: Check, result: Result) -> dict[str, Any]:
    return {
        "id": check.id,
        "title": check.title,
        "function": check.function,
        "hidden": check.hidden,
        "outcome": result.outcome,
        "points": check.points if result.outcome == "passed" else 0.0,
        "max_points": check.points,
        "message": result.message,
        "hint": result.hint,
        "misconception": result.misconception,
        "seconds": result.seconds,
    }


def _evidence(
    marks: Marks, results: Sequence[Result], recordings: Sequence[Recording]
) -> dict[str, Any]:
    """What is known of this submission that its grade does not show.

    `passed` are the checks that were passed and do not count; `drew` those of which the curves
    are.
    """
    pairs = zip(marks.results, results, strict=True)
    return {
        "put": len(marks.put),
        "passed": [raw.check.id for raw, told in pairs if raw.outcome != told.outcome],
        "answered": {
            result.check.id: marks.answered[result.check.id]
            for result in marks.results
            if result.outcome != "passed" and marks.answered.get(result.check.id)
        },
        "drew": [one.check.id for one in recordings if one.curve is not None],
        "spent": asdict(marks.spent),
    }
