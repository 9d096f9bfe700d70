"""Makes one notebook for each exercise: what it is for, a set-up, the student's file, the checks.

The student's file is one cell that writes all of it: run twice, it writes the same file twice, and
what the cell holds is what is graded. The same course and the same file give the same bytes.
"""

from __future__ import annotations

import ast
import hashlib
import inspect
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any

from grader.course import Course, Exercise
from grader.kept import keep_copy
from grader.notebooks import templates
from grader.notebooks.cells import CHECKS, SET_UP, writing_cell, written_modules
from grader.notebooks.keeping import digest_of
from grader.notebooks.kernel import begin
from grader.writing import write_whole

_DOCSTRING = re.compile(
    r'(?:\s|#[^\n]*\n)*(?P<text>[rRuU]?"""(?:[^\\]|\\.)*?""")',
    re.DOTALL,
)
_METADATA = "torchgrade"  # the key of what is said of a notebook there
# Shown by its first line alone until it is opened: on Colab, in JupyterLab and VS Code.
_CLOSED = {"metadata": {"cellView": "form", "jupyter": {"source_hidden": True}}}


class NotebookError(Exception):
    """A notebook cannot be made: says which, why and what to do."""


@dataclass(frozen=True)
class Made:
    """What became of one notebook: "made", "there" (with the student's file as it is), or "kept".

    Kept is one that the student has worked in. `backup` is where that is, when made anew.
    """

    file: Path
    state: str
    backup: Path | None = None


def make_notebooks(
    course: Course, names: Sequence[str], folder: Path, *, url: str = "", force: bool = False
) -> Iterator[Made]:
    """Make the notebooks of these exercises of a course in a folder, one after the other.

    Each holds the student's file as it is now. A notebook whose cells were changed since it was
    made is kept as it is, or with `force` copied to the backups first. `url` is where a machine
    without the course fetches its zip. NotebookError and OSError pass.
    """
    texts = {
        exercise.name: notebook_text(course, exercise, _source(course, exercise), url)
        for exercise in map(course.exercise, names)
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        file = folder / f"{name}.ipynb"
        there = file.read_bytes() if file.exists() else None
        worked_in = there is not None and _is_worked_in(there)
        if there is not None and not (worked_in and force) and _holds_all(there, text):
            yield Made(file, "there")
        elif worked_in and not force:
            yield Made(file, "kept")
        else:
            backup = keep_copy(course.root, file.name, there) if worked_in and there else None
            write_whole(file, text)
            yield Made(file, "made", backup)


def notebook_text(course: Course, exercise: Exercise, source: str, url: str = "") -> str:
    """A notebook's file (format 4.5) for an exercise, whose file holds `source`."""
    path = f"{course.stubs.name}/{exercise.file_name}"
    words = {
        "exercise": exercise.name,
        "title": exercise.title,
        "about": _about(source, exercise.title),
        "path": path,
        "function": exercise.functions[0],
        "after": _after(course, exercise),
        "url": repr(url),
        "module": begin.__module__,
        "digest": digest_of(source),
    }
    cells = [
        _cell("about", "markdown", templates.ABOUT, words),
        _cell("set-up", "code", templates.SET_UP, words | {"first_line": SET_UP}) | _CLOSED,
        _cell("module", "code", "$text", {"text": writing_cell(path, source)}),
        _cell("checks", "code", templates.CHECKS, words | {"first_line": CHECKS}),
        _cell("next", "markdown", templates.NEXT, words),
    ]
    sources = ["".join(cell["source"]) for cell in cells]
    document = {
        "cells": cells,
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
            _METADATA: {"exercise": exercise.name, "made": _digest(sources)},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    # As Jupyter writes it, so that saving it there changes nothing else.
    return json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _source(course: Course, exercise: Exercise) -> str:
    """The student's file as it is now, with plain line ends."""
    file = course.stubs / exercise.file_name
    shown = f"{course.stubs.name}/{exercise.file_name}"
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise NotebookError(f"{shown} is missing: take it from the handout") from None
    except UnicodeDecodeError as error:
        raise NotebookError(
            f"{shown}: byte {error.start} is not UTF-8: save the file as UTF-8"
        ) from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _about(source: str, title: str) -> str:
    """The docstring of a module, which may be half written below it, without its title."""
    found = _DOCSTRING.match(source)
    if found is None:
        return ""
    try:
        text = inspect.cleandoc(str(ast.literal_eval(found["text"])))
    except (ValueError, SyntaxError):
        return ""
    text = text.removeprefix(f"{title}: ")
    return text[:1].upper() + text[1:]


def _after(course: Course, exercise: Exercise) -> str:
    """What comes after an exercise, in a line of Markdown."""
    names = course.graded().names
    later = names[names.index(exercise.name) + 1 :] if exercise.name in names else []
    if not later:
        return "All passed? That was the last exercise."
    return f"All passed? Go on with `{later[0]}.ipynb`."


def _cell(id: str, kind: str, template: str, words: Mapping[str, str]) -> dict[str, Any]:
    text = Template(template).substitute(words)
    cell: dict[str, Any] = {
        "cell_type": kind,
        "id": id,
        "metadata": {},
        "source": text.splitlines(keepends=True),
    }
    return cell | ({"execution_count": None, "outputs": []} if kind == "code" else {})


def _digest(sources: Sequence[str]) -> str:
    return hashlib.sha256(json.dumps(list(sources)).encode()).hexdigest()


def _sources(data: bytes) -> list[str] | None:
    """The text of all cells of a notebook on the student's own disk; None where it cannot be read.

    Empty cells are none: notebooks end in one that nobody wrote.
    """
    try:
        texts = ["".join(cell["source"]) for cell in json.loads(data)["cells"]]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return [text for text in texts if text.strip()]


def _is_worked_in(data: bytes) -> bool:
    """Whether a notebook's cells are no longer as they were made, as far as can be told."""
    sources = _sources(data)
    try:
        made = json.loads(data)["metadata"][_METADATA]["made"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return True
    return sources is None or bool(made != _digest(sources))


def _holds_all(there: bytes, text: str) -> bool:
    """Whether a notebook is as it would be made, or at least writes the same modules.

    What else the student did in it, and what its cells showed, is then left as it is.
    """
    before, after = _sources(there), _sources(text.encode())
    if before is None or after is None:
        return False
    return before == after or (_is_worked_in(there) and _modules(before) == _modules(after))


def _modules(sources: Sequence[str]) -> dict[str, str]:
    return {name: module.text for name, module in written_modules(sources).items()}
