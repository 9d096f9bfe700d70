"""`grader list`: how far each exercise is, what state its functions are in, and what is next.

Lines of text with styles, wrapped here to the width given; whoever prints them wraps no more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.course import Course, Exercise
from grader.student import standing as states
from grader.student.places import shown
from grader.student.printing import as_rich, columns_of, painted, wrapped
from grader.student.progress import Progress
from grader.student.standing import (
    CheckStanding,
    ExerciseStanding,
    FunctionStanding,
    next_step,
    standing,
    step_of,
)
from grader.untrusted import terminal

if TYPE_CHECKING:
    from rich.text import Text

_BAR = 20
_STYLES = {
    states.DONE: "green",
    states.WRITTEN: "green",
    states.TO_MEND: "red",
    states.WAITS: "yellow",
    states.CHANGED: "yellow",
    states.NOT_RUN: "yellow",
    states.TO_WRITE: "cyan",
    states.UNREADABLE: "red",
}
_OUTCOMES = {"passed": "green", "todo": "dim", "not run": "dim"}
_LONGEST = max(map(len, _STYLES))


def listing(
    course: Course, exercise: Exercise | None = None, width: int = 80, ascii_only: bool = False
) -> Text:
    """`painted_listing`, for a screen that is rich's."""
    return as_rich(painted_listing(course, exercise, width, ascii_only))


def bar(earned: float, possible: float, ascii_only: bool, cells: int = _BAR) -> Text:
    """`painted_bar`, for a screen that is rich's."""
    return as_rich(painted_bar(earned, possible, ascii_only, cells))


def painted_listing(
    course: Course, exercise: Exercise | None = None, width: int = 80, ascii_only: bool = False
) -> str:
    """The whole course, or more about one exercise; ends with the next step.

    `ascii_only` draws bars without what some consoles cannot show.
    """
    standings = standing(course, Progress.read(course))
    if exercise is not None:
        (one,) = (each for each in standings if each.exercise.name == exercise.name)
        lines, step = _details(one, width, ascii_only), step_of(one)
    else:
        lines, step = _overview(course, standings, width, ascii_only), next_step(standings)
    said = "all is done" if step is None else f"next: {step}"
    lines += ["", *(painted(line, "bold") for line in wrapped(terminal(said), width))]
    return "\n".join(lines)


def painted_bar(earned: float, possible: float, ascii_only: bool, cells: int = _BAR) -> str:
    """A bar of so many cells, filled as far as points are earned."""
    filled = int(cells * earned / possible + 1e-9) if possible else 0
    full, empty = ("#", ".") if ascii_only else ("█", "░")
    style = "green" if possible and earned >= possible else "cyan"
    drawn = painted(full * filled, style) + painted(empty * (cells - filled), "dim")
    return f"[{drawn}]" if ascii_only else drawn


def _overview(
    course: Course, standings: list[ExerciseStanding], width: int, ascii_only: bool
) -> list[str]:
    functions = [function for one in standings for function in one.functions]
    finished = sum(function.state in states.FINISHED for function in functions)
    earned = sum(one.earned for one in standings)
    possible = sum(one.possible for one in standings)
    said = f"{finished} of {len(functions)} functions done, "
    said += f"{earned:g} of {possible:g} points of the checks that you have"
    lines = [painted(line, "bold") for line in wrapped(terminal(course.title), width)]
    lines += wrapped(said, width)
    longest = max(len(one.exercise.name) for one in standings)
    for one in standings:
        lines += ["", *_headline(one, longest, width, ascii_only), *_grouped(one, width)]
    return lines


def _headline(one: ExerciseStanding, longest: int, width: int, ascii_only: bool) -> list[str]:
    drawn = painted_bar(one.earned, one.possible, ascii_only)
    name = painted(f"{one.exercise.name:<{longest}}", "bold")
    line = f"{name}  {drawn}  {one.earned:g}/{one.possible:g} points"
    if not one.after or one.finished:
        return [line]
    first = f"first: {', '.join(one.after)}"
    if columns_of(f"{line}  {first}") <= width:
        return [f"{line}  {painted(first, 'yellow')}"]
    return [line, *_behind(f"  {'first':<{_LONGEST}}  ", ", ".join(one.after), width)]


def _grouped(one: ExerciseStanding, width: int) -> list[str]:
    """A line or more for each state that some function is in."""
    if one.written.problem:
        said = f"{one.place_of('')}: {one.written.problem}"
        return _in_state(states.UNREADABLE, said, width)
    lines = []
    for state in _STYLES:
        named = [_named(function) for function in one.functions if function.state == state]
        if state == states.TO_WRITE:
            named = [other.name for other in one.others] + named
        if named:
            lines += _in_state(state, ", ".join(named), width)
    return lines


def _named(function: FunctionStanding) -> str:
    if function.state == states.WAITS and function.waits_for:
        return f"{function.name} (for {', '.join(function.waits_for)})"
    if function.state == states.CHANGED and all(
        check.last is not None and check.last.outcome == "passed" for check in function.checks
    ):
        return f"{function.name} (it passed before)"
    return function.name


def _in_state(state: str, text: str, width: int) -> list[str]:
    return _behind(
        f"  {painted(state, _STYLES[state])}{' ' * (_LONGEST - len(state))}  ", text, width
    )


def _behind(label: str, text: str, width: int) -> list[str]:
    """A text of several lines behind a label, below each other."""
    blank = " " * columns_of(label)
    first, *rest = wrapped(terminal(text), width, blank)
    return [label + first.removeprefix(blank), *rest]


def _details(one: ExerciseStanding, width: int, ascii_only: bool) -> list[str]:
    exercise = one.exercise
    lines = wrapped(terminal(exercise.title), width)
    lines += [*_headline(one, len(exercise.name), width, ascii_only), shown(one.written.file)]
    if one.written.problem:
        return lines + _grouped(one, width)
    functions = sorted((*one.others, *one.functions), key=lambda each: each.line or 0)
    longest = max(len(function.name) for function in functions)
    for function in functions:
        lines += ["", _function_line(one, function, longest)]
        for check in function.checks:
            lines += _check_lines(check, width)
    return lines


def _function_line(one: ExerciseStanding, function: FunctionStanding, longest: int) -> str:
    name = painted(f"{function.name:<{longest}}", "bold")
    state = painted(f"{function.state:<{_LONGEST}}", _STYLES[function.state])
    points = f"  {function.earned:g}/{function.possible:g}" if function.checks else ""
    return f"{name}  {state}{points}  {painted(one.place_of(function.name), 'dim')}"


def _check_lines(standing: CheckStanding, width: int) -> list[str]:
    outcome = "not run" if standing.last is None else standing.last.outcome
    style = _OUTCOMES.get(outcome, "red")
    if standing.last is not None and not standing.current:
        outcome, style = f"{outcome} before", "dim"
    lines = _behind(f"  {painted(f'{outcome:<16}', style)}", standing.check.title, width)
    if standing.failed and standing.last is not None and standing.last.hint:
        label = f"{' ' * 18}{painted('hint', 'yellow')}  "
        lines += _behind(label, standing.last.hint, width)
    return lines
