"""What the forbidden name `autograd` stands for: every way to have torch derive something.

Torch's Python functions that differentiate are refused like all others (see refuse.py), and so are
the operators of a backward pass and of a forward derivative. Whatever is left ends in torch's
engine or in the nodes of a recorded graph: the engine of this process is given a compiler that
refuses, which every thread and scripted code meet, and nodes cannot be called any more. That is
what holds.

On top of it, for an early message that names what was done, nothing comes to require a gradient:
the ways of asking for it are refused, and inference mode records no graph. torch.no_grad,
torch.enable_grad, detach() and torch.func.vmap are allowed.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator, Mapping
from types import FunctionType
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

from grader.sandbox.cut import cut_calls, hidden, mend_calls, uncovered

NAME = "autograd"
PACKAGES = ("torch.autograd.functional", "torch.autograd.gradcheck")
_LAYERS = (
    r"\w*threshold|hardtanh|leaky_relu|_prelu_kernel|rrelu_with_noise|elu|hardshrink|softshrink"
    r"|softplus|sigmoid|log_sigmoid|tanh|silu|mish|gelu|glu|(mkldnn_)?linear|matmul|convolution"
)
_LOSSES = r"(mse|nll|huber|smooth_l1|soft_margin|multi_margin)_loss(2d)?|binary_cross_entropy"
OPERATORS = (
    rf"aten::(_make_dual(_copy)?|_backward|({_LAYERS}|{_LOSSES}|_cdist|_masked_softmax)"
    r"_backward(_\w+)?|_(log_)?softmax_backward_data)"
)
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
# Builtin functions by which torch derives without its engine, or sets the engine's compiler.
BUILTINS = (
    "_dynamo.compiled_autograd.set_autograd_compiler",
    "_distributed_autograd.backward",
    "_jit_differentiate",
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


def stop(refuse: Callable[[str], Any]) -> dict[str, Any]:
    """Have nothing be derived in this process; `refuse` is told what tries, and raises.

    It is for the caller to cut BUILTINS then, one of which would undo this. Returns what `go_on`
    needs.
    """

    def compiler() -> Any:
        refuse("torch's autograd")

    # The engine asks it, in whatever thread, before it runs a node.
    torch._C._dynamo.compiled_autograd.set_autograd_compiler(hidden(compiler), False)
    words, methods = cut_calls(nodes())
    modes: list[Any] = [hidden(_Watch(refuse)), hidden(torch._C._InferenceMode(True))]
    for mode in modes:
        mode.__enter__()
    return {"words": words, "methods": methods, "modes": [id(mode) for mode in modes]}


def go_on(undo: Mapping[str, Any]) -> None:
    """Have torch derive again, once BUILTINS are mended."""
    torch._C._dynamo.compiled_autograd.set_autograd_compiler(None, False)
    mend_calls(undo["words"], undo["methods"])
    for address in reversed(undo["modes"]):
        uncovered(address).__exit__(None, None, None)


@functools.cache
def nodes() -> tuple[type, ...]:
    """The types of what a recorded graph is made of: calling one is a step of backpropagation."""
    return tuple(kind for kind in object.__subclasses__() if "next_functions" in vars(kind))


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
