"""What the verdicts of an exercise rest on, piece by piece: so that what still holds is kept.

A digest here is of what Python runs: comments, blank lines and docstrings that nobody reads are in
none. What a check asks and expects is known only where it has run: the examiner adds that.
"""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from grader.course import Course, Exercise
from grader.parts import bound_by, helpers, reaches
from grader.siblings import sources_of

# A source that mentions one of these may read itself, its comments and line numbers included.
_READ_THEMSELVES = (b"__doc__", b"__file__", b"inspect", b"linecache", b"traceback", b"lineno")
# What pytest, or Python, looks for in a module by its name.
_LOOKED_FOR = ("pytest", "setup", "teardown", "__getattr__")
_PACKAGE = "grader.misconceptions"
_EVERY = "*"  # stands for all functions, where nothing says which
_DIGEST = 16  # hexadecimal digits


@dataclass(frozen=True)
class Grounds:
    """Digests of what the verdicts of one exercise rest on.

    `everything` is all of it. `settings` are those of course.toml that all checks share; `rules`,
    by function, what it forbids, and `mistakes` its known mistakes. `checks` are the test functions
    by id, in order, with all that they need, but without title and points. `asked` is what each
    check asks and expects, as the examiner found.
    """

    everything: str
    settings: str
    rules: Mapping[str, str]
    mistakes: Mapping[str, str]
    checks: Mapping[str, str]
    asked: Mapping[str, str] = field(default_factory=dict)

    def as_data(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def read(data: Mapping[str, Any]) -> Grounds:
        """TypeError where it is no such data."""
        return Grounds(**data)

    def checks_of(self, function: str, exercise: Exercise) -> list[tuple[str, str]]:
        """The checks of one function with their digests, in order."""
        found = []
        for id, digest in self.checks.items():
            if exercise.function_of(id.partition("/")[2]) == function:
                found.append((id, digest))
        return found


def grounds_of(course: Course, name: str) -> Grounds:
    """The grounds of one exercise, without what its checks ask; OSError where a file is missing."""
    exercise = course.exercise(name)
    alone = course.only([name])
    settings = _digest([json.dumps([asdict(course.limits), exercise.functions])])
    shared = [_told(file.read_bytes()) for file in helpers(alone)]
    sources = {
        file.relative_to(course.root).as_posix(): file.read_bytes() for file in alone.check_files()
    }
    everything = [settings, f"{exercise.points!r}", *shared]
    for place, source in sources.items():
        everything += [place, _told(source, is_checks=True)]
    for file, source in sources_of(course.solutions, [name]).items():
        everything += [file, _told(source)]
    mistakes = _mistakes(alone, exercise)
    rules = {one: _digest(exercise.forbidden.get(one, ())) for one in exercise.functions}
    checks = {
        f"{name}/{function}": _digest([*shared, told])
        for source in sources.values()
        for function, told in _checks(source)
    }
    everything += [json.dumps([rules, mistakes])]
    return Grounds(_digest(everything), settings, rules, mistakes, checks)


def _checks(source: bytes) -> Iterator[tuple[str, str]]:
    """Each test function of a module, with all that it needs there and what holds for all."""
    tree = _parsed(source)
    if tree is None:
        return
    common = "\n".join(ast.dump(one) for one in _for_all(tree))
    for function, reached in reaches(tree):
        if function.startswith("test_"):
            told = [ast.dump(_without_points(one)) for one in reached]
            yield function, "\n".join([common, *told])


def _for_all(tree: ast.Module) -> Iterator[ast.stmt]:
    """The statements that nothing need mention to be touched by them."""
    for statement in tree.body:
        binds = isinstance(
            statement,
            ast.FunctionDef
            | ast.AsyncFunctionDef
            | ast.ClassDef
            | ast.Import
            | ast.ImportFrom
            | ast.Assign
            | ast.AnnAssign,
        )
        names = list(bound_by(statement)) if binds else []
        looked_for = any(name.startswith(_LOOKED_FOR) or name == "*" for name in names)
        is_text = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        if (not names and not is_text) or looked_for or "autouse" in ast.dump(statement):
            yield statement


def _without_points(statement: ast.stmt) -> ast.stmt:
    """A test function without what it is worth, which is shown of it alone."""
    if not isinstance(statement, ast.FunctionDef) or not statement.name.startswith("test_"):
        return statement
    decorators = [one for one in statement.decorator_list if not _is_points(one)]
    return ast.FunctionDef(**{**dict(ast.iter_fields(statement)), "decorator_list": decorators})


def _is_points(decorator: ast.expr) -> bool:
    """Whether it is `@points(…)` with a number, which is looked at by nothing but a grade."""
    match decorator:
        case ast.Call(func=ast.Name(id="points"), args=[ast.Constant()], keywords=[]):
            return True
    return False


# known mistakes


def _mistakes(course: Course, exercise: Exercise) -> dict[str, str]:
    """Of each function a digest of its known mistakes, in their order."""
    found: dict[str, list[str]] = {function: [] for function in (*exercise.functions, _EVERY)}
    trees = {}
    for file in course.misconception_files():
        source = file.read_bytes()
        trees[file] = _parsed(source)
        if trees[file] is None:
            found[_EVERY].append(_told(source))
    imported = {name for tree in trees.values() if tree is not None for name in _imports(tree)}
    for file, tree in trees.items():
        if tree is None:
            continue
        declared = dict(_declared(tree))
        if _stem(file) in imported or None in declared.values():
            found[_EVERY].append(ast.dump(tree))
            continue
        found[_EVERY] += [ast.dump(one) for one in _for_all(tree)]
        for name, reached in reaches(tree):
            of = declared.get(name)
            if of is not None:
                told = "\n".join(map(ast.dump, reached))
                found[of if of in found else _EVERY].append(told)
    return {name: _digest([*found[_EVERY], *found[name]]) for name in exercise.functions}


def _declared(tree: ast.Module) -> Iterator[tuple[str, str | None]]:
    """The known mistakes of a module, and of which function each is; None where that is not said
    in so many words."""
    for statement in tree.body:
        for decorator in getattr(statement, "decorator_list", []):
            if "misconception" not in ast.dump(decorator):
                continue
            of: str | None = None
            match decorator:
                case ast.Call(func=ast.Name(id="misconception"), args=args, keywords=keywords):
                    given = [one.value for one in keywords if one.arg == "of"] or args[:1]
                    match given:
                        case [ast.Constant(value=str(said))]:
                            of = said
            yield getattr(statement, "name", ""), of


def _imports(tree: ast.Module) -> Iterator[str]:
    """The names of this package's modules that one may import, and what it takes from them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names if alias.name.startswith(_PACKAGE)]
            yield from (name.rpartition(".")[2] for name in names)
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            if node.level or module.startswith(_PACKAGE):
                yield module.rpartition(".")[2]
                yield from (alias.name for alias in node.names)


def _stem(file: Path) -> str:
    return file.parent.name if file.name == "__init__.py" else file.stem


# sources as Python runs them


def _told(source: bytes, is_checks: bool = False) -> str:
    """All of a module but its comments and docstrings; the titles of checks are read."""
    tree = _parsed(source, keep=(lambda name: name.startswith("test_")) if is_checks else None)
    return source.hex() if tree is None else ast.dump(tree)


def _parsed(source: bytes, keep: Callable[[str], bool] | None = None) -> ast.Module | None:
    """A module without docstrings but those of functions to `keep`; None where it cannot be told
    from its comments, or is no Python."""
    if any(word in source for word in _READ_THEMSELVES):
        return None
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return None
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            if keep is None or not keep(getattr(node, "name", "")):
                node.body = _without_docstring(node.body)
    return tree


def _without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    match body:
        case [ast.Expr(value=ast.Constant(value=str())), *rest]:
            return rest
    return body


def _digest(parts: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(f"{len(part)}\n{part}".encode("utf-8", "backslashreplace"))
    return digest.hexdigest()[:_DIGEST]
