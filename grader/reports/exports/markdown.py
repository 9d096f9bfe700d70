"""The Markdown that CI shows below a run (a step summary): one submission, or a whole class.

What a student chose stands in code alone: no link, picture, @name or HTML of theirs comes to life.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from grader import untrusted
from grader.grades import CheckGrade, ClassGrades, ExerciseGrade, Grade
from grader.lateness import Lateness
from grader.reports.exports.shown import number, reason, shown_exercises, told

MAX_BYTES = 1 << 20  # of one step's summary; GitHub shows nothing of a longer one
MAX_MESSAGE = 4_000  # characters of one check's message
_ROOM = 200  # bytes kept for the line that says how much is left out
_SIGNS = {"passed": "✅", "todo": "✏️", "forbidden": "⛔"}


def summary(grade: Grade, hidden_feedback: str, lateness: Lateness | None = None) -> str:
    """One submission, for its student: points by exercise, then what is not passed."""
    if not grade.graded:
        return f"## Not graded\n\n{_code(reason(grade))}\n"
    exercises = shown_exercises(grade, hidden_feedback)
    head = [f"## {number(grade.points):g} of {number(grade.max_points):g} points\n"]
    late = lateness.sentence(grade.points) if lateness else ""
    if lateness and late:
        final = number(lateness.final(grade.points))
        head.append(f"{late} What counts: **{final:g} points**.\n")
    head.append(_table(exercises))
    return _within(head, (part for each in exercises for part in _failures(each)))


def class_summary(grades: ClassGrades) -> str:
    """A class, for its instructor: one line a submission."""
    lines = [(grade.graded, _line(grade)) for grade in grades.grades]
    graded = sum(each for each, _ in lines)
    head = [
        f"## {_plain(grades.course)}\n",
        f"{graded} graded, {len(lines) - graded} rejected.\n",
        "| submission | points | of |\n|---|--:|--:|",
    ]
    return _within(head, (line for _, line in lines))


def _line(grade: Grade) -> str:
    if not grade.graded:
        return f"| {_code(grade.id)} | rejected: {_code(reason(grade))} | |"
    return f"| {_code(grade.id)} | {number(grade.points):g} | {number(grade.max_points):g} |"


def _table(exercises: Iterable[ExerciseGrade]) -> str:
    rows = ["| | exercise | points | of |", "|---|---|--:|--:|"]
    for each in exercises:
        sign = _SIGNS.get(each.status, "❌")
        points, most = number(each.points), number(each.max_points)
        rows.append(f"| {sign} | {_code(each.name)} | {points:g} | {most:g} |")
    return "\n".join(rows) + "\n"


def _failures(exercise: ExerciseGrade) -> Iterator[str]:
    """What is not passed, function by function; those still to be written are one line each."""
    failed = [check for check in exercise.checks if not check.passed]
    if failed:
        yield f"### {_code(exercise.name)}\n"
    for function in dict.fromkeys(check.function for check in failed):
        own = [check for check in failed if check.function == function]
        todo = [check for check in own if check.outcome == "todo"]
        if todo:
            yield f"- {_SIGNS['todo']} {_code(function)} is still to be written\n"
        hints: set[str | None] = set()
        for check in own:
            if check not in todo:
                # Said once: all checks of a function often fail of one mistake.
                yield _failure(check if check.hint not in hints else replace(check, hint=None))
                hints.add(check.hint)


def _failure(check: CheckGrade) -> str:
    sign = _SIGNS.get(check.outcome, "❌")
    points = f"{number(check.points):g}/{number(check.max_points):g}"
    name = f"{_code(check.function)}: " if check.function else ""
    line = f"- {sign} {name}{_plain(check.title)} ({check.outcome}, {points})"
    if not (check.message or check.hint):
        return f"{line}\n"
    block = untrusted.markdown_block(told(check, MAX_MESSAGE))
    indented = "\n".join(f"  {each}" for each in block.split("\n"))
    return f"{line}\n\n{indented}\n"


def _within(head: Iterable[str], parts: Iterable[str]) -> str:
    """The parts, one below the other, as many as one summary may hold, and how many are left."""
    kept = list(head)
    size = sum(len(part.encode()) + 1 for part in kept)
    left = 0
    for part in parts:
        size += len(part.encode()) + 1
        if left or size > MAX_BYTES - _ROOM:
            left += 1
        else:
            kept.append(part)
    if left:
        kept.append(f"\n… and {left} more, for which there is no room here.\n")
    return "\n".join(kept).rstrip("\n") + "\n"


def _code(text: str) -> str:
    return untrusted.markdown(untrusted.terminal_cell(text))


def _plain(text: str) -> str:
    """A line of the course's own, with what Markdown would read in it made plain."""
    line = untrusted.terminal_cell(text.strip().partition("\n")[0])
    return "".join(f"\\{letter}" if letter in "\\`*_{}[]<>()#|~!&$" else letter for letter in line)
