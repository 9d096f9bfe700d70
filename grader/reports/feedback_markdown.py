"""One student's feedback as Markdown: for an e-mail, a comment in an LMS, an issue on GitHub.

What a student's code had a say in is shown as code, which cannot be a link, a picture or HTML.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from grader import untrusted
from grader.grades import CheckGrade, Curve, Grade
from grader.reports.advice import TOLD, next_step
from grader.reports.html.findings import (
    ExerciseFindings,
    Finding,
    FunctionFindings,
    exercise_findings,
)

_LONGEST = 4000  # characters shown of one message
_OUTCOMES = {
    "failed": "Failed",
    "error": "Error",
    "timeout": "Took too long",
    "crashed": "Ended its process",
    "forbidden": "Used what is to be written",
    "todo": "Still to be written",
}
# What would begin a link, a picture, HTML, emphasis or a cell, where it stands in plain words.
_MARKUP = re.compile(r"[\\`*\[\]<>&|~$@#]|(?<![^\W_])_|_(?![^\W_])|^[+=-]|(?<=^\d)[.)]")


def markdown_page(grade: Grade, course_title: str, hidden_feedback: str) -> str:
    """The feedback on `grade`, which is what `student_view` made of it at that level."""
    lines = [f"# {prose(course_title)}", "", f"Feedback on {untrusted.markdown(grade.id)}", ""]
    if not grade.graded:
        lines += ["**This could not be graded.** Correct it, and hand it in again:", ""]
        return "\n".join([*lines, _block(grade.reason or "no reason is known")]) + "\n"
    exercises = [exercise_findings(exercise) for exercise in grade.exercises]
    lines += [f"**{_of(grade.points, grade.max_points)} points**", ""]
    lines += ["## Next", "", prose(next_step(exercises)), "", *_overview(exercises), ""]
    for exercise in exercises:
        if not exercise.complete:
            lines += _exercise(exercise)
    return "\n".join([*lines, "---", "", TOLD[hidden_feedback]]) + "\n"


def prose(text: str) -> str:
    """Words of the course's in Markdown: text between backticks is code, all else is plain."""
    pieces = untrusted.line(" ".join(text.split())).split("`")
    if len(pieces) % 2 == 0:  # a backtick that stands alone
        pieces[-2:] = ["`".join(pieces[-2:])]
    return "".join(
        untrusted.markdown(piece) if number % 2 else _MARKUP.sub(r"\\\g<0>", piece)
        for number, piece in enumerate(pieces)
    )


def _overview(exercises: Sequence[ExerciseFindings]) -> Iterator[str]:
    yield "## Points"
    yield ""
    yield "| Exercise | Points | Checks passed |"
    yield "|---|---:|---:|"
    for exercise in exercises:
        grade = exercise.grade
        passed = f"{len(exercise.passed)} of {len(grade.checks)}"
        points = _of(grade.points, grade.max_points)
        yield f"| {untrusted.markdown(grade.name)} | {points} | {passed} |"


def _exercise(exercise: ExerciseFindings) -> Iterator[str]:
    grade = exercise.grade
    file = untrusted.markdown(f"{grade.name}.py")
    yield f"## {file}: {_of(grade.points, grade.max_points)} points"
    yield ""
    for function in exercise.functions:
        if function.findings:
            yield from _function(function, bool(exercise.not_shown))
    if exercise.unwritten:
        names = [each.function for each in exercise.unwritten if each.function is not None]
        yield f"Still to be written: {_code(names)}."
        yield ""
    if not exercise.left:
        yield "Hidden checks did not pass."
        yield ""


def _function(function: FunctionFindings, in_part: bool) -> Iterator[str]:
    """One function; `in_part` where it has checks that are not shown, and so has points of them."""
    if function.function is not None:
        points = "" if in_part else f": {_of(function.points, function.max_points)} points"
        yield f"### {untrusted.markdown(function.function)}{points}"
        yield ""
    hints: set[str] = set()
    for finding in function.findings:
        yield from _finding(finding, hints)
    for curve in function.curves:
        yield _course_of(curve)
        yield ""


def _finding(finding: Finding, hints: set[str]) -> Iterator[str]:
    """Checks with one cause; `hints` are those that were given before."""
    by_message: dict[str | None, list[CheckGrade]] = {}
    for check in finding.checks:
        by_message.setdefault(check.message, []).append(check)
    for message, checks in by_message.items():
        yield from _titles(finding.outcome, checks)
        yield ""
        if message:
            yield _block(message)
            yield ""
    if finding.hint and finding.hint not in hints:
        hints.add(finding.hint)
        yield f"**Hint:** {prose(finding.hint)}"
        yield ""


def _titles(outcome: str, checks: Sequence[CheckGrade]) -> Iterator[str]:
    """Checks that say the same."""
    functions = list(dict.fromkeys(check.function for check in checks))
    ended = _OUTCOMES.get(outcome, "Failed")
    if len(functions) > 1:
        yield f"One reason for all {len(checks)} checks, of {_code(functions)}:"
    elif len(checks) == 1:
        yield f"**{ended}:** {_title(checks[0])}"
    else:
        yield f"**{ended}:**"
        yield ""
        yield from (f"- {_title(check)}" for check in checks)


def _title(check: CheckGrade) -> str:
    partly = 0 < check.points < check.max_points
    points = _of(check.points, check.max_points) if partly else f"{check.max_points:g}"
    return f"{prose(check.title)} ({'hidden, ' if check.hidden else ''}{points} points)"


def _course_of(curve: Curve) -> str:
    """A curve in words; the page that is HTML has the picture."""
    way = "{:.4g} at first, {:.4g} after {} steps".format
    got = way(curve.got[0], curve.got[-1], len(curve.got))
    expected = way(curve.expected[0], curve.expected[-1], len(curve.expected))
    return f"{prose(curve.title)}: yours is {got}; that of a right solution is {expected}."


def _block(text: str) -> str:
    return untrusted.markdown_block(untrusted.text(text, _LONGEST))


def _code(names: Sequence[str]) -> str:
    return ", ".join(map(untrusted.markdown, names))


def _of(points: float, most: float) -> str:
    return f"{points:.10g} of {most:.10g}"
