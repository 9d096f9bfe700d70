"""Where things are in a student's own files, as a student finds them: `exercises/losses.py:5`."""

from __future__ import annotations

import ast
import functools
import importlib.util
import os
from dataclasses import dataclass
from pathlib import Path

from grader.course import Course, Exercise


def place_of(course: Course, exercise: Exercise, function: str) -> str:
    """Where a function is, as file:line; the file alone where the function is not to be found."""
    from grader.checking.source import line_of

    file = course.stubs / exercise.file_name
    try:
        line = line_of(source_of(file), function)
    except (OSError, ValueError, SyntaxError):
        line = None
    return f"{shown(file)}:{line}" if line else shown(file)


def about(course: Course, exercise: Exercise, function: str) -> str:
    """What a function is for: the first sentence of its docstring in the student's file."""
    try:
        module = ast.parse(source_of(course.stubs / exercise.file_name))
    except (OSError, ValueError, SyntaxError):
        return ""
    kinds = (ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef)
    found = [node for node in module.body if isinstance(node, kinds) and node.name == function]
    text = ast.get_docstring(found[-1]) if found else None
    return " ".join((text or "").partition("\n\n")[0].split())


@dataclass(frozen=True)
class OwnFiles:
    """The student's modules, by the names that the frames of their code give; no checks."""

    folder: Path

    def __contains__(self, name: object) -> bool:
        if not (isinstance(name, str) and name.endswith(".py")):
            return False  # <string>, say
        file = _resolved(name)
        return file.parent == self.folder and not file.name.startswith("test_")

    def shown(self, name: str) -> str:
        """The path from where the student stands."""
        return shown(_resolved(name))


def _resolved(name: str) -> Path:
    return _absolute(os.path.abspath(name))


@functools.cache  # asked of every function that a check may lead to
def _absolute(name: str) -> Path:
    return Path(name).resolve()


def source_of(file: Path) -> str:
    """The text of a Python file in the encoding that it declares."""
    return importlib.util.decode_source(file.read_bytes())


def shown(file: Path) -> str:
    """A path from where the student stands, where it is below."""
    try:
        return str(file.relative_to(Path.cwd()))
    except ValueError:
        return str(file)
