"""What of a solution can be changed at all: code that runs, and no annotation or error's text."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from grader.audit.text import Definition, children, name_of

_HIDDEN_FIELDS = {"annotation", "returns", "decorator_list", "bases", "type_params"}
_HIDDEN_NODES = (ast.Import, ast.ImportFrom, ast.Global, ast.Nonlocal, ast.JoinedStr)
_HIDDEN_CALLS = {"warn", "cast", "TypeVar", "ParamSpec", "NewType", "namedtuple", "getLogger"}


def changeable(tree: ast.Module) -> Iterator[tuple[str, ast.AST]]:
    """Each node that may be changed, in order, with the top-level name that it belongs to."""
    for statement in tree.body:
        if isinstance(statement, Definition):
            for node in visible(statement):
                yield statement.name, node
        elif isinstance(statement, (ast.Assign, ast.AnnAssign)) and statement.value is not None:
            target = statement.targets[0] if isinstance(statement, ast.Assign) else statement.target
            if (
                isinstance(target, ast.Name)
                and not _is_dunder(target)
                and _is_data(statement.value)
            ):
                for node in visible(statement.value):
                    yield target.id, node


def visible(node: ast.AST, told: frozenset[str] = frozenset()) -> Iterator[ast.AST]:
    """The node and what below it may be changed; `told` are names that only errors speak of."""
    yield node
    if isinstance(node, Definition):
        told |= _told(node)
    for field, child in children(node):
        if not _is_hidden(node, field, child, told):
            yield from visible(child, told)


def _is_hidden(node: ast.AST, field: str, child: ast.AST, told: frozenset[str]) -> bool:
    if field in _HIDDEN_FIELDS or isinstance(child, _HIDDEN_NODES):
        return True
    match node:
        case ast.Raise():
            return True
        case ast.ClassDef():
            return field == "keywords"
        case ast.Expr(value=ast.Constant()):  # a docstring, or "..."
            return True
        case ast.Assert() | ast.ExceptHandler():
            return field in ("msg", "type")
        case ast.Call(func=func):
            return name_of(func) in _HIDDEN_CALLS
        case ast.Assign(targets=[ast.Name(name)]):
            return name in told or _is_dunder(node.targets[0])
    return False


def _told(definition: Definition) -> frozenset[str]:
    """The names that a definition reads in `raise` statements and nowhere else."""
    raised: set[ast.AST] = set()
    for node in ast.walk(definition):
        if isinstance(node, ast.Raise):
            raised |= set(ast.walk(node))
    reads = [
        node
        for node in ast.walk(definition)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    ]
    told = {node.id for node in reads if node in raised}
    return frozenset(told - {node.id for node in reads if node not in raised})


def _is_dunder(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id.startswith("__") and node.id.endswith("__")


def _is_data(value: ast.expr) -> bool:
    """A value that is computed from constants, and no alias of a type such as `int | None`."""
    if isinstance(value, ast.BinOp):
        return not isinstance(value.op, ast.BitOr)
    return not isinstance(value, (ast.Subscript, ast.Name, ast.Attribute, ast.Lambda))
