"""What `grader grade` shows: a progress bar on a terminal, lines elsewhere, a table at the end.

All text that may come from a submission is made printable before it is shown.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

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
        """One line of the grader's own."""
        self._console.print(escape(text), soft_wrap=True)

    def began(self, submissions: int) -> None:
        self._total = submissions
        if not self._console.is_terminal:
            return
        columns = (TextColumn("grading"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self._bar = Progress(*columns, console=self._console, transient=True)
        self._bar.add_task("grading", total=submissions)
        self._bar.start()

    def graded(self, grade: dict[str, Any], reused: bool) -> None:
        self._done += 1
        if self._bar is not None:
            self._bar.update(self._bar.task_ids[0], completed=self._done)
            return
        said = f"{grade['points']:g}/{grade['max_points']:g}"
        if grade["status"] == "rejected":
            said = f"rejected: {printable(grade['reason'])}"
        again = " (graded before)" if reused and grade["status"] == "graded" else ""
        self.say(f"[{self._done}/{self._total}] {printable(grade['id'])}: {said}{again}")

    def summary(self, run: dict[str, Any], out: Path) -> None:
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
            f"torch {run['torch']} on {run['device']}; grades are in {out / 'gradebook.db'}."
        )

    def _details(self, grade: dict[str, Any]) -> None:
        for exercise in grade["exercises"]:
            for check in exercise["checks"]:
                if check["outcome"] in ("passed", "todo"):
                    continue
                colour = _COLOURS.get(check["outcome"], "red")
                title = f"{check['id']}  {check['outcome']}"
                self._console.print(f"\n[{colour}]{escape(title)}[/]", soft_wrap=True)
                self.say(f"{check['title']}\n{printable(check['message'] or '')}")
                if check["hint"]:
                    self.say(f"hint      {check['hint']}")


def printable(text: str) -> str:
    """Untrusted text without anything that a terminal acts on; line ends stay."""
    shown = (c if c.isprintable() or c == "\n" else ascii(c)[1:-1] for c in text)
    return "".join(shown)


def _table(grades: list[dict[str, Any]]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("submission", overflow="fold")
    table.add_column("points", justify="right")
    table.add_column("what failed", overflow="fold")
    for grade in grades:
        points = f"{grade['points']:g}/{grade['max_points']:g}"
        table.add_row(escape(printable(grade["id"])), points, _what_failed(grade))
    return table


def _what_failed(grade: dict[str, Any]) -> str:
    """The functions that lost points, with how; the reason for what was not graded."""
    if grade["status"] == "rejected":
        return f"[magenta]rejected: {escape(printable(grade['reason']))}[/]"
    parts = []
    for exercise in grade["exercises"]:
        outcomes = [check["outcome"] for check in exercise["checks"]]
        if exercise["status"] == "passed":
            continue
        if len(set(outcomes)) == 1:  # one cause for the whole exercise
            colour = _COLOURS.get(outcomes[0], "red")
            parts.append(f"[{colour}]{escape(exercise['name'])}: {outcomes[0]}[/]")
            continue
        parts += [_function(name, found) for name, found in _by_function(exercise).items()]
    if len(parts) > _NAMES_SHOWN:
        parts = [*parts[:_NAMES_SHOWN], f"and {len(parts) - _NAMES_SHOWN} more"]
    return ", ".join(parts) or "[green]nothing[/]"


def _by_function(exercise: dict[str, Any]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for check in exercise["checks"]:
        if check["outcome"] != "passed":
            found.setdefault(check["function"], set()).add(check["outcome"])
    return found


def _function(name: str, outcomes: set[str]) -> str:
    colour = _COLOURS["todo"] if outcomes == {"todo"} else "red"
    how = "" if outcomes <= {"failed"} else f" ({', '.join(sorted(outcomes))})"
    return f"[{colour}]{escape(name)}{how}[/]"
