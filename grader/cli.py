"""The command `grader`: parses, calls, prints. Nothing here decides anything about a grade."""

from __future__ import annotations

import signal
import sys

import typer

from grader.commands import authoring, grading, history, machine

app = typer.Typer(
    name="grader",
    help="Grade submissions of a deep-learning course against PyTorch itself.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def _commands() -> None:
    """Grade submissions of a deep-learning course against PyTorch itself."""


for _command in (
    grading.grade,
    grading.demo,
    history.regrade,
    history.diff,
    authoring.audit,
    authoring.new,
    machine.doctor,
):
    app.command()(_command)


def main() -> None:
    """The console script; asked to end, it ends the warm pair on its way out."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    app()


if __name__ == "__main__":
    main()
