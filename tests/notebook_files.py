"""Notebooks as students hand them in, for the tests of what reads them."""

from __future__ import annotations

import json
from typing import Any

WORK = "def l1_loss(input, target):\n    return (input - target).abs().mean()\n"


def code(text: str | list[str], **more: Any) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {},
        "outputs": [],
        "source": text,
        **more,
    }


def notebook(*cells: dict[str, Any] | str) -> bytes:
    """A notebook of format 4; a string is a code cell."""
    held = [code(cell) if isinstance(cell, str) else cell for cell in cells]
    return as_json({"cells": held, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def notebook_3(*texts: str | list[str]) -> bytes:
    """The same in format 3, which Jupyter wrote before 2015."""
    cells = [
        {"cell_type": "code", "collapsed": False, "input": text, "language": "python"}
        for text in texts
    ]
    sheet = {"cells": cells, "metadata": {}}
    return as_json({"metadata": {}, "nbformat": 3, "nbformat_minor": 0, "worksheets": [sheet]})


def writing(text: str, path: str = "exercises/losses.py") -> str:
    """The cell that writes a module."""
    return f"%%writefile {path}\n{text}"


def losses(text: str = WORK) -> bytes:
    return notebook("import sys", writing(text), "!pytest exercises")


def as_json(document: Any) -> bytes:
    return json.dumps(document, ensure_ascii=False, indent=1).encode()
