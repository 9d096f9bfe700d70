"""Changes on a terminal or in a log: what changed, who moved, and in all; 80 columns will do."""

from __future__ import annotations

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from grader.changes import words
from grader.changes.records import Changes, ExerciseChange, SubmissionChange
from grader.changes.summary import MovedCheck, Summary, summarise
from grader.untrusted import terminal_cell

_WIDEST = 100
_HOW, _POINTS = 23, 9  # columns
_CHECKS_SHOWN = 10
_COLOURS = {"up": "green", "down": "red", "rejected": "magenta"}


def show(console: Console, changes: Changes, labels: words.Labels) -> None:
    """Everything that moved; nothing of it is read as rich's markup."""
    screen = _Screen(console)
    summary = summarise(changes)
    screen.line(f"before: {labels.before}")
    screen.line(f"now:    {labels.after}")
    screen.around(summary)
    for kind in words.HEADINGS:
        found = changes.of_kind(kind)
        if found:
            screen.heading(words.HEADINGS[kind], _COLOURS.get(kind, ""))
        for submission in found:
            screen.submission(submission)
    screen.in_all(summary)


class _Screen:
    def __init__(self, console: Console) -> None:
        self._console = console
        self._width = min(console.width, _WIDEST)

    def line(self, text: str, indent: int = 0, style: str = "") -> None:
        self._print(Padding(Text(terminal_cell(text), style), (0, 0, 0, indent)))

    def heading(self, text: str, style: str) -> None:
        self._print(Text(f"\n{text}", f"bold {style}".strip()))

    def row(self, name: str, how: str, points: str, indent: int, style: str = "") -> None:
        """A name, how it ended and what that moved, in columns."""
        grid = Table.grid(padding=(0, 1))
        grid.add_column(width=self._width - _HOW - _POINTS - 2, overflow="fold")
        grid.add_column(width=_HOW, overflow="fold")
        grid.add_column(width=_POINTS, justify="right", overflow="fold")
        shown = Padding(Text(terminal_cell(name), style), (0, 0, 0, indent))
        grid.add_row(shown, Text(terminal_cell(how)), Text(points))
        self._print(grid)

    def around(self, summary: Summary) -> None:
        if not summary.around:
            return
        self.heading("What changed", "")
        for one in summary.around:
            said, details = words.around(one)
            self.line(said, 2)
            for detail in details:
                self.line(detail, 4)

    def submission(self, change: SubmissionChange) -> None:
        before, after = change.before, change.after
        if before is None or after is None:
            self.row(change.id, words.total(after or before), "", 2, "bold")
        else:
            totals = f"{words.total(before)} → {words.total(after)}"
            both = before.graded and after.graded
            self.row(change.id, totals, words.moved(change.points) if both else "", 2, "bold")
        for when, side in (("before", before), ("now", after)):
            if side is not None and not side.graded:
                self.line(f"rejected {when}: {side.reason or 'no reason is given'}", 4)
        for why, exercises in words.reasons(change):
            self.line(f"{', '.join(exercises)}: {why}", 4)
        for exercise in change.exercises:
            self.exercise(exercise)

    def exercise(self, change: ExerciseChange) -> None:
        if change.before is None or change.after is None:
            return
        totals = f"{words.points(change.before.points)} → {words.points(change.after.points)}"
        self.row(change.name, totals, words.moved(change.points), 4)
        reweighted = [check for check in change.checks if check.reweighted]
        for function, checks in change.functions.items():
            ended = [check for check in checks if not check.reweighted]
            if ended:
                moved = words.moved(sum(check.points for check in checks))
                self.row(function, "", moved, 6)
            for check in ended:
                self.row(words.check_name(check), words.ended(check), words.moved(check.points), 8)
                for said in words.about(check):
                    self.line(said, 10)
        if reweighted:
            moved = words.moved(sum(check.points for check in reweighted))
            self.row(f"{len(reweighted)} passed as before", "worth more or less", moved, 6)
        if change.unaccounted:
            self.row("of no check", "the file was edited", words.moved(change.unaccounted), 6)

    def in_all(self, summary: Summary) -> None:
        if summary.checks:
            self.heading("Checks that moved most", "")
        for check in summary.checks[:_CHECKS_SHOWN]:
            self.row(check.id, _students(check), words.moved(check.points), 2)
        if len(summary.checks) > _CHECKS_SHOWN:
            self.line(f"and {len(summary.checks) - _CHECKS_SHOWN} more", 2)
        self.heading("In all", "")
        for said in words.in_all(summary):
            self.line(said, 2)

    def _print(self, what: RenderableType) -> None:
        self._console.print(what, width=self._width)


def _students(check: MovedCheck) -> str:
    counts = (("up", check.gained), ("down", check.lost), ("otherwise", check.otherwise))
    return ", ".join(f"{count} {how}" for how, count in counts if count)
