"""Changes of whole statements: left out, or a loop, a decorator or a `with` that does nothing."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from grader.audit.text import Change, Function, Text, name_of

_PART_OF_A_DEFINITION = set(  # that would only break it
    "contextmanager dataclass property staticmethod classmethod abstractmethod overload".split()
)


def dropped_statements(text: Text, node: ast.AST) -> Iterator[Change]:
    """A statement → `pass`, and `return x` → `return None`."""
    if (
        not isinstance(node, ast.stmt)
        or text.function_around(node) is None
        or _is_covered(text, node)
    ):
        return
    match node:
        case ast.Return(value=ast.expr() as value):
            if not (isinstance(value, ast.Constant) and value.value is None):
                yield Change("dropped statement", *text.outer(value), "None")
            return
        case ast.Expr(value=ast.Call(func=func)):
            worth = ast.unparse(func) != "super().__init__"
        case ast.Assign(targets=targets):
            worth = all(_is_there_without(text, node, target) for target in targets)
        case ast.AnnAssign(value=ast.expr(), target=target):
            worth = _is_there_without(text, node, target)
        case _:
            kinds = (ast.AugAssign, ast.Raise, ast.Assert, ast.Delete, ast.Break, ast.Continue)
            worth = isinstance(node, kinds)
    if worth:
        yield Change("dropped statement", text.start(node), text.end(node), "pass")


def _is_covered(text: Text, node: ast.stmt) -> bool:
    """Is this all that an `if` or a loop does? Then a condition that is False says the same."""
    match text.place(node):
        case (ast.If(body=[_], orelse=[]) | ast.For(body=[_]) | ast.While(body=[_]), "body"):
            return True
        case (ast.If(test=ast.Compare(ops=[ast.NotIn()])), "body"):
            return isinstance(node, ast.Assign)  # what is not there yet: without it, a KeyError
    return False


def _is_there_without(text: Text, statement: ast.stmt, target: ast.expr) -> bool:
    """Is there something under this name without the assignment, so that the code goes on?"""
    function = text.function_around(statement)
    assert function is not None
    match target:
        case ast.Name(name):
            return name in _bound_before(function, statement)
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            return all(_is_there_without(text, statement, part) for part in parts)
        case ast.Starred(value=inner):
            return _is_there_without(text, statement, inner)
        case ast.Attribute():
            return function.name != "__init__"
    return True


def _bound_before(function: Function, statement: ast.stmt) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(function):
        match node:
            case ast.arg(arg=name):
                names.add(name)
            case ast.Global(names=several) | ast.Nonlocal(names=several):
                names |= set(several)
            case ast.Name(id=name, ctx=ast.Store()):
                if (node.lineno, node.col_offset) < (statement.lineno, statement.col_offset):
                    names.add(name)
    return names


def errors(text: Text, node: ast.AST) -> Iterator[Change]:
    """`raise ValueError(…)` → `raise Exception(…)`."""
    match node:
        case (
            ast.Raise(exc=ast.Call(func=ast.Name(name) as kind))
            | ast.Raise(exc=ast.Name(name) as kind)
        ) if name.endswith("Error"):
            yield Change("error", text.start(kind), text.end(kind), "Exception")


def contexts(text: Text, node: ast.AST) -> Iterator[Change]:
    """`with torch.no_grad():` → `if True:`, also of any other context that gets no name."""
    if isinstance(node, ast.With) and all(item.optional_vars is None for item in node.items):
        colon = text.before(text.start(node.body[0]), ":")
        yield Change("dropped context", text.start(node), colon, "if True")


def decorators(text: Text, node: ast.AST) -> Iterator[Change]:
    """A decorator less."""
    if not isinstance(node, Function):
        return
    for index, decorator in enumerate(node.decorator_list):
        called = decorator.func if isinstance(decorator, ast.Call) else decorator
        if name_of(called) in _PART_OF_A_DEFINITION:
            continue
        following = [text.before(text.start(d), "@") for d in node.decorator_list[index + 1 :]]
        end = min([*following, text.start(node)])
        yield Change("dropped decorator", text.before(text.start(decorator), "@"), end, "")


def loops(text: Text, node: ast.AST) -> Iterator[Change]:
    """A loop over nothing, over the first alone, and over `range(n - 1)` in place of `range(n)`."""
    if not isinstance(node, (ast.For, ast.comprehension)):
        return
    start, end = text.outer(node.iter)
    yield Change("loop", start, end, "[]")
    match node.iter:
        case ast.Call(func=ast.Name("range"), args=args):
            stop = args[min(1, len(args) - 1)]
            if not any(isinstance(part, ast.Constant) for part in ast.walk(stop)):
                yield Change("loop", *text.outer(stop), f"{text.operand(stop)} - 1")
        case _:
            whole = text.of(node.iter)
            if isinstance(node.iter, ast.Tuple) and _is_bare(text, node.iter):
                whole = f"({whole})"
            yield Change("loop", start, end, f"list({whole})[:1]")


def _is_bare(text: Text, row: ast.Tuple) -> bool:
    """Is this a tuple without parentheses?"""
    return bool(row.elts) and text.outer(row.elts[0])[0] == text.start(row)
