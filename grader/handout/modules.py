"""Which modules of the grader a student needs: found by following imports, kept in no list.

Nothing is imported here: what is in a handout follows from the source alone.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterable, Iterator
from pathlib import Path

from grader.commands import STUDENTS

PACKAGE = Path(__file__).parent.parent
NAME = PACKAGE.name
# pytest loads the plugin by its entry point, the console script is the command, and `grader watch`
# starts a process of its own.
ENTRY_POINTS = (f"{NAME}.plugin", f"{NAME}.cli", f"{NAME}.watch.warm")


def students_modules(sources: Iterable[ast.Module]) -> dict[str, Path]:
    """The file of every module of the grader that students' code can come to import.

    That is what pytest loads, what the students' commands are in, and what the `sources`, such as
    public checks, import; and then all that these import in turn, at their top or in a function.
    """
    waiting = [*ENTRY_POINTS, *(f"{NAME}.commands.{room}" for room in STUDENTS)]
    for source in sources:
        waiting += imported_by(source)
    found: dict[str, Path] = {}
    while waiting:
        module = waiting.pop()
        file = _file_of(module)
        if file is None or module in found:
            continue
        found[module] = file
        waiting.append(module.rpartition(".")[0])
        waiting += _imports_of(file)
    return dict(sorted(found.items()))


def files_beside(modules: Iterable[Path]) -> Iterator[Path]:
    """What is no source and still belongs to these modules, such as a template.

    A module names such files in a constant `FILES`, as places in the grader's package.
    """
    for module in modules:
        for statement in ast.parse(module.read_bytes()).body:
            if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == "FILES":
                yield from (PACKAGE / name for name in ast.literal_eval(statement.value))


def imported_by(node: ast.AST) -> Iterator[str]:
    """What a piece of source imports, as dotted names; `from a import b` may mean a or a.b.

    What only a type checker reads (`if TYPE_CHECKING:`) is not imported.
    """
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
        yield node.module
        yield from (f"{node.module}.{alias.name}" for alias in node.names)
    elif isinstance(node, ast.If) and _is_for_type_checkers(node.test):
        for other in node.orelse:
            yield from imported_by(other)
    else:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.stmt | ast.ExceptHandler | ast.match_case):  # no expressions
                yield from imported_by(child)


@functools.cache  # the grader does not change while it runs
def _imports_of(file: Path) -> tuple[str, ...]:
    return tuple(imported_by(ast.parse(file.read_bytes())))


def _is_for_type_checkers(test: ast.expr) -> bool:
    return ast.unparse(test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING")


def _file_of(module: str) -> Path | None:
    """Where a module of the grader is; None for the modules of others, and for other names."""
    top, *rest = module.split(".")
    if top != NAME:
        return None
    place = PACKAGE.joinpath(*rest)
    files = (place / "__init__.py", place.with_suffix(".py"))
    return next((file for file in files if file.is_file()), None)
