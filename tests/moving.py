"""Grades that move, for tests of what is said about it: made by hand, and drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from hypothesis import settings
from hypothesis import strategies as st

from grader.changes.records import Graded
from grader.grades import CheckGrade, ExerciseGrade, Grade

KNOWN = {
    "submission": "w1",
    "checks": "c1",
    "engine": "e1",
    "torch": "2.13.0",
    "seed": "7",
    "device": "cpu",
    "sandbox": "strict",
    "data": "",
}
OUTCOMES = ("passed", "failed", "todo", "error", "timeout", "crashed", "forbidden")


def check(
    name: str,
    outcome: str = "passed",
    worth: float = 1.0,
    misconception: str | None = None,
    message: str | None = None,
) -> CheckGrade:
    """`losses/test_l1_loss_sum` is about `l1_loss`: what is before the last word."""
    function = name.partition("/")[2].removeprefix("test_").rpartition("_")[0]
    points = worth if outcome == "passed" else 0.0
    title = f"{function} is right."
    return CheckGrade(
        name, title, function, True, outcome, points, worth, message, None, misconception, 0.1
    )


def exercise(*checks: CheckGrade, name: str = "losses") -> ExerciseGrade:
    points = sum(each.points for each in checks)
    status = "passed" if all(each.passed for each in checks) else "failed"
    return ExerciseGrade(name, status, points, sum(each.max_points for each in checks), checks)


def grade(id: str, *exercises: ExerciseGrade) -> Grade:
    points = sum(each.points for each in exercises)
    return Grade(id, "graded", None, points, sum(each.max_points for each in exercises), exercises)


def rejected(id: str, reason: str) -> Graded:
    return Graded(Grade(id, "rejected", reason, 0.0, 0.0, ()))


def graded(
    id: str,
    *exercises: ExerciseGrade,
    parts: Mapping[str, str] | None = None,
    without: tuple[str, ...] = (),
    **changed: str,
) -> Graded:
    """A grade under `KNOWN`, but for what is `changed` or not known (`without`)."""
    known = {name: value for name, value in (KNOWN | changed).items() if name not in without}
    names = [each.name for each in exercises]
    return Graded(
        grade(id, *exercises),
        dict.fromkeys(names, known),
        {name: parts or {} for name in names},
    )


FEW = settings(max_examples=40, deadline=None)  # each compares two classes, on any machine
_NAMES = [f"test_{function}_{what}" for function in ("l1", "mse") for what in ("a", "b", "c")]
# Sums of these fractions are exact, as those of a course in quarters of a point.
_WORTHS = st.sampled_from([0.25, 0.5, 1.0, 3.0])
_MISTAKES = st.sampled_from([None, "no_mean", "squared"])


@st.composite
def exercises(draw: st.DrawFn, name: str) -> ExerciseGrade:
    names = draw(st.lists(st.sampled_from(_NAMES), unique=True, max_size=6))
    checks = []
    for each in names:
        made = check(f"{name}/{each}", draw(st.sampled_from(OUTCOMES)), draw(_WORTHS))
        checks.append(made if made.passed else replace(made, misconception=draw(_MISTAKES)))
    return exercise(*checks, name=name)


@st.composite
def sides(draw: st.DrawFn) -> list[Graded]:
    """A class as one side of a comparison: graded under anything, rejected, covered in part."""
    found = []
    for id in draw(st.lists(st.sampled_from("abcd"), unique=True)):
        if draw(st.integers(0, 5)) == 0:
            found.append(rejected(id, draw(st.sampled_from(["empty", "too large"]))))
            continue
        names = draw(st.lists(st.sampled_from(["losses", "data"]), unique=True))
        changed = {key: draw(st.sampled_from([KNOWN[key], "other"])) for key in ("seed", "checks")}
        without = draw(st.sampled_from([(), ("checks",), tuple(KNOWN)]))
        made = [draw(exercises(name)) for name in names]
        found.append(graded(id, *made, without=without, **changed))
    return found
