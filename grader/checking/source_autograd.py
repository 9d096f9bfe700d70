"""What of a student's source the forbidden name `autograd` stands for.

`loss.backward()`, `x.requires_grad_()`, `x.requires_grad = True` and `requires_grad=True` count on
whatever object they stand: what it is cannot be told from the source. torch.no_grad and its kin are
allowed, and so is a method `backward` of a class that the student wrote.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

NAME = "autograd"
_MODES = ("no_grad", "enable_grad", "set_grad_enabled", "inference_mode", "grad_mode")
_NO_DERIVATIVES = ("vmap", "functional_call", "functionalize", "stack_module_state")
_ALLOWED_IN = {"torch.autograd": _MODES, "torch.func": _NO_DERIVATIVES, "functorch": ("vmap",)}


def autograd_uses(
    node: ast.AST, tree: ast.Module, full_name: Callable[[ast.AST], str | None]
) -> Iterator[tuple[str, int]]:
    """Each use below `node`, as its name and line; `full_name` gives a node's name in torch."""
    own = {
        part.name
        for outer in ast.walk(tree)
        if isinstance(outer, ast.ClassDef)
        for part in outer.body
        if isinstance(part, ast.FunctionDef)
    }
    for part in ast.walk(node):
        name = _derives(full_name(part)) or _asks(part, own)
        if name is not None:
            yield name, getattr(part, "lineno", 0)


def _derives(full: str | None) -> str | None:
    """The name, where it is torch's and differentiates."""
    if full is None:
        return None
    for package, allowed in _ALLOWED_IN.items():
        if full.startswith(package + "."):
            following = full.removeprefix(package + ".").split(".")[0]
            return None if following in allowed else full
    of_operators = full.startswith("torch.") and full.endswith(("_backward", "_backward_data"))
    return full if of_operators else None


def _asks(node: ast.AST, own: set[str]) -> str | None:
    match node:
        case ast.Attribute(attr="backward") if "backward" not in own:
            return "Tensor.backward"
        case ast.Call(func=ast.Attribute(attr="requires_grad_"), args=args, keywords=keywords):
            asked = [*args, *(keyword.value for keyword in keywords)]
            return None if asked and _is_false(asked[0]) else "Tensor.requires_grad_"
        case ast.Assign(targets=[ast.Attribute(attr="requires_grad")], value=value):
            return None if _is_false(value) else "Tensor.requires_grad"
        case ast.keyword(arg="requires_grad", value=value):
            return None if _is_false(value) else "requires_grad=True"
    return None


def _is_false(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is False
