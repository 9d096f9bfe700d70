"""How far a student is after a run: which checks are shown in full, each exercise, what is next.

Pure: results go in, lines come out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from grader.course import Course, Exercise
from grader.outcome import Result
from grader.student.page import Line, Page, Span, line, wrapped

_BAR = 16
_LINES_OF_OTHERS = 6
_ROOM_FOR_OTHERS = 12  # cells: `; write: b`


@dataclass(frozen=True)
class Step:
    """What to do next: write a stub, or mend what is not right."""

    verb: str
    exercise: Exercise
    function: str


def next_step(course: Course, results: Sequence[Result]) -> Step | None:
    """The next function: what is wrong first, then what is begun, in the course's order."""
    undone = {
        (result.check.exercise, result.check.function)
        for result in results
        if result.outcome != "passed"
    }
    wrong = {
        (result.check.exercise, result.check.function)
        for result in results
        if result.outcome not in ("passed", "todo")
    }
    begun = {result.check.exercise for result in results if result.outcome == "passed"}
    steps = [
        Step("mend" if (exercise.name, function) in wrong else "write", exercise, function)
        for exercise in course.exercises
        for function in exercise.functions
        if (exercise.name, function) in undone
    ]
    steps.sort(
        key=lambda step: (
            step.verb != "mend",
            step.verb == "write" and step.exercise.name not in begun,
        )
    )
    return steps[0] if steps else None


def in_teaching_order(course: Course, results: Sequence[Result]) -> list[Result]:
    """The results in the order of the course: exercises, functions, checks as they ran."""
    places = {
        (exercise.name, function): (number, place)
        for number, exercise in enumerate(course.exercises)
        for place, function in enumerate(exercise.functions)
    }
    return sorted(results, key=lambda one: places[one.check.exercise, one.check.function])


def first_to_show(wrong: Sequence[Result], most: int) -> list[Result]:
    """Of what is wrong so many as are shown in full: other functions before other checks."""
    if len(wrong) <= most:
        return list(wrong)
    seen: set[tuple[str, str]] = set()
    firsts: list[Result] = []
    others: list[Result] = []
    for result in wrong:
        key = result.check.exercise, result.check.function
        (others if key in seen else firsts).append(result)
        seen.add(key)
    chosen = [*firsts, *others][:most]
    return [result for result in wrong if any(result is one for one in chosen)]


def others_in_lines(others: Sequence[Result], page: Page) -> list[Line]:
    """A line for each function of which checks are not shown in full, and how to see them."""
    if not others:
        return []
    groups: dict[tuple[str, str], list[Result]] = {}
    for result in others:
        groups.setdefault((result.check.exercise, result.check.function), []).append(result)
    checks = "1 more check is" if len(others) == 1 else f"{len(others)} more checks are"
    lines = [line(Span(f"{checks} not passed; all of it: -v, one function: -k NAME", "title"))]
    shown = list(groups.items())[:_LINES_OF_OTHERS]
    names = [page.plain(".".join(key)) for key, _ in shown]
    width = min(max(map(cell_len, names)), page.width // 2)
    for name, (_, results) in zip(names, shown, strict=True):
        name = page.cut(name, width)
        number = f"{len(results):>2} " + ("check " if len(results) == 1 else "checks")
        before = f"  {name}{' ' * (width - cell_len(name))}  {number}  "
        said = page.cut(page.plain(in_short(results[0])), page.width - cell_len(before))
        lines.append(line(Span(before), Span(said, "quiet")))
    left = len(groups) - len(shown)
    if left:
        lines.append(line(Span(f"  and of {left} more function{'s' * (left > 1)}", "quiet")))
    return lines


def in_short(result: Result) -> str:
    """What came of a check, or what it is about, in one line."""
    problem = result.problem
    if problem is None or result.outcome == "failed":
        return result.check.title
    said = problem.contrast.got if problem.contrast else problem.said
    return said.partition("\n")[0]


def exercise_lines(course: Course, results: Sequence[Result], page: Page) -> list[Line]:
    """A line for each exercise that ran: its points as a bar, what to mend, what to write."""
    own = [
        (exercise, [result for result in results if result.check.exercise == exercise.name])
        for exercise in course.exercises
    ]
    ran = [(exercise, found) for exercise, found in own if found]
    width = max((cell_len(exercise.name) for exercise, _ in ran), default=0)
    points = [_points(found) for _, found in ran]
    room = max(map(len, points), default=0)
    bar = max(6, min(_BAR, page.width // 5))
    lines = []
    for (exercise, found), text in zip(ran, points, strict=True):
        before = f"{exercise.name}{' ' * (width - cell_len(exercise.name))}  "
        filled, empty = _bar(found, bar, page)
        after = f"  {text.rjust(room)}  "
        left = page.width - cell_len(before) - bar - cell_len(after)
        lines.append(
            (
                Span(before),
                Span(filled, "good"),
                Span(empty, "quiet"),
                Span(after),
                *_undone(exercise, found, page, left),
            )
        )
    return lines


def _points(results: Sequence[Result]) -> str:
    earned = sum(result.check.points for result in results if result.outcome == "passed")
    return f"{earned:g}/{sum(result.check.points for result in results):g}"


def _bar(results: Sequence[Result], width: int, page: Page) -> tuple[str, str]:
    earned = sum(result.check.points for result in results if result.outcome == "passed")
    filled = int(width * earned / sum(result.check.points for result in results))
    return page.glyph("█", "#") * filled, page.glyph("░", ".") * (width - filled)


def _undone(exercise: Exercise, results: Sequence[Result], page: Page, room: int) -> list[Span]:
    """`mend: a; write: b, c +4`, as much as there is room for."""
    of: dict[str, set[str]] = {"mend": set(), "write": set(), "waiting": set()}
    for result in results:
        if result.outcome != "passed":
            verb = "waiting" if _needs(result) else "write" if result.outcome == "todo" else "mend"
            of[verb].add(result.check.function)
    of["waiting"] -= of["mend"]
    of["write"] -= of["mend"] | of["waiting"]
    left = [verb for verb in of if of[verb]]
    if not left:
        return [Span("done", "good")]
    spans: list[Span] = []
    for number, verb in enumerate(left):
        names = [page.plain(name) for name in exercise.functions if name in of[verb]]
        before = "; " if spans else ""
        kept = _ROOM_FOR_OTHERS * (len(left) - number - 1)
        text = _named(names, room - len(before) - len(verb) - 2 - kept, page)
        spans += [Span(before), Span(f"{verb}: {text}", "bad" if verb == "mend" else "")]
        room -= sum(cell_len(span.text) for span in spans[-2:])
    return spans


def _named(names: Sequence[str], room: int, page: Page) -> str:
    """As many names as there is room for, and how many are left out."""
    for count in range(len(names), 0, -1):
        left = len(names) - count
        text = ", ".join(names[:count]) + (f" +{left}" if left else "")
        if cell_len(text) <= room:
            return text
    return f"{len(names)} functions" if len(names) > 1 else page.cut(names[0], max(8, room))


def next_line(verb: str, function: str, place: str, page: Page) -> Line:
    """The one line that a student's eye falls on."""
    return line(Span(page.plain(f"next: {verb} {function} ({place})"), "next"))


def waiting_lines(results: Sequence[Result], page: Page) -> list[Line]:
    """A line for each function that is written, and needs one that is not."""
    waiting: dict[tuple[str, str], str] = {}
    for result in results:
        if _needs(result):
            key = result.check.exercise, result.check.function
            waiting.setdefault(key, (result.message or "").partition("\n")[0])
    shown = list(waiting.values())[:_LINES_OF_OTHERS]
    lines = [line(each) for text in shown for each in wrapped(page.plain(text), page.width)]
    return [*lines, line()] if lines else []


def _needs(result: Result) -> bool:
    """Whether a check waits for another function than its own."""
    return result.outcome == "todo" and result.problem is not None and bool(result.problem.needs)
