"""`grader list`: how far each exercise is, what state its functions are in, and what is next.

Lines of text with styles, wrapped here to the width given; whoever prints them wraps no more.
"""

from __future__ import annotations

from rich.text import Text

from grader.course import Course, Exercise
from grader.outcome import Check
from grader.student import standing as states
from grader.student.places import shown
from grader.student.printing import wrapped
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

_BAR = 20
_STYLES = {
    states.DONE: "green",
    states.WRITTEN: "green",
    states.TO_MEND: "red",
    states.WAITS: "yellow",
    states.CHANGED: "yellow",
    states.NOT_RUN: "yellow",
    states.TO_WRITE: "",
    states.UNREADABLE: "red",
}
_OUTCOMES = {"passed": "green", "todo": "bright_black"}
_LABEL = 2 + max(map(len, _STYLES)) + 2  # columns of a state and the blanks around it


def listing(
    course: Course, exercise: Exercise | None = None, width: int = 80, ascii_only: bool = False
) -> Text:
    """The whole course, or more about one exercise; ends with the next step.

    `ascii_only` draws bars without what some consoles cannot show.
    """
    standings = standing(course, Progress.read(course))
    if exercise is not None:
        (one,) = (each for each in standings if each.exercise.name == exercise.name)
        lines = _details(one, width, ascii_only)
        step = step_of(one)
    else:
        lines = _overview(course, standings, width, ascii_only)
        step = next_step(standings)
    said = "all is done" if step is None else f"next: {step}"
    lines += [Text(), Text(terminal(said), "bold")]
    return Text("\n").join(lines)


def bar(earned: float, possible: float, ascii_only: bool, cells: int = _BAR) -> Text:
    """A bar of so many cells, filled as far as points are earned."""
    filled = int(cells * earned / possible + 1e-9) if possible else 0
    full, empty = ("#", ".") if ascii_only else ("█", "░")
    style = "green" if possible and earned >= possible else "cyan"
    drawn = Text(full * filled, style) + Text(empty * (cells - filled), "bright_black")
    return Text("[") + drawn + Text("]") if ascii_only else drawn


def _overview(
    course: Course, standings: list[ExerciseStanding], width: int, ascii_only: bool
) -> list[Text]:
    functions = [function for one in standings for function in one.functions]
    finished = sum(function.state in states.FINISHED for function in functions)
    earned, possible = (
        sum(getattr(one, what) for one in standings) for what in ("earned", "possible")
    )
    lines = [
        Text(terminal(course.title), "bold"),
        Text(
            f"{finished} of {len(functions)} functions done, "
            f"{earned:g} of {possible:g} points of the checks that you have"
        ),
    ]
    longest = max(len(one.exercise.name) for one in standings)
    for one in standings:
        lines += [Text(), _headline(one, longest, ascii_only), *_grouped(one, width)]
    return lines


def _headline(one: ExerciseStanding, longest: int, ascii_only: bool) -> Text:
    line = Text(f"{one.exercise.name:<{longest}}  ", "bold")
    line += bar(one.earned, one.possible, ascii_only)
    line += Text(f"  {one.earned:g}/{one.possible:g} points")
    if one.after and not one.finished:
        line += Text(f"  first: {', '.join(one.after)}", "yellow")
    return line


def _grouped(one: ExerciseStanding, width: int) -> list[Text]:
    """A line or more for each state that some function is in."""
    if one.written.problem:
        return _state(states.UNREADABLE, [f"{one.place_of('')}: {one.written.problem}"], width)
    lines = []
    for state in _STYLES:
        named = [_named(function) for function in one.functions if function.state == state]
        if state == states.TO_WRITE:
            named = [other.name for other in one.others] + named
        if named:
            lines += _state(state, named, width)
    return lines


def _named(function: FunctionStanding) -> str:
    if function.state == states.WAITS and function.waits_for:
        return f"{function.name} (for {', '.join(function.waits_for)})"
    if function.state == states.CHANGED and all(
        check.last is not None and check.last.outcome == "passed" for check in function.checks
    ):
        return f"{function.name} (it passed before)"
    return function.name


def _behind(label: Text, text: str, width: int) -> list[Text]:
    """A text of several lines behind a label, below each other."""
    blank = " " * label.cell_len
    first, *rest = wrapped(terminal(text), width, blank)
    return [label + Text(first.removeprefix(blank)), *map(Text, rest)]


def _state(state: str, names: list[str], width: int) -> list[Text]:
    return _behind(Text(f"  {state:<{_LABEL - 2}}", _STYLES[state]), ", ".join(names), width)


def _details(one: ExerciseStanding, width: int, ascii_only: bool) -> list[Text]:
    exercise = one.exercise
    head = Text(exercise.name, "bold") + Text(f"  {terminal(exercise.title)}")
    lines = [head, _headline(one, len(exercise.name), ascii_only), Text(shown(one.written.file))]
    if one.written.problem:
        return lines + _grouped(one, width)
    functions = sorted((*one.others, *one.functions), key=lambda each: each.line or 0)
    longest = max(len(function.name) for function in functions)
    for function in functions:
        lines += [Text(), _function_line(one, function, longest)]
        for check in function.checks:
            lines += _check_lines(check, width)
    return lines


def _function_line(one: ExerciseStanding, function: FunctionStanding, longest: int) -> Text:
    line = Text(f"{function.name:<{longest}}  ", "bold")
    line += Text(f"{function.state:<{_LABEL - 4}}  ", _STYLES[function.state])
    if function.checks:
        line += Text(f"{function.earned:g}/{function.possible:g}  ")
    return line + Text(one.place_of(function.name), "bright_black")


def _check_lines(standing: CheckStanding, width: int) -> list[Text]:
    check: Check = standing.check
    outcome = "not run" if standing.last is None else standing.last.outcome
    style = _OUTCOMES.get(outcome, "red") if standing.last else "bright_black"
    if standing.last is not None and not standing.current:
        outcome, style = f"{outcome} before", "bright_black"
    label = Text(f"  {outcome:<14}", style)
    return _behind(label, check.title, width)
