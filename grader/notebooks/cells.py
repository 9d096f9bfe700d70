"""What a cell does, as Jupyter has it: which file it writes, or what it adds to one module.

Shared by who makes notebooks and by who reads one that was handed in. Text in, text out: nothing
of a cell is run, and of what a line may hold only as much is looked at as a file's name needs.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass

# How the cells begin that `grader notebook` makes besides the student's: none of the work.
SET_UP = "#@title Set up: run this cell first"
CHECKS = "#@title Check: run this cell as often as you like"

_LONGEST_LINE = 2_000  # characters of a first line; no path is longer
_LONGEST_INDENTED = 1 << 21  # characters of a cell whose indent is taken away
_EMPTY_LINES = re.compile(r"(?:[^\S\n]*\n)*")
_WRITING = ("writefile", "file")  # one magic with two names
_MAGIC = re.compile(r"%%(?P<name>\w+)(?: (?P<line>.*))?", re.DOTALL)
_WORD = re.compile(r"'[^']*'|\"[^\"]*\"|\S+")

# In a cell of plain code: a line that IPython takes for itself, and one that assigns what it gives.
_OWN_LINE = re.compile(r"(?P<indent>[ \t]*)(?:%%?[A-Za-z_]|!|\?|[A-Za-z_][\w.]*\?{1,2}\s*$)")
_ASSIGNED = re.compile(r"(?P<left>[ \t]*[A-Za-z_][\w., \t]*=[ \t]*)(?:%[A-Za-z_]|!)")
_BODY_IS_PYTHON = ("time", "capture", "prun")  # of these cell magics
_DEFINES = re.compile(r"^(?:async[ \t]+)?(?:def|class)[ \t]", re.MULTILINE)


@dataclass(frozen=True)
class Module:
    """What cells leave of one file. `added` tells that all of it is appended to what was there."""

    text: str
    added: bool


@dataclass(frozen=True)
class _Write:
    """One `%%writefile` cell: which module it writes, whether in a folder called exercises."""

    name: str
    in_exercises: bool
    appends: bool
    text: str


def writing_cell(path: str, text: str) -> str:
    """The cell that writes this text to a file; a file that is empty gets one empty line.

    What a cell lacks at its end is one line end, which running it gives back.
    """
    body = text.removesuffix("\n")
    if not body or body.endswith("\n"):
        body += "\n"
    return f"%%writefile {path}\n{body}"


def written_modules(cells: Iterable[str]) -> dict[str, Module]:
    """The modules that are there once the cells have been run from top to bottom, by file name.

    A file counts by its name alone, but where some are written to a folder called `exercises`,
    those of that name elsewhere do not count.
    """
    writes = [write for write in map(_write, cells) if write is not None]
    placed = {write.name for write in writes if write.in_exercises}
    parts: dict[str, list[str]] = {}
    added: dict[str, bool] = {}
    for write in writes:
        if write.name in placed and not write.in_exercises:
            continue
        if not write.appends:
            parts[write.name] = []
        added[write.name] = write.appends and added.get(write.name, True)
        parts.setdefault(write.name, []).append(write.text)
    return {name: Module("".join(texts), added[name]) for name, texts in parts.items()}


def plain_module(cells: Iterable[str]) -> str | None:
    """All code cells as one module; None where they define no function and no class.

    What IPython does itself (`%matplotlib`, `!pip`, `tensor?`) is left out, line by line, so that
    the lines stay where they are. The cells are to be of a bounded size.
    """
    texts = [text for text in map(_python_of, cells) if text is not None]
    module = "\n".join(text if text.endswith("\n") else f"{text}\n" for text in texts)
    return module if _DEFINES.search(module) else None


def _as_run(cell: str) -> str:
    """A cell as IPython takes it: without empty lines above, without indent, its last line ended.

    Nothing here makes an object of each line: a cell may hold millions.
    """
    text = cell[_EMPTY_LINES.match(cell).end() :]  # type: ignore[union-attr]  # it matches anything
    if text[:1] in (" ", "\t") and len(text) <= _LONGEST_INDENTED:
        text = textwrap.dedent(text)
    return text if text.endswith("\n") else f"{text}\n"


def _write(cell: str) -> _Write | None:
    """What a cell writes; None where it is no `%%writefile` cell, or one that fails."""
    first, _, body = _as_run(cell).partition("\n")
    if len(first) > _LONGEST_LINE or not body:
        return None
    magic = _MAGIC.fullmatch(first.rstrip())
    if magic is None or magic["name"] not in _WRITING:
        return None
    words = _WORD.findall(magic["line"] or "")
    options = [word for word in words if word.startswith("-")]
    paths = [word for word in words if not word.startswith("-")]
    if len(paths) != 1 or not set(options) <= {"-a", "--append"}:
        return None
    *folders, name = paths[0].strip("\"'").replace("\\", "/").split("/")
    if not name.endswith(".py") or not name.removesuffix(".py").isidentifier():
        return None
    return _Write(name, folders[-1:] == ["exercises"], bool(options), body)


def _python_of(cell: str) -> str | None:
    """The Python of a cell of plain code; None where it has none, or is one of our own."""
    lines = _as_run(cell).splitlines(keepends=True)
    if lines[0].rstrip() in (SET_UP, CHECKS):
        return None
    if lines[0].startswith("%%"):
        magic = re.match(r"%%(\w+)", lines[0])
        if magic is None or magic[1] not in _BODY_IS_PYTHON:
            return None
        lines[0] = "\n"
    kept: list[str] = []
    goes_on = False  # a command that a backslash carries on to the next line
    for line in lines:
        plain = "#\n" if goes_on else _without_magic(line)
        goes_on = (goes_on or plain != line) and line.rstrip().endswith("\\")
        kept.append(plain)
    return "".join(kept)


def _without_magic(line: str) -> str:
    """A line of plain code; in place of what IPython does itself, one that does nothing."""
    if own := _OWN_LINE.match(line):
        # Below `if` or `def` it may be the only statement; above, `from __future__` may follow.
        return f"{own['indent']}pass\n" if own["indent"] else "#\n"
    if assigned := _ASSIGNED.match(line):
        return f"{assigned['left']}None\n"
    return line
