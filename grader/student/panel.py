"""A check that is not passed, as a panel for the student: what was done, what came, what to do.

Pure: a result and where to read go in, lines come out. What a line is shown with is `display.py`'s.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rich.cells import cell_len

from grader import untrusted
from grader.outcome import Frame, Problem, Result
from grader.student.code import fitted
from grader.student.contrast import LABEL, contrast_lines, labelled
from grader.student.page import Line, Page, Span, line, wrapped

_MOST_CODE = 120  # lines of a call: no question of the course takes more
_PRINTED = 12  # lines shown of what a check printed: the last ones, of the input that is shown
_MOST_PRINTED = 100_000  # letters of one check that are kept
_ROOM_FOR_CODE = 24  # cells beside a place; where there are fewer, it goes below
_PROSE = 100  # cells of a line that is read, on a page of any width


@dataclass(frozen=True)
class Reading:
    """Where to read on: the function in the student's file, what it is for, and the check."""

    place: str
    about: str = ""
    again: str = ""


@dataclass(frozen=True)
class Printed:
    """What was printed while a check ran, under pytest's name for it."""

    name: str
    text: str


def panel(
    result: Result, reading: Reading, page: Page, printed: Sequence[Printed] = ()
) -> list[Line]:
    """All there is to say of a check that is not passed."""
    check, problem = result.check, _problem_of(result)
    lines = [page.rule(page.plain(f"{check.exercise}.{check.function}"), result.outcome, "bad")]
    lines += _prose(page.plain(check.title), page, "title")
    lines += _body(problem, page)
    lines += _advice(result.hint, page)
    lines += _reading(reading, page)
    for each in printed:
        lines += _printed(each, page)
    return lines


def file_panel(results: Sequence[Result], page: Page) -> list[Line]:
    """An exercise whose file cannot be imported: one panel for all of its checks."""
    check, problem = results[0].check, _problem_of(results[0])
    checks = "its check" if len(results) == 1 else f"none of its {len(results)} checks"
    verb = "cannot run" if len(results) == 1 else "can run"
    lines = [page.rule(page.plain(f"{check.exercise}.py"), "cannot be imported", "bad")]
    lines += _prose(f"Mend this first: {checks} {verb} before.", page, "title")
    said = problem.said.partition(" could not be imported: ")[2] or problem.said
    return lines + _body(replace(problem, said=said), page)


def short_panel(result: Result, page: Page) -> list[Line]:
    """The same in a few lines: the check, expected and got, the student's last line."""
    check, problem = result.check, _problem_of(result)
    name = page.plain(f"{check.exercise}.{check.function}: ")
    title = page.cut(page.plain(check.title), max(20, page.width - cell_len(name)))
    lines = [line(Span(name, "bad name"), title)]
    if problem.contrast is None:
        lines += _prose(page.plain(problem.said), page)
    else:
        for label, text in (("expected", problem.contrast.expected), ("got", problem.contrast.got)):
            first = page.cut(page.plain(text.partition("\n")[0]), page.width - LABEL)
            lines += labelled(label, [first], label_style="good" if label == "expected" else "bad")
    return lines + _frames(problem.frames[-1:], page)


def _problem_of(result: Result) -> Problem:
    return result.problem or Problem(result.outcome, result.message or "")


def _prose(text: str, page: Page, style: str = "") -> list[Line]:
    return [line(Span(each, style)) for each in wrapped(text, min(page.width, _PROSE))]


def _body(problem: Problem, page: Page) -> list[Line]:
    """What was done and what came of it."""
    lines: list[Line] = [line()]
    if problem.call:
        lines += [*_code(problem.call, page), line()]
    if problem.said:
        first, *others = problem.said.split("\n")
        own = [each.removeprefix("  |").removeprefix(" ") for each in others]  # untrusted.block's
        lines += _prose(page.plain("\n".join([first, *own])), page)
    if problem.contrast is not None:
        lines += contrast_lines(problem.contrast, page)
    lines += _frames(problem.frames, page)
    for note in problem.notes:
        lines += labelled("note", wrapped(page.plain(note), _room(page)))
    return lines


def _code(python: str, page: Page) -> list[Line]:
    """A call that can be pasted: nothing stands before it, and no line of it is cut."""
    lines = fitted(page.code(python), page.width)
    shown = [line(Span(each, "code")) for each in lines[:_MOST_CODE]]
    if len(lines) > _MOST_CODE:
        shown.append(
            line(Span(f"# {page.ellipsis} and {len(lines) - _MOST_CODE} more lines", "quiet"))
        )
    return shown


def _frames(frames: Sequence[Frame], page: Page) -> list[Line]:
    """The student's own lines, outermost first: where, and the line of code beside it."""
    frames = list(dict.fromkeys(frames))  # a function that calls itself without end is told once
    places = [page.plain(f"{frame.file}:{frame.line}") for frame in frames]
    codes = [page.plain(frame.text) for frame in frames]
    room, width = _room(page), max(map(cell_len, places), default=0)
    left = room - width - 2
    texts = []
    for place, code in zip(places, codes, strict=True):
        if left >= _ROOM_FOR_CODE:
            texts.append(f"{place}{' ' * (width - cell_len(place))}  {page.cut(code, left)}")
        else:
            texts += [page.cut(place, room), f"  {page.cut(code, room - 2)}"]
    return [
        *labelled("where", texts),
        *_stopped_reading(frames, width + 2 if left >= _ROOM_FOR_CODE else 2, page),
    ]


def _stopped_reading(frames: Sequence[Frame], start: int, page: Page) -> list[Line]:
    """A mark under the letter at which Python stopped reading the last line, as Python draws it."""
    if not frames or not frames[-1].column:
        return []
    before = page.plain(frames[-1].text[: frames[-1].column - 1])
    place = start + cell_len(before)
    return [line(" " * (LABEL + place), Span("^", "mark"))] if place < _room(page) else []


def _advice(hint: str | None, page: Page) -> list[Line]:
    return labelled("hint", wrapped(page.plain(hint), _room(page)), "hint", "hint") if hint else []


def _reading(reading: Reading, page: Page) -> list[Line]:
    place, about = page.plain(reading.place), page.plain(reading.about)
    both = f"{place}  {about}".rstrip()
    lines = labelled("read", wrapped(both, _room(page)) if about else [place])
    return lines + (labelled("again", [page.plain(reading.again)]) if reading.again else [])


def _room(page: Page) -> int:
    return min(page.width, _PROSE) - LABEL


def harmless(printed: str) -> str:
    """What was printed, in letters that do nothing; of very much the end."""
    text = printed[-_MOST_PRINTED:].replace("\r\n", "\n").expandtabs(4)
    return untrusted.terminal(text)


def _printed(printed: Printed, page: Page) -> list[Line]:
    """The end of what was printed, under a rule as pytest draws it."""
    lines = page.plain(harmless(printed.text)).rstrip("\n").split("\n")
    title = page.plain(printed.name).center(len(printed.name) + 2).center(page.width, "-")
    shown = [line(Span(title, "quiet"))]
    if len(lines) > _PRINTED:
        shown.append(line(Span(f"({len(lines) - _PRINTED:,} lines before)", "quiet")))
    return shown + [line(page.cut(each, page.width)) for each in lines[-_PRINTED:]]
