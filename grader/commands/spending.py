"""The table that `grader grade --profile` shows: where the processor time of the run went."""

from __future__ import annotations

import time
from collections.abc import Sequence

from grader import profile
from grader.examiner.accounts import FORKS, SERVERS, START

_EXAMINED = (
    *(profile.STUDENT, profile.COMPARISON, profile.TRANSPORT, profile.FORK, profile.SHRINKING),
    profile.EXAMINER,
)
_HERE = (profile.READING, profile.GRADEBOOK, profile.REPORT)
_REST = "the rest of this process"
_LEFT = "not accounted for"
_NOTES = """\
Seconds of processor time. Student code is told by the kernel, and has in it what the sandbox takes
to read questions and to write answers; transport is the examiner's side. What is done to make a
counterexample smaller, student code too, is shrinking. Under "once a run" is what hardly grows with
the class."""


def spending(counted: profile.Profile, examining: float) -> str:
    """The table, once all processes have ended.

    `examining` are the seconds of those that had ended before the report was begun.
    """
    rows = _rows(counted.seconds())
    children = profile.children_seconds()
    rows[profile.REPORT] += children - examining
    total = time.process_time() + children
    examined = counted.heard
    each = [(name, rows[name]) for name in (*_EXAMINED, *_HERE)]
    once = [(name, rows[name]) for name in (START, profile.REFERENCE, SERVERS, _REST)]
    once.append((_LEFT, total - sum(rows.values())))
    lines = [_line("where the processor time went", "seconds", "each", "share")]
    lines += _section(each, examined, total)
    lines += ["once a run", *_section(once, 0, total)]
    lines.append(_line("in all", f"{total:.2f}", _each(total, examined), ""))
    return "\n".join([*lines, _NOTES])


def _rows(found: dict[str, float]) -> dict[str, float]:
    """Seconds by row, of what was counted."""
    once = (START, profile.REFERENCE, SERVERS)
    rows = {name: found.get(name, 0.0) for name in (*_EXAMINED, *_HERE, *once)}
    rows[START] -= rows[profile.REFERENCE]
    # What the forks do not see themselves is how they begin and end.
    rows[profile.FORK] += found.get(FORKS, 0.0) - sum(rows[name] for name in _EXAMINED)
    rows[_REST] = time.process_time() - sum(rows[name] for name in _HERE)
    return rows


def _section(rows: Sequence[tuple[str, float]], examined: int, total: float) -> list[str]:
    return [
        _line(f"  {name}", f"{seconds:.2f}", _each(seconds, examined), f"{seconds / total:.0%}")
        for name, seconds in rows
    ]


def _each(seconds: float, examined: int) -> str:
    return f"{seconds / examined:.3f}" if examined else ""


def _line(name: str, *cells: str) -> str:
    return f"{name:<32}" + "".join(f"{cell:>10}" for cell in cells).rstrip()
