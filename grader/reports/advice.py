"""What a student is told to do next, and of what is not shown."""

from __future__ import annotations

import re
from collections.abc import Sequence

from grader.reports.html.findings import (
    ExerciseFindings,
    Finding,
    FunctionFindings,
)

# By what the course tells of hidden checks, what a student reads about it.
TOLD = {
    "counterexample": "Hidden checks are shown in full.",
    "hint": "Hidden checks are shown by title, outcome and hint, without their inputs.",
    "title": "Hidden checks are shown by title and outcome.",
    "points": "Of hidden checks only the points of each function are shown.",
    "none": "Hidden checks count and are not shown.",
}
_STEPS = {
    "timeout": "Look for what takes so long in",
    "crashed": "Look for what ends the process in",
    "forbidden": "Write without what is forbidden",
}
# What a written function, or the file itself, calls; as grader/checking/expectations.py words it.
_NEEDED = re.compile(r".+ (?:needs|it calls) ([\w.]+), which is still to write \((\w+\.py):(\d+)\)")


def next_step(exercises: Sequence[ExerciseFindings]) -> str:
    """One sentence or two, in which code stands between backticks.

    It is about the first thing that is left, in the course's order: what an exercise builds on
    comes before it.
    """
    first = next((exercise for exercise in exercises if not exercise.complete), None)
    if first is None:
        return "Nothing is left to do: everything is right."
    file = f"`{first.grade.name}.py`"
    found = _first(first)
    if found is None:
        return f"Read again what is asked in {file}: hidden checks did not pass."
    function, finding = found
    if function.function is None:
        return _for_the_file(file, finding)
    name = f"`{function.function}` in {file}"
    if finding.outcome == "todo":
        needed = _needed(*function.findings)
        return f"{needed}: `{function.function}` needs it." if needed else f"Write {name}."
    step = f"{_STEPS.get(finding.outcome, 'Correct')} {name}: {finding.checks[0].title}"
    return f"{step} {finding.hint}" if finding.hint else step


def _needed(*findings: Finding) -> str | None:
    """What to write before what the checks ask for; None where nothing is known of it."""
    for check in (check for finding in findings for check in finding.checks):
        found = _NEEDED.match(check.message or "")
        if found is not None:
            return f"Write `{found[1]}` in `{found[2]}`, line {found[3]}"
    return None


def _for_the_file(file: str, finding: Finding) -> str:
    """What to do about one cause that keeps several functions from passing."""
    said, number = finding.example.message or "", len(finding.checks)
    if said.endswith("is missing from this submission"):
        return f"Hand in {file}: it is missing from this submission."
    needed = _needed(finding)
    if needed is not None:
        return f"{needed}: {file} calls it while it is imported."
    if finding.example.outcome == "error" and "could not be imported: " in said:
        return f"Correct {file}: Python cannot import it, and so none of its checks can be put."
    return f"Have a look at {file}: one thing keeps {number} checks from passing."


def _first(exercise: ExerciseFindings) -> tuple[FunctionFindings, Finding] | None:
    """The first check that is left, in the order of the functions."""
    left = [each for each in (*exercise.functions, *exercise.unwritten) if each.findings]
    order = exercise.grade.functions
    left.sort(key=lambda each: -1 if each.function is None else order.index(each.function))
    return (left[0], left[0].findings[0]) if left else None
