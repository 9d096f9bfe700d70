"""What `grader grade` shows: a progress bar on a terminal, lines elsewhere, a table at the end.

What comes from a submission is made harmless, and is never read as rich's markup.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from sys import intern
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from grader.untrusted import terminal, terminal_cell

if TYPE_CHECKING:
    from grader.grading import FinishedRun

_COLOURS = {"passed": "green", "failed": "red", "todo": "bright_black", "error": "magenta"}
_NAMES_SHOWN = 6
_ROWS_AT_A_TIME = 100


class Screen:
    """Hears of a run as it goes, and shows it."""

    def __init__(self, quiet: bool = False, console: Console | None = None) -> None:
        """`quiet` leaves standard output to something else."""
        file = sys.stderr if quiet else sys.stdout
        self._console = console or Console(file=file, highlight=False)
        self._bar: Progress | None = None
        self._total = 0
        self._rows: list[_Row] = []
        self._only: dict[str, Any] | None = None  # the grade of a single submission

    def __enter__(self) -> Screen:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def say(self, text: str) -> None:
        """Lines of the grader's own, with what they quote."""
        self._print(terminal(text))

    def began(self, submissions: int) -> None:
        self._total = submissions
        if not self._console.is_terminal:
            return
        columns = (TextColumn("grading"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self._bar = Progress(*columns, console=self._console, transient=True)
        self._bar.add_task("grading", total=submissions)
        self._bar.start()

    def graded(self, grade: dict[str, Any], reused: bool, again: int | None = None) -> None:
        self._rows.append(_row(grade))
        if self._total == 1:
            self._only = grade
        if self._bar is not None:
            self._bar.update(self._bar.task_ids[0], completed=len(self._rows))
            return
        said = f"{grade['points']:g}/{grade['max_points']:g}"
        if grade["status"] == "rejected":
            said = f"rejected: {grade['reason']}"
        elif reused:
            said += " (graded before)"
        elif again is not None:
            checks = "1 check" if again == 1 else f"{again or 'no'} checks"
            said += f" ({checks} again)"
        self.say(f"[{len(self._rows)}/{self._total}] {grade['id']}: {said}")

    def summary(self, run: FinishedRun, gradebook: str) -> None:
        """The table of the run; for a single submission also what is wrong, check by check."""
        self._table()
        if self._only is not None:
            self._details(self._only)
        if run.level == "off":
            self.say("WARNING: the sandbox was off: these grades can be forged by a submission.")
        count = len(run.grades)
        self.say(
            f"{count} {'submission' if count == 1 else 'submissions'} in {run.seconds:.1f} s, "
            f"seed {run.seed}, torch {run.torch} on {run.device}; grades are in {gradebook}."
        )

    def _table(self) -> None:
        """All that was graded, by id; in parts, for a part is laid out as a whole."""
        rows = sorted(self._rows, key=lambda row: row.id)
        self._rows = []
        names = [terminal_cell(row.id) for row in rows]
        widest = max(map(cell_len, names), default=0)
        points = max([len("points"), *(len(row.points) for row in rows)])
        for begin in range(0, len(rows), _ROWS_AT_A_TIME):
            table = Table(box=None, pad_edge=False, header_style="bold", show_header=begin == 0)
            width = max(len("submission"), min(widest, self._console.width // 2))
            table.add_column("submission", overflow="fold", width=width)
            table.add_column("points", justify="right", width=points)
            table.add_column("what failed", overflow="fold")
            for at in range(begin, min(begin + _ROWS_AT_A_TIME, len(rows))):
                failed = Text(", ").join(Text(*each) for each in rows[at].failed)
                table.add_row(Text(names[at]), rows[at].points, failed)
            self._console.print(table)

    def _details(self, grade: dict[str, Any]) -> None:
        for exercise in grade["exercises"]:
            for check in exercise["checks"]:
                if check["outcome"] in ("passed", "todo"):
                    continue
                colour = _COLOURS.get(check["outcome"], "red")
                self._print(f"\n{check['id']}  {check['outcome']}", colour)
                self.say(f"{check['title']}\n{check['message'] or ''}")
                if check["hint"]:
                    self.say(f"hint      {check['hint']}")

    def _print(self, text: str, style: str = "") -> None:
        self._console.print(Text(text, style), soft_wrap=True)


@dataclass(frozen=True, slots=True)
class _Row:
    """What the table says of one submission: little, for all are kept until the end."""

    id: str
    points: str
    failed: tuple[tuple[str, str], ...]  # texts and their colours


def _row(grade: dict[str, Any]) -> _Row:
    points = f"{grade['points']:g}/{grade['max_points']:g}"
    # Few different things fail, and each is kept once.
    failed = tuple((intern(text), colour) for text, colour in _what_failed(grade))
    return _Row(grade["id"], intern(points), failed)


def _what_failed(grade: dict[str, Any]) -> list[tuple[str, str]]:
    """The functions that lost points, with how; the reason for what was not graded."""
    if grade["status"] == "rejected":
        return [(f"rejected: {terminal_cell(grade['reason'])}", "magenta")]
    parts: list[tuple[str, str]] = []
    for exercise in grade["exercises"]:
        outcomes = [check["outcome"] for check in exercise["checks"]]
        if exercise["status"] == "passed":
            continue
        if len(set(outcomes)) == 1:  # one cause for the whole exercise
            colour = _COLOURS.get(outcomes[0], "red")
            parts.append((f"{exercise['name']}: {outcomes[0]}", colour))
            continue
        parts += [_function(name, found) for name, found in _by_function(exercise).items()]
    if len(parts) > _NAMES_SHOWN:
        parts = [*parts[:_NAMES_SHOWN], (f"and {len(parts) - _NAMES_SHOWN} more", "")]
    return parts or [("nothing", "green")]


def _by_function(exercise: dict[str, Any]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for check in exercise["checks"]:
        if check["outcome"] != "passed":
            found.setdefault(check["function"], set()).add(check["outcome"])
    return found


def _function(name: str, outcomes: set[str]) -> tuple[str, str]:
    colour = _COLOURS["todo"] if outcomes == {"todo"} else "red"
    how = "" if outcomes <= {"failed"} else f" ({', '.join(sorted(outcomes))})"
    return f"{name}{how}", colour
