"""Mutants that no check can fail, each with the reason: `equivalent_NAME.toml` beside the checks.

    [[equivalent]]
    function = "cross_entropy"
    before = "if label_smoothing > 0:"
    after = "if True:"
    reason = "with a label smoothing of 0 the smoothed part is multiplied by 0"

`function`, `before` and `after` are a mutant's, as the audit writes them. Where a function has the
same line more than once the entry speaks of each; `nth = 2` makes it speak of the second alone.
`on = "cpu"` says that the change makes a difference on a GPU, and only there.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.audit.mutation import Mutant, one_line
from grader.course import CourseError

_TEXTS = ("function", "before", "after", "reason")


@dataclass(frozen=True)
class Equivalent:
    """A change that makes no difference, and why."""

    function: str
    before: str
    after: str
    reason: str
    nth: int | None = None  # from 1, of the same changes in the function; None: all of them
    on: str | None = None  # the one device on which nobody can tell; None: on all

    def speaks_of(self, mutant: Mutant) -> bool:
        change = (mutant.function, mutant.before, mutant.after)
        return change == (self.function, self.before, self.after) and self.nth in (None, mutant.nth)


def read_equivalents(folder: Path, exercise: str) -> list[Equivalent]:
    """The entries of `folder/equivalent_EXERCISE.toml`, none where there is no such file.

    CourseError names the file and the entry, and says what to do.
    """
    path = folder / f"equivalent_{exercise}.toml"
    if not path.exists():
        return []
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CourseError(f"{path}: cannot be read ({error.strerror})") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CourseError(f"{path}: is not valid TOML: {error}") from None
    if set(table) - {"equivalent"} or not isinstance(table.get("equivalent", []), list):
        raise CourseError(f"{path}: begin every entry with a line [[equivalent]], and add no more")
    found: list[Equivalent] = []
    for position, entry in enumerate(table.get("equivalent", [])):
        where = f"{path}: equivalent[{position}]"
        read = _entry(entry, where)
        for index, earlier in enumerate(found):
            if _same_change(read, earlier):
                raise CourseError(f"{where}: says again what equivalent[{index}] says: remove one")
        found.append(read)
    return found


def matching(entries: Iterable[Equivalent], mutant: Mutant) -> Equivalent | None:
    """The entry that speaks of a mutant, if there is one."""
    return next((entry for entry in entries if entry.speaks_of(mutant)), None)


def entry_for(mutant: Mutant) -> str:
    """The entry of a mutant as TOML, but for its reason."""
    lines = [("function", mutant.function), ("before", mutant.before), ("after", mutant.after)]
    texts = [f"{key} = {_quoted(text)}" for key, text in lines]
    return "\n".join(["[[equivalent]]", *texts, 'reason = ""'])


def _quoted(text: str) -> str:
    """A TOML string: as it is between single quotes where that can be."""
    if "'" not in text:
        return f"'{text}'"
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def stale(entries: Iterable[Equivalent], mutants: Sequence[Mutant]) -> list[Equivalent]:
    """The entries that speak of no mutant: the solution has changed since."""
    return [entry for entry in entries if not any(map(entry.speaks_of, mutants))]


def _entry(entry: Any, where: str) -> Equivalent:
    if not isinstance(entry, dict):
        raise CourseError(f"{where}: must be a table: begin it with a line [[equivalent]]")
    for key in entry:
        if key not in (*_TEXTS, "nth", "on"):
            known = ", ".join((*_TEXTS, "nth", "on"))
            raise CourseError(f"{where}.{key}: is not a key of an entry; known: {known}")
    for key in _TEXTS:
        if key not in entry:
            raise CourseError(f"{where}.{key}: is missing: every entry has {', '.join(_TEXTS)}")
        if not isinstance(entry[key], str) or not entry[key].strip():
            raise CourseError(f"{where}.{key}: must be a text that is not empty")
    nth = entry.get("nth")
    if nth is not None and (type(nth) is not int or nth < 1):
        raise CourseError(f"{where}.nth: must be a whole number from 1")
    on = entry.get("on")
    if on not in (None, "cpu"):
        raise CourseError(f'{where}.on: must be "cpu", or be left out')
    function, before, after, reason = (one_line(entry[key]) for key in _TEXTS)
    if before == after:
        raise CourseError(f"{where}: before and after are the same: copy them from the audit")
    return Equivalent(function, before, after, reason, nth, on)


def _same_change(one: Equivalent, other: Equivalent) -> bool:
    same = (one.function, one.before, one.after) == (other.function, other.before, other.after)
    return same and (one.nth == other.nth or None in (one.nth, other.nth))
