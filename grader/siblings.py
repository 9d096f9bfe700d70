"""Which files of the course's solutions a solution needs: its own, and those that it imports."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from pathlib import Path


def sources_of(folder: Path, names: Iterable[str]) -> dict[str, bytes]:
    """The files `NAME.py` in a folder and all there that they import, by file name, sorted.

    What cannot be parsed imports nothing here: running it says what is wrong.
    """
    found: dict[str, bytes] = {}
    waiting = list(names)
    while waiting:
        file = folder / f"{waiting.pop()}.py"
        if file.name not in found and file.is_file():
            found[file.name] = file.read_bytes()
            waiting += _imported(found[file.name])
    return dict(sorted(found.items()))


def _imported(source: bytes) -> set[str]:
    """The first parts of the names of the modules that a source imports, anywhere in it."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return set()
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
        elif isinstance(node, ast.ImportFrom):  # from . import losses
            names |= {alias.name for alias in node.names}
    return {name.partition(".")[0] for name in names}
