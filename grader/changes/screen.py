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
_HOW, _POINTS = 19, 7  # columns
_CHECKS_SHOWN = 10
_COLOURS = {"up": "green", "down": "red", "rejected": "magenta"}


def show(console: Console, changes: Changes, labels: words.Labels) -> None:
    """Everything that moved; nothing of it is read as rich's markup."""
    screen = _Screen(console)
    summary = summarise(changes)
    screen.whole_line(f"before: {labels.before}")
    screen.whole_line(f"now:    {labels.after}")
    screen.around(summary)
    for kind in words.HEADINGS:
        found = changes.of_kind(kind)
        if found:
            screen.heading(words.HEADINGS[kind], _COLOURS.get(kind, ""))
        for group in words.alike(found):
            screen.submissions(group)
    screen.in_all(summary)


class _Screen:
    def __init__(self, console: Console) -> None:
        self._console = console
        self._width = min(console.width, _WIDEST)

    def whole_line(self, text: str) -> None:
        """One that is not broken, so that a path in it can be copied."""
        self._console.print(Text(terminal_cell(text)), soft_wrap=True)

    def line(self, text: str, indent: int = 0, style: str = "") -> None:
        self._print(Padding(Text(terminal_cell(text), style), (0, 0, 0, indent), expand=False))

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

    def submissions(self, group: list[SubmissionChange]) -> None:
        """Submissions in which the same moved, and what."""
        for change in group:
            before, after = change.before, change.after
            if before is None or after is None:
                self.row(change.id, words.total(after or before), "", 2, "bold")
                continue
            totals = f"{words.total(before)} → {words.total(after)}"
            both = before.graded and after.graded
            self.row(change.id, totals, words.moved(change.points) if both else "", 2, "bold")
        for said in words.rejections(group[0]):
            self.line(said, 4)
        for why, exercises in words.reasons(group[0]):
            self.line(f"{', '.join(exercises)}: {why}", 4)
        for exercise in group[0].exercises:
            if exercise.on_both_sides:
                self.exercise(exercise, alone=len(group) == 1)

    def exercise(self, change: ExerciseChange, alone: bool) -> None:
        totals = ""
        if alone and change.before and change.after:
            totals = f"{words.points(change.before.points)} → {words.points(change.after.points)}"
        self.row(change.name, totals, words.moved(change.points), 4)
        groups, single = words.told(change)
        function = None
        for check in single:
            if check.either.function != function:
                function = check.either.function
                own = [each.points for each in single if each.either.function == function]
                self.row(function, "", words.moved(sum(own)), 6)
            self.row(words.check_name(check), words.ended(check), words.moved(check.points), 8)
            for said in words.about(check):
                self.line(said, 10)
        for group in groups:
            self.row(group.checks, group.how, words.moved(group.points), 6)

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
