"""What `grader audit` shows: a bar while it goes, a table, and what is to be mended."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from grader.audit.runner import Finding, Tally, passes


@contextmanager
def progress(console: Console, total: int) -> Iterator[Any]:
    """A bar on a terminal; gives what to call after each trial."""
    columns = (TextColumn("auditing"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("auditing", total=total)
        yield lambda: bar.advance(task)


def show(console: Console, tallies: list[Tally]) -> None:
    """The table, the findings, and the verdict."""
    console.print(_table(tallies))
    for tally in tallies:
        for finding in tally.unnamed:
            _say(console, finding, "yellow")
        for finding in tally.findings:
            _say(console, finding, "red")
    found = sum(len(tally.findings) for tally in tallies)
    skipped = sum(tally.skipped for tally in tallies)
    if skipped:
        console.print(f"{skipped} known mistakes show on a GPU only: --device cuda tries them.")
    if passes(tallies):
        console.print("[green]The checks catch what they should.[/]")
    elif found:
        console.print(f"[red]{found} to mend.[/]")
    else:
        console.print("[red]Too many known mistakes are not called by their own name.[/]")


def _say(console: Console, finding: Finding, colour: str) -> None:
    console.print(f"[{colour}]{escape(f'{finding.exercise}: {finding.what}')}[/]", soft_wrap=True)
    if finding.details:
        console.print(escape(finding.details), soft_wrap=True)


def _table(tallies: list[Tally]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("exercise")
    for column in ("known mistakes", "failed", "named", "mutants", "killed", "equivalent"):
        table.add_column(column, justify="right")
    for tally in [*tallies, *([_total(tallies)] if len(tallies) > 1 else [])]:
        survivors = tally.mutants - tally.killed - tally.equivalent
        missed = tally.mistakes - tally.failed
        table.add_row(
            tally.exercise,
            str(tally.mistakes),
            f"[red]{tally.failed}[/]" if missed else str(tally.failed),
            str(tally.named),
            str(tally.mutants),
            f"[red]{tally.killed}[/]" if survivors else str(tally.killed),
            str(tally.equivalent),
        )
    return table


def _total(tallies: list[Tally]) -> Tally:
    total = Tally("all")
    for count in ("mistakes", "failed", "named", "mutants", "killed", "equivalent"):
        setattr(total, count, sum(getattr(tally, count) for tally in tallies))
    return total
