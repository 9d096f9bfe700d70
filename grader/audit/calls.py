"""Changes of what is called and with what: arguments, methods of a chain, functions of torch."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from grader.audit.dimensions import needs_dimension, without_dimension
from grader.audit.text import Change, Text, is_layer, is_library, is_self, name_of

_PAIRS = {  # kind: what is called, and what is called in its place
    "reduction": "mean:sum min:max amin:amax argmin:argmax minimum:maximum any:all",
    "operator": "add:sub add_:sub_ mul:div mul_:div_ addcmul:addcdiv addcmul_:addcdiv_ ceil:floor",
    "other call": "zeros:ones zeros_like:ones_like new_zeros:new_ones train:eval "
    "Softmax:LogSoftmax MaxPool2d:AvgPool2d",
}
_INSTEAD = {
    name: (kind, other)
    for kind, pairs in _PAIRS.items()
    for pair in pairs.split()
    for name, other in (pair.split(":"), reversed(pair.split(":")))
}
_INSTEAD |= dict.fromkeys(("ReLU", "Sigmoid", "Tanh"), ("other call", "Identity"))
_OF_PYTHON = {"min", "max", "any", "all"}  # that have a counterpart in Python too

_IN_PLACE = set("add_ sub_ mul_ div_ lerp_ addcmul_ addcdiv_ clamp_ sqrt_ neg_".split())
_LEFT_OUT = _IN_PLACE | set(
    """abs neg sign exp expm1 log log1p square sqrt rsqrt reciprocal pow clamp clamp_min clamp_max
    clip relu sigmoid tanh softmax log_softmax floor ceil round detach clone item tolist t
    transpose movedim permute squeeze unsqueeze flatten reshape view expand masked_fill to float
    double long int bool copy convert lower upper strip resolve add sub mul div""".split()
)
_PYTHON_WRAPPERS = set("float int bool str list tuple set sorted reversed abs round Path".split())
_TRANSPOSED = {"T", "mT"}

_SYMMETRIC = set(
    """min max minimum maximum add mul dot equal allclose isclose logaddexp transpose swapaxes
    swapdims""".split()
)
_OF_TWO_SORTS = set(
    "isinstance issubclass getattr setattr hasattr round map filter partial".split()
)
_REQUIRED = {"kernel_size", "in_features", "out_features", "in_channels", "out_channels"}
_WITH_A_FALLBACK = {"get": 2, "pop": 2, "next": 2, "getattr": 3}


def swapped_arguments(text: Text, node: ast.AST) -> Iterator[Change]:
    """`f(a, b, c)` → `f(b, a, c)`; of `where`, the two that are chosen from."""
    if not isinstance(node, ast.Call):
        return
    name = name_of(node.func)
    pair = node.args[1:3] if name == "where" else node.args[:2]
    if len(pair) < 2 or name in _SYMMETRIC | _OF_TWO_SORTS or not _may_be_mixed_up(text, name):
        return
    first, second = pair
    if any(isinstance(argument, ast.Starred) for argument in pair):
        return
    literals = _is_literal(first) + _is_literal(second)
    mixable = literals == 0 or (literals == 2 and not is_layer(node))
    if mixable and ast.dump(first) != ast.dump(second):
        yield _exchanged(text, "swapped arguments", first, second)


def swapped_results(text: Text, node: ast.AST) -> Iterator[Change]:
    """`return a, b` → `return b, a`."""
    match node:
        case ast.Return(value=ast.Tuple(elts=[first, second, *_])):
            if ast.dump(first) != ast.dump(second):
                yield _exchanged(text, "swapped results", first, second)


def _exchanged(text: Text, kind: str, first: ast.expr, second: ast.expr) -> Change:
    (start, middle), (other, end) = text.outer(first), text.outer(second)
    source = text.source
    return Change(kind, start, end, source[other:end] + source[middle:other] + source[start:middle])


def _is_literal(node: ast.expr) -> bool:
    return isinstance(node.operand if isinstance(node, ast.UnaryOp) else node, ast.Constant)


def _may_be_mixed_up(text: Text, name: str) -> bool:
    """Can someone mix up the first two arguments of this function, as far as the module tells?

    Not where they have different types, and not where it raises if the two differ and that is all.
    """
    match text.definitions.get(name):
        case ast.FunctionDef(body=[*_, ast.If(test=ast.Compare(ops=[op]), body=[ast.Raise()])]):
            return not isinstance(op, (ast.Eq, ast.NotEq))
        case ast.FunctionDef(args=ast.arguments(args=[first, second, *_])):
            types = [ast.dump(one.annotation) for one in (first, second) if one.annotation]
            return len(set(types)) < 2
    return True


def removed_arguments(text: Text, node: ast.AST) -> Iterator[Change]:
    """`f(a, b, key=c)` → `f(a, b)`, and `f(a, key=c)` where b has a default."""
    if not isinstance(node, ast.Call):
        return
    items: list[ast.expr | ast.keyword] = [*node.args, *node.keywords]
    for index, item in enumerate(items):
        if isinstance(item, ast.keyword):
            removable = _does_without(text, node, item)
        else:
            removable = index == len(node.args) - 1 and _ends_in_an_extra(text, node)
        if not removable:
            continue
        start, end = text.outer(item)
        if index > 0:
            start = text.outer(items[index - 1])[1]
        elif len(items) > 1:
            end = text.outer(items[1])[0]
        yield Change("removed argument", start, end, "")


def _does_without(text: Text, call: ast.Call, item: ast.keyword) -> bool:
    """Whether a keyword may be missing; turning a flag round says what leaving it out would."""
    flag = isinstance(item.value, ast.Constant) and isinstance(item.value.value, bool)
    name = name_of(call.func)
    if item.arg is None or item.arg in _REQUIRED or flag or name == "OrderedDict":
        return False
    if item.arg == "dim" and needs_dimension(call):
        return False
    if name in ("clamp", "clip", "clamp_"):
        return len(call.keywords) + len(call.args) > 1
    optional = _optional(text, name)
    return optional is None or item.arg in optional


def _ends_in_an_extra(text: Text, call: ast.Call) -> bool:
    """Whether the last positional argument may be missing."""
    if any(isinstance(argument, ast.Starred) for argument in call.args):
        return False
    name, count = name_of(call.func), len(call.args)
    definition = text.definitions.get(name)
    if isinstance(call.func, ast.Name) and isinstance(definition, ast.FunctionDef):
        arguments = definition.args
        names = [argument.arg for argument in [*arguments.posonlyargs, *arguments.args]]
        return count <= len(names) and names[count - 1] in (_optional(text, name) or ())
    return without_dimension(call) or _WITH_A_FALLBACK.get(name) == count


def _optional(text: Text, name: str) -> set[str] | None:
    """The names of a module's function's arguments with a default; None of another's."""
    definition = text.definitions.get(name)
    if not isinstance(definition, ast.FunctionDef):
        return None
    arguments = definition.args
    positional = [argument.arg for argument in [*arguments.posonlyargs, *arguments.args]]
    keywords = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    with_default = {argument.arg for argument, default in keywords if default is not None}
    return with_default | set(positional[len(positional) - len(arguments.defaults) :])


def other_calls(text: Text, node: ast.AST) -> Iterator[Change]:
    """`x.mean()` → `x.sum()`, `min(a, b)` → `max(a, b)`, `torch.zeros(3)` → `torch.ones(3)`."""
    match node:
        case ast.Call(func=(ast.Name() | ast.Attribute()) as function):
            name = name_of(function)
            if name in _INSTEAD and _is_torchs(text, node, name):
                kind, other = _INSTEAD[name]
                end = text.end(function)
                yield Change(kind, end - len(name), end, other)


def _is_torchs(text: Text, call: ast.Call, name: str) -> bool:
    """Is it torch's, or does Python know the other name too? A set's `add` is a statement."""
    if isinstance(call.func, ast.Name):
        return name in _OF_PYTHON
    return not (name in ("add", "sub") and isinstance(text.parent(call), ast.Expr))


def not_in_place(text: Text, node: ast.AST) -> Iterator[Change]:
    """`y = x.mul_(2)` → `y = x.mul(2)`; in a statement of its own that is a call left out."""
    match node:
        case ast.Call(func=ast.Attribute(attr=name) as function) if name in _IN_PLACE:
            if not any(isinstance(above, ast.Expr) for above, _ in text.above(node)):
                end = text.end(function)
                yield Change("in place", end - 1, end, "")


def dropped_calls(text: Text, node: ast.AST) -> Iterator[Change]:
    """`x.abs()` → `x` and `x.T` → `x`."""
    match node:
        case ast.Call(func=ast.Attribute(value=receiver, attr=name)):
            worth = name in _LEFT_OUT and not is_library(receiver) and not is_self(receiver)
        case ast.Attribute(value=receiver, attr=name, ctx=ast.Load()):
            worth = name in _TRANSPOSED
        case _:
            return
    if worth and not _leaves_nothing(text, node, receiver):
        yield Change("dropped call", text.outer(receiver)[1], text.end(node), "")


def _leaves_nothing(text: Text, node: ast.AST, receiver: ast.expr) -> bool:
    """Would the statement do nothing: `x.zero_()` → `x`, `x = x.abs()` → `x = x`?"""
    match text.parent(node):
        case ast.Expr():
            return not isinstance(receiver, ast.Call)
        case ast.Assign(targets=[target]):
            return ast.unparse(target) == ast.unparse(receiver)
    return False


def dropped_wrappers(text: Text, node: ast.AST) -> Iterator[Change]:
    """`torch.exp(x)` → `x`, `list(x)` → `x`, `sorted(x)` → `x`."""
    match node:
        case ast.Call(func=ast.Attribute(value=library, attr=name), args=[inner, *_]):
            worth = name in _LEFT_OUT and is_library(library)
        case ast.Call(func=ast.Name(name), args=[inner]):
            worth = name in _PYTHON_WRAPPERS and name not in text.definitions
        case _:
            return
    if worth and not isinstance(inner, (ast.Starred, ast.Constant)):
        yield Change("dropped call", text.start(node), text.end(node), text.operand(inner))
