"""What a student writes next: which functions are still stubs, and which of them come first.

Read from the source alone: nothing of the student's runs, and nothing here imports torch.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from grader.course import Course, Exercise
from grader.student.places import shown, source_of

_Function = ast.FunctionDef | ast.AsyncFunctionDef
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_Seen = set[tuple[str, str]]  # modules and names that a search has been to


@dataclass(frozen=True)
class Unwritten:
    """A function or method, `train_step` or `SGD.update`, that is still a stub."""

    exercise: str
    name: str
    file: Path
    line: int

    @property
    def place(self) -> str:
        """Its file and line, as a student finds it."""
        return f"{shown(self.file)}:{self.line}"

    @property
    def function(self) -> str:
        """The function or class that course.toml knows it by, if it knows it."""
        return self.name.partition(".")[0]


class ToWrite:
    """The stubs of a course, as its files are when they are first looked at.

    `trees` are those of files that have been read already, by exercise.
    """

    def __init__(self, course: Course, trees: Mapping[str, ast.Module] | None = None) -> None:
        self._course = course
        self._modules: dict[str, _Module | None] = {
            name: _Module(name, _file(course, name), tree) for name, tree in (trees or {}).items()
        }

    def first(self, exercise: str, function: str) -> Unwritten | None:
        """The first that is to be written for a function to work: what it calls or inherits comes
        before itself. None where all of it is written, or its file cannot be read."""
        return self._first(exercise, function, set())

    def earlier(self, exercise: Exercise) -> Unwritten | None:
        """The first that is to be written of the exercises that this one builds on."""
        needed = _with_theirs(self._course, exercise)
        for other in self._course.exercises:
            if other.name in needed:
                found = (self.first(other.name, function) for function in other.functions)
                stub = next(filter(None, found), None)
                if stub is not None:
                    return stub
        return None

    def _first(self, module_name: str, name: str, seen: _Seen) -> Unwritten | None:
        module = self._module(module_name)
        if module is None or (module_name, name) in seen:
            return None
        seen.add((module_name, name))
        node = module.definitions.get(name)
        if node is None:
            return self._first(*module.imported[name], seen) if name in module.imported else None
        inherited = self._inherited(module, node) if isinstance(node, ast.ClassDef) else None
        if inherited is not None:
            return inherited
        for used in module.used_by(node):
            found = self._first(*used, seen)
            if found is not None:
                return found
        return next(module.stubs(node), None)

    def _inherited(self, module: _Module, node: ast.ClassDef) -> Unwritten | None:
        """The first unwritten method of a base that the class has not written itself."""
        own = {method.name: method for method in _methods(node)}
        for base in node.bases:
            for other, name in module.named(base):
                where = self._module(other)
                found = where and where.definitions.get(name)
                if where is None or not isinstance(found, ast.ClassDef):
                    continue
                for stub in where.stubs(found):
                    mine = own.get(stub.name.rpartition(".")[2])
                    if mine is None or _is_stub(mine) or _calls_super(mine):
                        return stub
        return None

    def _module(self, name: str) -> _Module | None:
        if name not in self._modules:
            file = _file(self._course, name)
            try:
                self._modules[name] = _Module(name, file, ast.parse(source_of(file)))
            except (OSError, ValueError, SyntaxError, RecursionError, MemoryError):
                self._modules[name] = None
        return self._modules[name]


class _Module:
    """One of the student's files."""

    def __init__(self, name: str, file: Path, tree: ast.Module) -> None:
        self.name, self.file = name, file
        self.definitions = {node.name: node for node in tree.body if isinstance(node, _DEFINITIONS)}
        self.imported: dict[str, tuple[str, str]] = {}  # local names of what is in other modules
        self._aliases: dict[str, str] = {}  # local names of other modules
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module:
                for alias in node.names:
                    self.imported[alias.asname or alias.name] = node.module, alias.name
            elif isinstance(node, ast.Import):
                self._aliases |= {alias.asname or alias.name: alias.name for alias in node.names}

    def stubs(self, node: ast.stmt) -> Iterator[Unwritten]:
        """A function that is a stub, or the methods of a class that are, in their order."""
        if isinstance(node, ast.ClassDef):
            for method in _methods(node):
                if _is_stub(method):
                    yield self._unwritten(f"{node.name}.{method.name}", method)
        elif isinstance(node, _Function) and _is_stub(node):
            yield self._unwritten(node.name, node)

    def used_by(self, node: ast.stmt) -> Iterator[tuple[str, str]]:
        """The modules and names that the statements of a function or class mention, in order."""
        body = (part for statement in _body(node) for part in ast.walk(statement))
        mentions = (part for part in body if isinstance(part, ast.Name | ast.Attribute))
        for part in sorted(mentions, key=lambda part: (part.lineno, part.col_offset)):
            yield from self.named(part)

    def named(self, part: ast.expr) -> Iterator[tuple[str, str]]:
        """The module and the name that an expression stands for, if it may be a student's."""
        match part:
            case ast.Name(id=name) if name in self.definitions:
                yield self.name, name
            case ast.Name(id=name) if name in self.imported:
                yield self.imported[name]
            case ast.Attribute(value=ast.Name(id=alias), attr=name) if alias in self._aliases:
                yield self._aliases[alias], name

    def _unwritten(self, name: str, node: _Function) -> Unwritten:
        return Unwritten(self.name, name, self.file, node.lineno)


def _file(course: Course, name: str) -> Path:
    return course.stubs / f"{name}.py"


def _with_theirs(course: Course, exercise: Exercise) -> set[str]:
    """The exercises that one requires, and those that they require in turn."""
    needed = set(exercise.requires)
    for name in exercise.requires:
        needed |= _with_theirs(course, course.exercise(name))
    return needed


def _methods(node: ast.ClassDef) -> list[_Function]:
    return [part for part in node.body if isinstance(part, _Function)]


def _body(node: ast.stmt) -> list[ast.stmt]:
    """The statements that run when a function, or a method of a class, does."""
    if isinstance(node, ast.ClassDef):
        return [statement for method in _methods(node) for statement in method.body]
    return node.body if isinstance(node, _Function) else []


def _calls_super(method: _Function) -> bool:
    """Whether a method calls the one of its name that it stands for."""
    for part in ast.walk(method):
        match part:
            case ast.Attribute(value=ast.Call(func=ast.Name(id="super")), attr=name):
                if name == method.name:
                    return True
    return False


def _is_stub(node: _Function) -> bool:
    """Whether a function does nothing but raise what stubs raise."""
    body = node.body[1:] if ast.get_docstring(node, clean=False) is not None else node.body
    match body:
        case [
            ast.Raise(
                exc=ast.Call(
                    func=ast.Name(id="NotImplementedError"), args=[ast.Constant(value=str(text))]
                )
            )
        ]:
            return text.startswith("TODO")
    return False
