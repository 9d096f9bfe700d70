"""`grader doctor`: what this machine has."""

from __future__ import annotations

import sys

import typer

from grader.commands.common import bad_usage


def doctor() -> None:
    """Try each layer of the sandbox on this machine: can `grade --sandbox strict` be used?"""
    from rich.console import Console

    if sys.platform != "linux":
        raise bad_usage("grading needs Linux: use a container, a virtual machine or WSL")
    from grader.doctor import diagnose, show

    diagnosis = diagnose()
    show(Console(highlight=False), diagnosis)
    raise typer.Exit(0 if diagnosis.strict else 1)
