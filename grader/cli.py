"""The command `grader`: parses, calls, prints. Nothing here decides anything about a grade."""

from __future__ import annotations

import builtins
import importlib
import importlib.util
import signal
import sys
from collections.abc import Callable
from types import ModuleType

import typer

from grader.commands import INSTRUCTORS, STUDENTS

FOR_INSTRUCTORS = "Grade submissions of a deep-learning course against PyTorch itself."
FOR_STUDENTS = "The student's part of the grader. Your checks run with: pytest exercises"


def _is_here(room: str) -> bool:
    """Whether a room of commands came along: a handout has none of the instructors'."""
    return importlib.util.find_spec(f"grader.commands.{room}") is not None


def _function_of(room: ModuleType, command: str) -> Callable[..., None]:
    """A command's function is called like it; `list_` where Python has a `list` of its own."""
    function: Callable[..., None] = getattr(room, command + "_" * hasattr(builtins, command))
    return function


def _instructors_own(name: str) -> Callable[[], None]:
    def refuse() -> None:
        """The instructor's command."""
        typer.echo(
            f"grader: `{name}` is the instructor's and not part of a handout; "
            "your checks run with: pytest exercises",
            err=True,
        )
        raise typer.Exit(2)

    return refuse


_help = FOR_INSTRUCTORS if all(map(_is_here, INSTRUCTORS)) else FOR_STUDENTS

app = typer.Typer(
    name="grader",
    help=_help,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback(help=_help)
def _commands() -> None:
    """What `grader --help` says first is given above."""


for _room, _names in {**STUDENTS, **INSTRUCTORS}.items():
    if _is_here(_room):
        _module = importlib.import_module(f"grader.commands.{_room}")
        for _name in _names:
            app.command(_name)(_function_of(_module, _name))
    else:
        for _name in _names:
            _anything = {"ignore_unknown_options": True, "allow_extra_args": True}
            app.command(_name, hidden=True, context_settings=_anything)(_instructors_own(_name))


def main() -> None:
    """The console script; asked to end, it ends the warm pair on its way out."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    app()


if __name__ == "__main__":
    main()
