"""Makes torch itself refuse what an exercise forbids, whatever it is called by the student.

A forbidden name such as `nll_loss` covers the function of that name in torch.nn.functional, torch's
own second versions of it in Python, and every operator of that name in torch's dispatcher
(`aten::nll_loss_nd`, `aten::nll_loss_forward`, …), which nn modules, Tensor methods, torch.ops and
scripted code all come down to. `torch.optim` covers every Python function and method defined below
that package, and the operators that take a whole step. `autograd` is all that differentiates (see
refuse_autograd.py). A name with a dot is one class or function.

Python functions have their code object replaced in place, so that every alias meets it; operators
get a kernel that raises, under every key under which they have one that could run here; what runs
graphs past the dispatcher is taken out of service. All this happens before a submission is
imported: nothing that a submission could save, patch or find leads to the code that was there
before. Where that is, in memory, only the examiner is told, who has it undone in the end, for the
functions that forbid nothing. Code that pokes in memory, by ctypes for example, can do anything,
and so can whoever writes what is forbidden, or copies torch's source: this is a rule about learning
and no security boundary.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import re
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from types import CodeType, FunctionType
from typing import Any

import torch

from grader.sandbox import refuse_autograd
from grader.sandbox.cut import (
    Word,
    check_layout,
    cut,
    found_at,
    hidden,
    put_word,
    release,
    uncovered,
)

Tell = Callable[[str], None]
Undo = dict[str, Any]

_MARK = "<the function that refuses>"
_FUSED_OPTIMIZERS = "aten::_fused_(adagrad|adam|adamw|sgd)_?"  # a whole step as one operator
_SECOND_VERSIONS = (
    *("torch._refs", "torch._refs.special", "torch._refs.nn.functional"),
    "torch._decomp.decompositions",
)
# What the packages of these second versions and of optimizers import only when it is used: the
# sandboxes cannot read their files, for a copy of a module is code that nobody has replaced.
_LATER = ("torch._decomp.decompositions_for_jvp", "torch._decomp.decompositions_for_rng")
UNREADABLE = ("torch.optim", "torch._refs", "torch._decomp")
_ALSO_IN = {  # operators that hold a function without having its name
    "linear": r"mkldnn::_linear_pointwise",
    "relu": r"mkldnn::\w+_pointwise_?|aten::_addmm_activation",
    "leaky_relu": r"mkldnn::\w+_pointwise_?",
    "sigmoid": r"mkldnn::\w+_pointwise_?|aten::mkldnn_rnn_layer",
    "tanh": r"mkldnn::\w+_pointwise_?|aten::mkldnn_rnn_layer",
    "softmax": r"aten::(_scaled_dot_product_flash_attention_for_cpu|_native_multi_head_attention)",
}
_ALWAYS = (  # where a call arrives first, or passes whatever it is
    *("{0}", "Autograd{0}", "MkldnnCPU"),
    "FuncTorchDynamicLayerFrontMode",  # under torch.vmap, which takes some operators apart
)
_WHERE_THERE_IS_A_KERNEL = (
    *("CompositeImplicitAutograd", "CompositeImplicitAutogradNestedTensor"),
    *("CompositeExplicitAutograd", "CompositeExplicitAutogradNonFunctional"),
    *("FuncTorchBatched", "FuncTorchBatchedDecomposition", "FuncTorchVmapMode"),
    *("Quantized{0}", "Sparse{0}", "SparseCsr{0}", "NestedTensor{0}"),
)
# Builtin functions that run a graph by kernels of their own, past the dispatcher.
_RUNNERS = (
    *("_jit_to_static_module", "_fuse_to_static_module"),
    *("_jit_set_te_must_use_llvm_cpu", "_jit_set_llga_enabled"),
    *("_jit_interpret_graph", "_create_function_from_graph", "parse_ir"),
    *("_te.construct_codegen", "_te.TensorExprKernel.__init__"),
)


class Refused(Exception):
    """What was called is forbidden in this exercise."""


def _refusing(*args: Any, **kwargs: Any) -> Any:
    return "<the function that refuses>".__call__()  # type: ignore[operator]  # it is replaced


def look_up(names: Sequence[str], devices: Sequence[str] = ("CPU",)) -> None:
    """Find what the names cover, once, so that no process has to before it refuses them.

    What was found before more was imported is looked for anew. LayoutError where this Python is one
    in which nothing can be refused for good.
    """
    check_layout()
    for found in (operators_of, _keys_of, _functions):
        found.cache_clear()
    for path in (*_RUNNERS, *refuse_autograd.BUILTINS):
        found_at(torch._C, path)
    for module in _LATER:
        with contextlib.suppress(ImportError):  # not in every version of torch
            importlib.import_module(module)
    for name in names:
        _functions(name)
        for operator in operators_of(name):
            _keys_of(operator, tuple(devices))
    if refuse_autograd.NAME in names:
        refuse_autograd.nodes()
    _rehearse()


def _rehearse() -> None:
    """Replace an operator for a moment: the first time takes longer, and torch warns of it once."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        library = torch._C._dispatch_library("IMPL", "aten", "")
        library.impl("mse_loss", "CPU", _refusing)
        del library


def refuse(names: Sequence[str], tell: Tell, devices: Sequence[str] = ("CPU",)) -> Undo:
    """Refuse these names in this process; `tell` is told of each that is tried.

    Returns, as plain data, what `allow` needs to undo it: addresses of what nothing in this
    process leads to. Without them it is for good, so whoever calls this must not keep them here.
    """
    if not names:
        return {}
    undo: Undo = {"codes": [], "libraries": [], "words": [], "autograd": {}}
    for name in names:
        for function in _functions(name):
            undo["codes"].append((id(function), id(hidden(function.__code__))))
            refusal = _refusal(_label(function, name), tell)
            function.__code__ = _refusing_code(function, refusal)
    undo["libraries"] = [id(library) for library in _refuse_operators(names, tell, devices)]
    undo["words"] += _cut_all(_RUNNERS, tell)
    if refuse_autograd.NAME in names:
        undo["autograd"] = refuse_autograd.stop(lambda label: _refusal(label, tell)())
        undo["words"] += _cut_all(refuse_autograd.BUILTINS, tell)
    return undo


def allow(undo: Undo) -> None:
    """Undo `refuse`, given what it returned in this very process."""
    for address, value in undo["words"]:
        put_word(address, value)
    if undo["autograd"]:
        refuse_autograd.go_on(undo["autograd"])
    for address in undo["libraries"]:
        release(address)
    for function, code in reversed(undo["codes"]):  # one may be covered by two names
        uncovered(function).__code__ = uncovered(code)


def _refuse_operators(names: Sequence[str], tell: Tell, devices: Sequence[str]) -> list[Any]:
    libraries: dict[str, Any] = {}
    for name in names:
        label = f"torch's {name}" if name.isidentifier() else name
        refusal = _refusal(label, tell)
        for operator in operators_of(name):
            namespace, _, own_name = operator.partition("::")
            if namespace not in libraries:
                libraries[namespace] = hidden(torch._C._dispatch_library("IMPL", namespace, ""))
            for key in _keys_of(operator, tuple(devices)):
                libraries[namespace].impl(own_name, key, refusal)
    return list(libraries.values())


def _cut_all(paths: Sequence[str], tell: Tell) -> list[Word]:
    found = [(path, found_at(torch._C, path)) for path in paths]
    return [
        cut(function, functools.partial(tell, f"torch._C.{path}"))
        for path, function in found
        if function is not None
    ]


def _refusal(label: str, tell: Tell) -> Callable[..., Any]:
    def refuse(*args: Any, **kwargs: Any) -> Any:
        tell(label)
        raise Refused(f"{label} is what this exercise asks you to write yourself")

    return hidden(refuse)


@functools.cache
def operators_of(name: str) -> tuple[str, ...]:
    """The operators of torch's dispatcher that a forbidden name covers: `aten::mse_loss.out`."""
    if name == "torch.optim":
        variants = _FUSED_OPTIMIZERS
    elif name == refuse_autograd.NAME:
        variants = refuse_autograd.OPERATORS
    elif name.isidentifier():
        variants = rf"aten::{_variants(name)}|{_elsewhere(name)}"
        if name in _ALSO_IN:
            variants += f"|{_ALSO_IN[name]}"
    else:
        return ()
    pattern = re.compile(rf"({variants})(\.\w+)?")
    return tuple(sorted(filter(pattern.fullmatch, torch._C._dispatch_get_all_op_names())))


@functools.cache
def _keys_of(operator: str, devices: tuple[str, ...]) -> tuple[str, ...]:
    """The dispatch keys under which a kernel of an operator could run on these devices."""
    has_kernel = torch._C._dispatch_has_kernel_for_dispatch_key
    kinds = (*_ALWAYS, *_WHERE_THERE_IS_A_KERNEL)
    keys = [(kind, kind.format(device)) for device in devices for kind in kinds]
    found = [key for kind, key in keys if kind in _ALWAYS or has_kernel(operator, key)]
    return tuple(dict.fromkeys(found))


def _variants(name: str) -> str:
    """A regular expression for what torch calls the parts of one function."""
    before = "((add|masked|mkldnn|sparse)_)?"
    after = "(_loss)?(2d|_nd)?(_forward|_kernel|_with_noise(_functional)?)?"
    return rf"_?{before}{re.escape(name)}{after}_?"


def _elsewhere(name: str) -> str:
    """A regular expression for a function's operators outside of aten: fused, or of small ints."""
    spaces = "mkl|mkldnn|onednn|quantized|_quantized|sparse|_test"
    return rf"({spaces})::_?(mkl_|add_)?q?{re.escape(name)}(_(relu|dynamic|unpacked|fp16|weight))*"


@functools.cache
def _functions(name: str) -> tuple[FunctionType, ...]:
    """Torch's functions in Python that a forbidden name covers."""
    return tuple(_found_functions(name))


def _found_functions(name: str) -> Iterator[FunctionType]:
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
