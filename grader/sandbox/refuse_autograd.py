"""What the forbidden name `autograd` stands for: every way to have torch derive something.

Torch's Python functions that differentiate are refused like all others (see refuse.py), and so are
the operators of a backward pass. On top of that nothing comes to require a gradient: the ways of
asking for it are refused, and inference mode records no graph for what is left, such as scripted
code on an nn.Parameter. torch.no_grad, torch.enable_grad, detach() and torch.func.vmap are allowed.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
from collections.abc import Callable, Iterator
from types import FunctionType
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

NAME = "autograd"
PACKAGES = ("torch.autograd.functional", "torch.autograd.gradcheck")
_OF_LAYERS = "threshold|mse_loss|nll_loss(2d)?|_(log_)?softmax"
OPERATORS = rf"(_backward|({_OF_LAYERS})_backward(_data)?)"
_FUNCTIONS = (
    "Tensor.backward",
    "autograd.backward",
    "autograd.grad",
    "autograd.graph._engine_run_backward",
    "autograd.forward_ad.enter_dual_level",  # not all of forward_ad: printing a tensor uses it
    "autograd.forward_ad.make_dual",
    "autograd.Function.apply",
    # what torch.func's transformed functions call, also those made while nothing was refused
    "_functorch.eager_transforms.grad_impl",
    "_functorch.eager_transforms.grad_and_value_impl",
    "_functorch.eager_transforms._autograd_grad",
    "_functorch.eager_transforms._vjp_with_argnums",
    "_functorch.eager_transforms._jvp_with_argnums",
)
_NO_DERIVATIVES = (
    *("vmap", "functional_call", "functionalize", "stack_module_state"),
    *("replace_all_batch_norm_modules_", "rearrange", "debug_unwrap"),
)


def functions() -> Iterator[FunctionType]:
    """Torch's Python functions that differentiate, those of PACKAGES aside."""
    names = [name for name in vars(torch.func) if name not in _NO_DERIVATIVES]
    for path in (*_FUNCTIONS, *(f"func.{name}" for name in names)):
        holder, _, name = path.rpartition(".")
        found = getattr(functools.reduce(getattr, holder.split("."), torch), name, None)
        found = inspect.unwrap(getattr(found, "__func__", found)) if callable(found) else None
        if isinstance(found, FunctionType):
            yield found


def label(function: FunctionType) -> str:
    """What a student calls such a function."""
    return f"{function.__module__}.{function.__qualname__}".replace("torch._tensor.", "torch.")


@contextlib.contextmanager
def nothing_requires_grad(refuse: Callable[[str], Any]) -> Iterator[None]:
    """Hand to `refuse` what makes a tensor require a gradient, by name; record no graph."""
    with _Watch(refuse), torch.inference_mode():
        yield


class _Watch(TorchFunctionMode):
    """Sees every call of torch's API, methods and attributes of tensors too."""

    def __init__(self, refuse: Callable[[str], Any]) -> None:
        super().__init__()
        self._refuse = refuse

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        named = kwargs or {}
        asked = _what_is_asked(func)
        if asked is None:
            wanted = named.get("requires_grad")
        else:
            wanted = named.get("requires_grad", args[1] if len(args) > 1 else True)
        if wanted:
            self._refuse(asked or "requires_grad=True")
        return func(*args, **named)


def _what_is_asked(func: Any) -> str | None:
    """The attribute or method that is about gradients alone; None of any other."""
    name = getattr(func, "__name__", "")
    if "requires_grad_" in (name, getattr(func, "_opname", "")):
        return "torch.Tensor.requires_grad_"
    if name == "__set__" and getattr(func, "__self__", None) is torch.Tensor.requires_grad:
        return "torch.Tensor.requires_grad"
    return None
