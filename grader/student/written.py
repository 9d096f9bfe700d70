"""What a student has written so far, read from the file of an exercise without running it."""

from __future__ import annotations

import ast
import functools
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from grader.course import Course, Exercise
from grader.student.pristine import definitions_to_write

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


@dataclass(frozen=True)
class Written:
    """The file of an exercise as it was read; `unread` says why it could not be."""

    file: Path
    content: bytes
    unread: str | None = None

    @staticmethod
    def read(course: Course, exercise: Exercise) -> Written:
        """The file of an exercise as it lies there; one that is missing or cannot be read is told,
        not raised."""
        return Written.of(course.stubs / exercise.file_name)

    @staticmethod
    def of(file: Path) -> Written:
        """A file as it lies there."""
        try:
            return Written(file, file.read_bytes())
        except FileNotFoundError:
            return Written(file, b"", "is missing")
        except OSError as error:
            return Written(file, b"", f"cannot be read: {error.strerror}")

    @property
    def problem(self) -> str | None:
        """Why nothing can be said of what is in it; None where it is Python."""
        return self.unread or self._parsed[1]

    @property
    def problem_line(self) -> int | None:
        """The line on which the file ceases to be Python."""
        return self._parsed[2]

    @property
    def tree(self) -> ast.Module:
        """The source parsed; a module with nothing in it where that cannot be done."""
        return self._parsed[0]

    @functools.cached_property
    def _parsed(self) -> tuple[ast.Module, str | None, int | None]:
        try:
            return ast.parse(self.content), None, None
        except SyntaxError as error:
            return ast.parse(""), f"{type(error).__name__}: {error.msg}", error.lineno
        except (ValueError, RecursionError, MemoryError) as error:  # null bytes, deep nesting
            return ast.parse(""), f"{type(error).__name__}: {error}", None

    @functools.cached_property
    def definitions(self) -> dict[str, ast.stmt]:
        """The functions and classes at the top level; of several of one name the last, as Python
        has it."""
        return {node.name: node for node in self.tree.body if isinstance(node, _DEFINITIONS)}

    def line_of(self, function: str) -> int | None:
        """The line on which a function or class begins; None where there is none."""
        node = self.definitions.get(function)
        return node.lineno if node else None

    def binds(self, name: str) -> bool:
        """Whether the module gives the name a value at all: by `def`, `=` or `import`."""
        return name in self._bound or "*" in self._bound

    @functools.cached_property
    def _bound(self) -> set[str]:
        """All names that are given a value anywhere in the module."""
        bound: set[str] = set()
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                bound.add(node.id)
            elif isinstance(node, ast.Import | ast.ImportFrom):
                bound |= {alias.asname or alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, _DEFINITIONS):
                bound.add(node.name)
        return bound

    def is_to_write(self, function: str) -> bool:
        """Whether something in a function or class is still a stub."""
        return function in self._to_write

    def others_to_write(self, exercise: Exercise) -> list[str]:
        """Stubs that are none of the exercise's functions, such as a class that they build on."""
        return [name for name in self._to_write if name not in exercise.functions]

    @functools.cached_property
    def _to_write(self) -> dict[str, ast.stmt]:
        return definitions_to_write(self.tree)

    def digest_of(self, function: str) -> str:
        """Of all that decides how a function behaves, as far as this file does: the function, what
        it names, and what stands outside of functions. Comments and layout do not count."""
        if self.problem is not None:
            return hashlib.sha256(self.content).hexdigest()
        others = [node for node in self.tree.body if not isinstance(node, _DEFINITIONS)]
        names = self._reached([function, *_names_in(others)])
        parts = [ast.dump(node) for node in others]
        parts += [ast.dump(self.definitions[name]) for name in sorted(names)]
        return hashlib.sha256("\n".join([function, *parts]).encode()).hexdigest()

    def _reached(self, names: Iterable[str]) -> list[str]:
        """The definitions that these names lead to, directly or through one another."""
        found: list[str] = []
        waiting = list(names)
        while waiting:
            name = waiting.pop(0)
            if name in self.definitions and name not in found:
                found.append(name)
                waiting += _names_in([self.definitions[name]])
        return found


def _names_in(nodes: Iterable[ast.stmt]) -> Iterator[str]:
    for node in nodes:
        for part in ast.walk(node):
            if isinstance(part, ast.Name):
                yield part.id
