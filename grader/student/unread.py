"""The checks of a file that is read and not imported, so that torch is not needed to count them.

Only a plain check file is taken: imports of well-known modules, constants, helper functions, and
checks under @points and hypothesis's own decorators. Of any other, importing it alone tells which
tests are in it.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

from grader.checking.check import check_of, points
from grader.course import Course, CourseError
from grader.outcome import Check

_DECORATORS = {
    ("grader.checking", "points"),
    ("hypothesis", "given"),
    ("hypothesis", "settings"),
    ("hypothesis", "example"),
}
_PACKAGES = (sys.stdlib_module_names - {"unittest"}) | {
    "grader",
    "hypothesis",
    "numpy",
    "torch",
    "torchvision",
}
_BEGINNINGS = ("test", "pytest", "__")  # in any case: of names that mean something to pytest
_FIXTURES = {"device", "drawn", "images"}  # of grader/plugin.py, beside one for each exercise
_BINDING = {"exec", "eval", "globals", "locals", "vars", "setattr", "__import__"}


class _Doubt(Exception):
    """The file is no plain check file."""


def checks_of(course: Course, file: Path) -> list[tuple[str, int, Check]] | None:
    """Name, line and check of each test that importing the file would give; None where in doubt."""
    exercise = file.stem.removeprefix("test_")
    if file.parent != course.stubs or exercise not in course.names:
        return None
    try:
        return list(_read(course, file, ast.parse(file.read_bytes())))
    except (OSError, ValueError, SyntaxError, CourseError, _Doubt):
        return None


def _read(course: Course, file: Path, tree: ast.Module) -> Iterator[tuple[str, int, Check]]:
    if any(_binds_unseen(node) for node in ast.walk(tree)):
        raise _Doubt
    origins: dict[str, tuple[str, str]] = {}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test"):
            _note(origins, [(node.name, ("", ""))], is_test=True)
            yield node.name, node.lineno, _check(course, file, node, origins)
        else:
            _note(origins, list(_bound_by(node)))


def _binds_unseen(node: ast.AST) -> bool:
    """Whether a node may give a module a name in another way than by a statement of its own."""
    return isinstance(node, ast.NamedExpr) or (isinstance(node, ast.Name) and node.id in _BINDING)


def _note(
    origins: dict[str, tuple[str, str]],
    bound: list[tuple[str, tuple[str, str]]],
    is_test: bool = False,
) -> None:
    for name, origin in bound:
        if name in origins or (name.lower().startswith(_BEGINNINGS) and not is_test):
            raise _Doubt
        origins[name] = origin


def _bound_by(node: ast.stmt) -> Iterator[tuple[str, tuple[str, str]]]:
    """The names that a statement of a plain check file binds, with what they are imported from."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        for alias in node.names:
            module = node.module or "" if isinstance(node, ast.ImportFrom) else alias.name
            if module.split(".")[0] not in _PACKAGES or alias.name == "*":
                raise _Doubt
            yield alias.asname or alias.name.split(".")[0], (module, alias.name)
    elif isinstance(node, ast.Assign):
        for target in node.targets:
            names = target.elts if isinstance(target, ast.Tuple) else [target]
            yield from ((_name(name), ("", "")) for name in names)
    elif isinstance(node, ast.AnnAssign):
        yield _name(node.target), ("", "")
    elif isinstance(node, ast.FunctionDef):
        yield node.name, ("", "")
    elif not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
        raise _Doubt


def _name(node: ast.expr) -> str:
    if not isinstance(node, ast.Name):
        raise _Doubt
    return node.id


def _check(
    course: Course, file: Path, node: ast.FunctionDef, origins: dict[str, tuple[str, str]]
) -> Check:
    """The check that a test is, found as an imported one's is, of a function that is like it."""

    def like() -> None: ...

    like.__doc__ = ast.get_docstring(node, clean=False)
    drawn: set[str] = set()
    for decorator in node.decorator_list:
        if not isinstance(decorator, ast.Call):
            raise _Doubt
        origin = origins.get(_name(decorator.func))
        if origin not in _DECORATORS:
            raise _Doubt
        if origin[1] == "points":
            if decorator.keywords or len(decorator.args) != 1:
                raise _Doubt
            points(ast.literal_eval(decorator.args[0]))(like)
        elif origin[1] == "given":
            named = {keyword.arg for keyword in decorator.keywords}
            if decorator.args or None in named:
                raise _Doubt
            drawn |= {name for name in named if name}
    arguments = node.args
    fixtures = {argument.arg for argument in (*arguments.args, *arguments.kwonlyargs)} - drawn
    odd = arguments.posonlyargs or arguments.vararg or arguments.kwarg or arguments.defaults
    makes = any(isinstance(inner, ast.Yield | ast.YieldFrom) for inner in ast.walk(node))
    if odd or makes or not fixtures <= {*course.names, *_FIXTURES}:
        raise _Doubt
    check = check_of(course, file, node.name, like)
    if check is None:
        raise _Doubt
    return check
