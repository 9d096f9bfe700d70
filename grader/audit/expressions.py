"""Changes inside an expression: operators, comparisons, conditions and constants."""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator
from itertools import pairwise

from grader.audit.dimensions import is_dimension
from grader.audit.text import Change, Text, is_layer, name_of

_OPERATORS: dict[type[ast.operator], str] = {
    ast.Add: "-",
    ast.Sub: "+",
    ast.Mult: "/",
    ast.Div: "*",
    ast.FloorDiv: "/",
    ast.Mod: "//",
    ast.MatMult: "*",
    ast.Pow: "*",
    ast.BitAnd: "|",
    ast.BitOr: "&",
    ast.BitXor: "|",
    ast.LShift: ">>",
    ast.RShift: "<<",
}
_OF_OTHER_RANK = (ast.Pow, ast.BitAnd, ast.BitOr, ast.BitXor)  # than what they become
_BOUNDS: dict[type[ast.cmpop], str] = {ast.Lt: "<=", ast.LtE: "<", ast.Gt: ">=", ast.GtE: ">"}
_AWAY: dict[type[ast.cmpop], int] = {ast.Lt: -1, ast.GtE: -1, ast.LtE: 1, ast.Gt: 1}
_NEGATIONS: dict[type[ast.cmpop], str] = {
    ast.Eq: "!=",
    ast.NotEq: "==",
    ast.Is: "is not",
    ast.IsNot: "is",
    ast.In: "not in",
    ast.NotIn: "in",
}
_REDUCTIONS = {"mean": "sum", "sum": "mean", "none": "mean"}
_OF_A_SHAPE = {"reshape", "view", "expand"}  # where -1 is no number, but "whatever fits"
_NEXT_TO_NOTHING = 1e-5  # doubling an eps is no difference; leaving it out is


def operators(text: Text, node: ast.AST) -> Iterator[Change]:
    """`a + b` → `a - b`; `a += b` → `a -= b` and `a = b`."""
    match node:
        case ast.BinOp(left, op, right) if not _are_words(left, right):
            other = _OPERATORS[type(op)]
            if not isinstance(op, _OF_OTHER_RANK):
                yield Change("operator", *text.operator(left, right), other)
                return
            changed = f"{text.operand(left)} {other} {text.operand(right)}"
            start, end = text.start(node), text.end(node)
            grouped = text.outer(node) != (start, end)
            yield Change("operator", start, end, changed if grouped else f"({changed})")
        case ast.AugAssign(target, op, value):
            place = text.operator(target, value)
            if not _are_words(target, value):
                yield Change("operator", *place, f"{_OPERATORS[type(op)]}=")
            yield Change("operator", *place, "=")


def _are_words(left: ast.expr, right: ast.expr) -> bool:
    """Texts or lists, with which an operator means something else."""
    for side in (left, right):
        match side:
            case ast.JoinedStr() | ast.List() | ast.ListComp() | ast.Tuple():
                return True
            case ast.Constant(value=str()):
                return True
    return False


def signs(text: Text, node: ast.AST) -> Iterator[Change]:
    """`-x` → `x`, `~x` → `x`, and `not x` → `x` where it decides nothing by itself."""
    if not isinstance(node, ast.UnaryOp) or isinstance(node.op, ast.UAdd):
        return
    decides = isinstance(node.op, ast.Not) and _decides(text, node)
    if not decides and _number(node) is None:
        yield Change("sign", text.start(node), text.outer(node.operand)[0], "")


def comparisons(text: Text, node: ast.AST) -> Iterator[Change]:
    """`a < b` → `a <= b`; `a == b` → `a != b` where it decides nothing by itself."""
    if not isinstance(node, ast.Compare):
        return
    sides = [node.left, *node.comparators]
    for left, op, right in zip(sides, node.ops, node.comparators, strict=False):
        if type(op) in _BOUNDS:
            yield Change("comparison", *text.operator(left, right), _BOUNDS[type(op)])
        elif not _decides(text, node):
            yield Change("comparison", *text.operator(left, right), _NEGATIONS[type(op)])


def _decides(text: Text, node: ast.AST) -> bool:
    """Is this a whole condition, or a part that `logic` leaves out?

    Checks that notice that one is always true or always false notice its negation too.
    """
    parent, field = text.place(node)
    return field in ("test", "ifs") or isinstance(parent, ast.BoolOp)


def logic(text: Text, node: ast.AST) -> Iterator[Change]:
    """`a and b` → `a or b`, `a`, `b`."""
    if not isinstance(node, ast.BoolOp):
        return
    values = node.values
    word = "or" if isinstance(node.op, ast.And) else "and"
    places = [text.operator(*pair) for pair in pairwise(values)]
    changed, position = "", places[0][0]
    for start, end in places:
        changed += text.source[position:start] + word
        position = end
    yield Change("logic", places[0][0], position, changed)
    outer = [text.outer(value) for value in values]
    yield Change("logic", outer[0][0], outer[1][0], "")
    for (_, before), (_, end) in pairwise(outer):
        yield Change("logic", before, end, "")


def conditions(text: Text, node: ast.AST) -> Iterator[Change]:
    """A condition that is always true, or always false."""
    match node:
        case ast.If(test=test, body=body):
            if not isinstance(body[-1], ast.Raise):  # else all would raise
                yield _replaced(text, test, "True")
            yield _replaced(text, test, "False")
        case ast.While(test=test):
            yield _replaced(text, test, "False")
        case ast.IfExp(body=body, orelse=orelse):
            yield Change("condition", text.start(node), text.end(node), text.of(body))
            yield Change("condition", text.start(node), text.end(node), text.of(orelse))
        case ast.comprehension(ifs=tests):
            for test in tests:
                yield _replaced(text, test, "True")


def _replaced(text: Text, test: ast.expr, word: str) -> Change:
    return Change("condition", *text.outer(test), word)


def numbers(text: Text, node: ast.AST) -> Iterator[Change]:
    """The numbers next to a number."""
    value = _number(node)
    if value is None or isinstance(text.parent(node), ast.UnaryOp) or is_dimension(text, node):
        return
    others = _near_float(value) if isinstance(value, float) else _near_int(text, node, value)
    for other in others:
        yield Change(_kind(text, node), text.start(node), text.end(node), repr(other))


def _number(node: ast.AST) -> int | float | None:
    match node:
        case ast.Constant(value=bool()):
            return None
        case ast.Constant(value=int(value)) | ast.Constant(value=float(value)):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            positive = _number(operand)
            return None if positive is None else -positive
    return None


def _near_float(value: float) -> list[float]:
    if not math.isfinite(value):
        return []
    if abs(value) < _NEXT_TO_NOTHING:
        return [0.0 if value else 1.0]
    share = 0.5 < value < 1  # such as a momentum, which has to stay one
    return [value / 2 if share else 2 * value, *([-value] if value < 0 else [])]


def _near_int(text: Text, node: ast.AST, value: int) -> list[int]:
    parent = text.parent(node)
    call = text.parent(parent) if isinstance(parent, ast.keyword) else parent
    if isinstance(parent, ast.Compare):
        return _near_bound(text, node, parent, value)
    if isinstance(call, ast.Call) and is_layer(call):
        # One neighbour is as good as two, and a size of the input has to be what comes before.
        return [] if call.args[0:1] == [node] and len(call.args) > 1 else [value + 1]
    if value < 0 and isinstance(call, ast.Call) and name_of(call.func) in _OF_A_SHAPE:
        return []
    others = [value + 1]
    if 0 < abs(value) <= 2 and not isinstance(parent, ast.AugAssign):  # 33 says as much as 31
        others.append(value - 1)
    if value < 0 and -value not in others:
        others.append(-value)
    return others


def _near_bound(text: Text, node: ast.AST, compare: ast.Compare, value: int) -> list[int]:
    """A bound moved away from where `comparisons` already tries what happens at the bound."""
    sides: list[ast.AST] = [compare.left, *compare.comparators]
    index = sides.index(node)
    op = compare.ops[max(index - 1, 0)]
    if type(op) not in _AWAY:
        return [] if _decides(text, compare) else [value + 1]
    return [value + (_AWAY[type(op)] if index else -_AWAY[type(op)])]


def flags(text: Text, node: ast.AST) -> Iterator[Change]:
    """True → False and False → True."""
    match node:
        case ast.Constant(value=bool(value)):
            yield Change(_kind(text, node), text.start(node), text.end(node), repr(not value))


def strings(text: Text, node: ast.AST) -> Iterator[Change]:
    """A text that selects something → another text, a reduction's name → another's."""
    match node:
        case ast.Constant(value=(str() | bytes()) as value) if not _is_for_python(text, node):
            other = _REDUCTIONS.get(value, "" if value else "x") if isinstance(value, str) else b""
            quoted = repr(other).replace("'", '"')
            yield Change(_kind(text, node), text.start(node), text.end(node), quoted)


def _is_for_python(text: Text, node: ast.AST) -> bool:
    """A text that anything else in its place would only break: float("inf"), encoding="utf-8"."""
    match text.parent(node):
        case ast.keyword(arg="encoding"):
            return True
        case ast.Call(func=func):
            return name_of(func) in ("float", "getattr", "encode", "decode")
    return False


def _kind(text: Text, node: ast.AST) -> str:
    fields = {field for _, field in text.above(node)}
    return "default" if fields & {"defaults", "kw_defaults"} else "constant"
