"""Makes torch itself refuse what an exercise forbids, whatever it is called by the student.

A forbidden name such as `nll_loss` covers the function of that name in torch.nn.functional, torch's
own second versions of it in Python, and every operator of that name in torch's dispatcher
(`aten::nll_loss_nd`, `aten::nll_loss_forward`, …), which nn modules, Tensor methods, torch.ops and
scripted code all come down to. `torch.optim` covers every Python function and method defined below
that package, and the operators that take a whole step. `autograd` is all that differentiates (see
refuse_autograd.py). A name with a dot is one class or function.

Python functions have their code object replaced in place, so that every alias meets it; operators
get a kernel that raises. This is a rule about learning and no security boundary.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from types import CodeType, FunctionType
from typing import Any

import torch

from grader.sandbox import refuse_autograd

_MARK = "<the function that refuses>"
_FUSED_OPTIMIZERS = "_fused_(adagrad|adam|adamw|sgd)_?"  # a whole step as one operator
_SECOND_VERSIONS = (
    *("torch._refs", "torch._refs.special", "torch._refs.nn.functional"),
    "torch._decomp.decompositions",
)
_FURTHER_KEYS = (
    "MkldnnCPU",  # x.to_mkldnn()
    "FuncTorchDynamicLayerFrontMode",  # under torch.vmap, which takes some operators apart
)


class Refused(Exception):
    """What was called is forbidden in this exercise."""


def _refusing(*args: Any, **kwargs: Any) -> Any:
    return "<the function that refuses>".__call__()  # type: ignore[operator]  # it is replaced


class Guard:
    """Arms and disarms the refusals in this process and remembers what was tried."""

    def __init__(self, devices: Sequence[str] = ("CPU",)) -> None:
        keys = [(device, f"Autograd{device}") for device in devices]
        self._keys = [*(key for pair in keys for key in pair), *_FURTHER_KEYS]
        self._armed: tuple[str, ...] = ()
        self._codes: list[tuple[FunctionType, CodeType]] = []
        self._handles: list[int] = []  # addresses: no Python reference leads to a registration
        self._contexts = contextlib.ExitStack()
        self.tried: list[str] = []

    def arm(self, names: Sequence[str]) -> None:
        """Refuse exactly these names from now on."""
        if tuple(names) == self._armed:
            return
        self._disarm()
        self._armed = tuple(names)
        for name in names:
            for function in _functions(name):
                self._codes.append((function, function.__code__))
                refusal = functools.partial(self._refuse, _label(function, name))
                function.__code__ = _refusing_code(function, refusal)
        operators = [(name, operator) for name in names for operator in operators_of(name)]
        if operators:
            for key in self._keys:
                self._register(key, operators)
        if refuse_autograd.NAME in names:
            self._contexts.enter_context(refuse_autograd.nothing_requires_grad(self._refuse))

    def _register(self, key: str, operators: list[tuple[str, str]]) -> None:
        library = torch._C._dispatch_library("IMPL", "aten", key)
        for name, operator in operators:
            label = f"torch's {name}" if name.isidentifier() else name
            library.impl(operator, key, functools.partial(self._refuse, label))
        reference = ctypes.py_object(library)
        ctypes.pythonapi.Py_IncRef(reference)
        self._handles.append(id(library))

    def _disarm(self) -> None:
        self._contexts.close()
        for function, code in reversed(self._codes):  # one may be covered by two names
            function.__code__ = code
        self._codes.clear()
        for address in self._handles:
            ctypes.pythonapi.Py_DecRef(ctypes.cast(address, ctypes.py_object))
        self._handles.clear()

    def _refuse(self, label: str, *args: Any, **kwargs: Any) -> Any:
        if label not in self.tried:
            self.tried.append(label)
        raise Refused(f"{label} is what this exercise asks you to write yourself")


@functools.cache
def operators_of(name: str) -> tuple[str, ...]:
    """The operators of torch's dispatcher that a forbidden name covers, without their namespace."""
    if name == "torch.optim":
        variants = _FUSED_OPTIMIZERS
    elif name == refuse_autograd.NAME:
        variants = refuse_autograd.OPERATORS
    elif name.isidentifier():
        variants = _variants(name)
    else:
        return ()
    pattern = re.compile(rf"aten::({variants}(\.\w+)?)")
    found = map(pattern.fullmatch, torch._C._dispatch_get_all_op_names())
    return tuple(sorted(match[1] for match in found if match))


def _variants(name: str) -> str:
    """A regular expression for what torch calls the parts of one function."""
    before = "((add|masked|mkldnn|sparse)_)?"
    after = "(_loss)?(2d|_nd)?(_forward|_kernel|_with_noise(_functional)?)?"
    return rf"_?{before}{re.escape(name)}{after}_?"


def _functions(name: str) -> Iterator[FunctionType]:
    if name == "torch.optim":
        yield from _functions_below(name)
        return
    if name == refuse_autograd.NAME:
        for package in refuse_autograd.PACKAGES:
            yield from _functions_below(package)
        yield from refuse_autograd.functions()
        return
    is_variant = re.compile(_variants(name)).fullmatch
    for module in filter(None, map(sys.modules.get, _SECOND_VERSIONS)):
        for attribute, value in list(vars(module).items()):
            if is_variant(attribute):
                yield from _unwrapped(value)
    holder: Any = torch.nn.functional
    path = name.split(".")
    if len(path) > 1:
        holder = functools.reduce(getattr, path[:-1], torch)
    found = getattr(holder, path[-1], None)
    if isinstance(found, type):
        yield from _own_functions(found)
    elif isinstance(found, FunctionType) and not found.__code__.co_freevars:
        yield found


@functools.cache
def _functions_below(package: str) -> tuple[FunctionType, ...]:
    """Every function and method defined in a package's modules, as far as they are imported."""
    found: dict[int, FunctionType] = {}
    for module_name, module in list(sys.modules.items()):
        if module_name != package and not module_name.startswith(package + "."):
            continue
        for value in list(vars(module).values()):
            if getattr(value, "__module__", None) != module_name:
                continue
            candidates = _own_functions(value) if isinstance(value, type) else _unwrapped(value)
            found.update((id(function), function) for function in candidates)
    return tuple(found.values())


def _own_functions(kind: type) -> Iterator[FunctionType]:
    for value in list(vars(kind).values()):
        yield from _unwrapped(value)


def _unwrapped(value: Any) -> Iterator[FunctionType]:
    """The innermost function: a wrapper around it has closures, whose code cannot be replaced."""
    value = getattr(value, "__func__", value)
    while hasattr(value, "__wrapped__"):
        value = value.__wrapped__
    if isinstance(value, FunctionType) and not value.__code__.co_freevars:
        yield value


def _refusing_code(function: FunctionType, refusal: Callable[..., Any]) -> CodeType:
    template = _refusing.__code__
    constants: tuple[Any, ...] = tuple(
        refusal if constant == _MARK else constant for constant in template.co_consts
    )
    free = function.__code__.co_freevars  # a closure must keep its size
    return template.replace(co_consts=constants, co_name=function.__name__, co_freevars=free)


def _label(function: FunctionType, name: str) -> str:
    if name == refuse_autograd.NAME:
        return refuse_autograd.label(function)
    if name.isidentifier():
        return f"{function.__module__}.{function.__name__}"
    return name if name.startswith("torch.") else f"torch.{name}"
