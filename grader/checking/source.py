"""Reads a student's source without running it: where a function is, what forbidden names it uses.

This gives the early, friendly message of `pytest exercises`. In grading the names do not matter:
there torch itself refuses (see grader/sandbox/refuse.py).
"""

from __future__ import annotations

import ast
import functools
import io
from collections.abc import Iterator, Sequence

from grader.checking import source_autograd

Use = tuple[str, int, str]
_OTHER_NAMES = {  # of what a forbidden name covers, all without underscores
    "bceloss": "binarycrossentropy",
    "bcewithlogitsloss": "binarycrossentropywithlogits",
    "lazylinear": "linear",
    "expit": "sigmoid",
    "softmax2d": "softmax",
    "softmin": "softmax",
    "gumbelsoftmax": "softmax",
}
_METHODS = ("sigmoid", "tanh", "relu", "prelu", "softmax", "log_softmax", "logsumexp")


def line_of(source: str, function: str) -> int | None:
    """The line on which a function or class of a module begins; None where there is none."""
    node = _definitions(ast.parse(source)).get(function)
    return node.lineno if node else None


def forbidden_uses(source: str, function: str, forbidden: Sequence[str]) -> list[Use]:
    """What is forbidden and named in a function, or in what it calls of its own module.

    Each use is (its full name in torch, line, the line's text). A SyntaxError passes.
    """
    return list(_uses(source, function, tuple(forbidden))) if forbidden else []


@functools.lru_cache(maxsize=16)  # a check asks of one source as often as it has examples
def _uses(source: str, function: str, forbidden: tuple[str, ...]) -> list[Use]:
    tree = ast.parse(source)
    names, definitions = _imported_names(tree), _definitions(tree)
    lines = io.StringIO(source, newline=None).readlines()  # as Python counts them
    things = [thing for thing in forbidden if thing != source_autograd.NAME]
    own = _own_methods(tree)
    uses = []
    for node in _reachable(function, definitions):
        if source_autograd.NAME in forbidden:
            found = source_autograd.autograd_uses(node, tree, lambda part: _full_name(part, names))
            uses += [(name, line, lines[line - 1].strip()) for name, line in found]
        for part in ast.walk(node):
            full = _full_name(part, names) or _method(part, names, own)
            if full is not None and any(_covers(thing, full) for thing in things):
                line = getattr(part, "lineno", 0)
                uses.append((full, line, lines[line - 1].strip()))
    return _longest(uses)


def _definitions(tree: ast.Module) -> dict[str, ast.stmt]:
    kinds = (ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef)
    return {node.name: node for node in tree.body if isinstance(node, kinds)}


def _imported_names(tree: ast.Module) -> dict[str, str]:
    """Local names to full dotted names, for everything imported anywhere in the module."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                first = alias.name.split(".")[0]
                names[alias.asname or first] = alias.name if alias.asname else first
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                names[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return names


def _reachable(function: str, definitions: dict[str, ast.stmt]) -> Iterator[ast.stmt]:
    waiting, seen = [function], {function}
    while waiting:
        node = definitions.get(waiting.pop())
        if node is None:
            continue
        yield node
        for part in ast.walk(node):
            if isinstance(part, ast.Name) and part.id in definitions and part.id not in seen:
                seen.add(part.id)
                waiting.append(part.id)


def _full_name(node: ast.AST, names: dict[str, str]) -> str | None:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name) or node.id not in names:
        return None
    return ".".join([names[node.id], *reversed(parts)])


def _method(node: ast.AST, names: dict[str, str], own: set[str]) -> str | None:
    """`x.relu()`, on any object that is not imported or of the student's own class."""
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id="self" | "cls"))):
            return None
        case ast.Call(func=ast.Attribute(attr=name) as function) if name not in own:
            is_known = name.removesuffix("_") in _METHODS and _full_name(function, names) is None
            return f"torch.Tensor.{name}" if is_known else None
    return None


def _own_methods(tree: ast.Module) -> set[str]:
    classes = (node for node in ast.walk(tree) if isinstance(node, ast.ClassDef))
    return {part.name for one in classes for part in one.body if isinstance(part, ast.FunctionDef)}


def _covers(thing: str, full: str) -> bool:
    if not full.startswith("torch"):
        return False
    if "." in thing:
        dotted = thing if thing.startswith("torch.") else f"torch.{thing}"
        return full == dotted or full.startswith(dotted + ".")
    last = full.rsplit(".", 1)[-1].replace("_", "").lower()
    last = _OTHER_NAMES.get(last, last)
    wanted = thing.replace("_", "").lower()
    return last in (wanted, wanted + "loss", wanted.removesuffix("loss") + "loss")


def _longest(uses: list[Use]) -> list[Use]:
    """One use a line and name: `torch.optim.SGD` rather than also `torch.optim`."""
    kept: list[Use] = []
    for use in sorted(uses, key=lambda use: (use[1], -len(use[0]))):
        if not any(other[1] == use[1] and other[0].startswith(use[0]) for other in kept):
            kept.append(use)
    return kept
