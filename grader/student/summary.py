"""How far a student is after a run: which checks are shown in full, each exercise, what is next.

Pure: results go in, lines come out.
"""

from __future__ import annotations

from collections.abc import Sequence, Set

from rich.cells import cell_len

from grader.course import Course, Exercise
from grader.outcome import Result
from grader.student.page import Line, Page, Span, line, wrapped

_BAR = 16
_LINES_OF_OTHERS = 6


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


def others_in_lines(others: Sequence[Sequence[Result]], page: Page) -> list[Line]:
    """A line for each function of which checks are not shown in full, and how to see them.

    `others` are what would be a panel each.
    """
    groups: dict[str, list[Result]] = {}
    for result in [result for unit in others for result in unit]:
        check = result.check
        name = f"{check.exercise}.{'py' if is_of_file(result) else check.function}"
        groups.setdefault(name, []).append(result)
    if not groups:
        return []
    count = sum(map(len, groups.values()))
    checks = "1 more check is" if count == 1 else f"{count} more checks are"
    lines = [line(Span(f"{checks} not passed; all of it: -v, one function: -k NAME", "title"))]
    shown = [(page.plain(name), results) for name, results in groups.items()][:_LINES_OF_OTHERS]
    width = min(max(cell_len(name) for name, _ in shown), page.width // 2)
    for name, results in shown:
        name = page.cut(name, width)
        number = f"{len(results):>2} " + ("check " if len(results) == 1 else "checks")
        before = f"  {name}{' ' * (width - cell_len(name))}  {number}  "
        said = page.cut(page.plain(in_short(results[0])), page.width - cell_len(before))
        lines.append(line(Span(before), Span(said, "quiet")))
    left = len(groups) - len(shown)
    if left:
        lines.append(line(Span(f"  and of {left} more function{'s' * (left > 1)}", "quiet")))
    return [*lines, line()]


def is_of_file(result: Result) -> bool:
    """Whether a check could not be put because its file cannot be imported."""
    return result.problem is not None and result.problem.of_file


def in_short(result: Result) -> str:
    """What came of a check, or what it is about, in one line."""
    problem = result.problem
    if problem is None or result.outcome == "failed":
        return result.check.title
    said = problem.contrast.got if problem.contrast else problem.said
    return said.partition("\n")[0].removeprefix(f"{result.check.exercise}.py ")


def exercise_lines(
    course: Course, results: Sequence[Result], waiting: Set[tuple[str, str]], page: Page
) -> list[Line]:
    """A line for each exercise that ran: its points as a bar, what to mend, what to write.

    `waiting` are the functions, each with its exercise, that need one that is still to write.
    """
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
                *_undone(exercise, found, waiting, page, left),
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


def _undone(
    exercise: Exercise,
    results: Sequence[Result],
    waiting: Set[tuple[str, str]],
    page: Page,
    room: int,
) -> list[Span]:
    """`mend: a; write: b, c +4`, as much as there is room for."""
    verbs: dict[str, str] = {}  # of each function that is not done
    for result in results:
        name = result.check.function
        if result.outcome not in ("passed", "todo"):
            verbs[name] = "mend"
        elif result.outcome == "todo" and verbs.get(name) != "mend":
            verbs[name] = "waits" if (exercise.name, name) in waiting else "write"
    if not verbs:
        return [Span("done", "good")]
    if any(is_of_file(result) and result.outcome != "todo" for result in results):
        return [Span(page.cut(f"mend: {exercise.file_name}", room), "bad")]
    named = {
        verb: [page.plain(name) for name in exercise.functions if verbs.get(name) == verb]
        for verb in ("mend", "write", "waits")
        if verb in verbs.values()
    }
    shortest = {verb: f"{verb}: {len(names)}" for verb, names in named.items()}
    spans: list[Span] = []
    for verb, names in named.items():
        del shortest[verb]
        later = sum(len(text) + 2 for text in shortest.values())
        before = "; " if spans else ""
        text = _named(names, room - len(before) - len(verb) - 2 - later)
        text = page.cut(f"{verb}: {text}", max(1, room - len(before)))
        spans += [Span(before), Span(text, "bad" if verb == "mend" else "")]
        room -= len(before) + cell_len(text)
    return spans


def _named(names: Sequence[str], room: int) -> str:
    """As many names as there is room for, and how many are left out; else how many there are."""
    for count in range(len(names), 0, -1):
        left = len(names) - count
        text = ", ".join(names[:count]) + (f" +{left}" if left else "")
        if cell_len(text) <= room:
            return text
    return f"{len(names)}"


def next_line(step: str, page: Page) -> Line:
    """The one line that a student's eye falls on."""
    return line(Span(page.plain(f"next: {step}"), "next"))


def waiting_lines(
    results: Sequence[Result], waiting: Set[tuple[str, str]], page: Page
) -> list[Line]:
    """A line for what functions that are written need, and is still to write."""
    needs: dict[str, list[str]] = {}
    for result in results:
        check = result.check
        if (check.exercise, check.function) in waiting and result.message is not None:
            needed = result.message.partition("\n")[0].removeprefix(check.function)
            functions = needs.setdefault(needed, [])
            if check.function not in functions:
                functions.append(check.function)
    texts = []
    for needed, functions in list(needs.items())[:_LINES_OF_OTHERS]:
        if len(functions) > 1:
            needed = needed.replace(" needs ", " need ", 1)
        texts.append(page.plain(_named(functions, page.width // 2) + needed))
    lines = [line(each) for text in texts for each in wrapped(text, page.width)]
    return [*lines, line()] if lines else []
