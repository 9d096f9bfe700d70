"""Changes of the dimension along which something is computed."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from grader.audit.text import Change, Text, is_library, is_of_self, name_of

# Methods and functions of torch whose first argument, besides the tensor, is a dimension.
_ALONG = set(
    """sum mean prod std var median norm softmax log_softmax logsumexp cumsum cumprod argmax argmin
    max min amax amin any all unsqueeze squeeze flatten gather scatter index_select select narrow
    size unbind Softmax LogSoftmax Flatten stack cat concat""".split()
)
_BETWEEN = {"movedim", "moveaxis", "transpose", "swapaxes", "swapdims", "permute"}
_KEYWORDS = {"dim", "axis", "dim0", "dim1", "start_dim", "end_dim"}
# Those of them that do something else, and not nothing, without a dimension.
_OPTIONAL = set(
    "sum mean prod std var norm argmax argmin amax amin any all squeeze flatten stack cat".split()
)


def dimensions(text: Text, node: ast.AST) -> Iterator[Change]:
    """`x.sum(-1)` → `x.sum(0)` and `x.sum(1)`; `x.shape[0]` → `x.shape[1]` and `x.shape[-1]`."""
    if not is_dimension(text, node):
        return
    value = _integer(node)
    assert value is not None
    near = [value - 1 if value > 0 else value + 1]
    for other in [-1, 0, 1] if value in (-1, 0, 1) else near:
        if other != value:
            yield Change("dim", text.start(node), text.end(node), str(other))


def is_dimension(text: Text, node: ast.AST) -> bool:
    """Is this a whole number, written out, that says along which dimension?"""
    if _integer(node) is None:
        return False
    match text.parent(node):
        case ast.keyword(arg=name):
            return name in _KEYWORDS
        case ast.Subscript(value=ast.Attribute(attr="shape")):
            return True
        case ast.Call() as call if node in call.args and not is_of_self(call):
            first = _first_of(call)
            name = name_of(call.func)
            if name in _BETWEEN:
                return call.args.index(node) >= first
            return name in _ALONG and call.args[first : first + 1] == [node]
    return False


def without_dimension(call: ast.Call) -> bool:
    """Does the call end in a dimension that it could do without?"""
    if not isinstance(call.func, ast.Attribute) or is_of_self(call):
        return False
    return call.func.attr in _OPTIONAL and len(call.args) == _first_of(call) + 1


def needs_dimension(call: ast.Call) -> bool:
    """Would the call fail without its dimension?"""
    return name_of(call.func) not in _OPTIONAL


def _first_of(call: ast.Call) -> int:
    """Which argument is the dimension: torch's functions take the tensor before it."""
    return int(isinstance(call.func, ast.Attribute) and is_library(call.func.value))


def _integer(node: ast.AST) -> int | None:
    match node:
        case ast.Constant(value=int(value)) if not isinstance(value, bool):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int(value))):
            return -value
    return None
