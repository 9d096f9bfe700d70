"""What `grader grade` shows: a progress bar on a terminal, lines elsewhere, a table at the end.

What comes from a submission is made harmless, and is never read as rich's markup.
"""

from __future__ import annotations

import sys
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from grader.untrusted import terminal, terminal_cell

_COLOURS = {"passed": "green", "failed": "red", "todo": "bright_black", "error": "magenta"}
_NAMES_SHOWN = 6


class Screen:
    """Hears of a run as it goes, and shows it."""

    def __init__(self, quiet: bool = False, console: Console | None = None) -> None:
        """`quiet` leaves standard output to something else."""
        file = sys.stderr if quiet else sys.stdout
        self._console = console or Console(file=file, highlight=False)
        self._bar: Progress | None = None
        self._total = 0
        self._done = 0

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
        self._done += 1
        if self._bar is not None:
            self._bar.update(self._bar.task_ids[0], completed=self._done)
            return
        said = f"{grade['points']:g}/{grade['max_points']:g}"
        if grade["status"] == "rejected":
            said = f"rejected: {grade['reason']}"
        elif reused:
            said += " (graded before)"
        elif again is not None:
            checks = "1 check" if again == 1 else f"{again or 'no'} checks"
            said += f" ({checks} again)"
        self.say(f"[{self._done}/{self._total}] {grade['id']}: {said}")

    def summary(self, run: dict[str, Any], gradebook: str) -> None:
        """The table of the run; for a single submission also what is wrong, check by check."""
        grades = run["submissions"]
        self._console.print(_table(grades))
        if len(grades) == 1:
            self._details(grades[0])
        if run["sandbox"]["level"] == "off":
            self.say("WARNING: the sandbox was off: these grades can be forged by a submission.")
        counted = "1 submission" if len(grades) == 1 else f"{len(grades)} submissions"
        self.say(
            f"{counted} in {run['seconds']:.1f} s, seed {run['seed']}, "
            f"torch {run['torch']} on {run['device']}; grades are in {gradebook}."
        )

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


def _table(grades: list[dict[str, Any]]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("submission", overflow="fold")
    table.add_column("points", justify="right")
    table.add_column("what failed", overflow="fold")
    for grade in grades:
        points = f"{grade['points']:g}/{grade['max_points']:g}"
        table.add_row(Text(terminal_cell(grade["id"])), points, _what_failed(grade))
    return table


def _what_failed(grade: dict[str, Any]) -> Text:
    """The functions that lost points, with how; the reason for what was not graded."""
    if grade["status"] == "rejected":
        return Text(f"rejected: {terminal_cell(grade['reason'])}", "magenta")
    parts: list[Text] = []
    for exercise in grade["exercises"]:
        outcomes = [check["outcome"] for check in exercise["checks"]]
        if exercise["status"] == "passed":
            continue
        if len(set(outcomes)) == 1:  # one cause for the whole exercise
            colour = _COLOURS.get(outcomes[0], "red")
            parts.append(Text(f"{exercise['name']}: {outcomes[0]}", colour))
            continue
        parts += [_function(name, found) for name, found in _by_function(exercise).items()]
    if len(parts) > _NAMES_SHOWN:
        parts = [*parts[:_NAMES_SHOWN], Text(f"and {len(parts) - _NAMES_SHOWN} more")]
    return Text(", ").join(parts) if parts else Text("nothing", "green")


def _by_function(exercise: dict[str, Any]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for check in exercise["checks"]:
        if check["outcome"] != "passed":
            found.setdefault(check["function"], set()).add(check["outcome"])
    return found


def _function(name: str, outcomes: set[str]) -> Text:
    colour = _COLOURS["todo"] if outcomes == {"todo"} else "red"
    how = "" if outcomes <= {"failed"} else f" ({', '.join(sorted(outcomes))})"
    return Text(f"{name}{how}", colour)
