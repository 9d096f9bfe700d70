"""Writes values and questions as Python that can be pasted into a shell."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch

from grader.checking.question import Question

_MANY_ELEMENTS = 64
_LONG_TEXT = 600
_DEFAULT_DTYPES = (torch.float32, torch.int64, torch.bool)


def value_text(value: Any) -> str:
    """A plain value as Python; what is too large is told by its shape."""
    return cut(_value(value))


def cut(text: str) -> str:
    """Text of a bounded length: what comes from a submission may be of any."""
    return text if len(text) <= _LONG_TEXT else text[:_LONG_TEXT] + " …"


def with_article(noun: str) -> str:
    """`a float`, `an int`."""
    return f"an {noun}" if noun[:1] in "aeio" else f"a {noun}"


def _value(value: Any) -> str:
    if isinstance(value, torch.Tensor):
        return tensor_text(value)
    if isinstance(value, (list, tuple)):
        inner = ", ".join(map(_value, value))
        if isinstance(value, tuple):
            return f"({inner},)" if len(value) == 1 else f"({inner})"
        return f"[{inner}]"
    if isinstance(value, Mapping):
        if set(value) == {"type"}:
            return f"an object of type {value['type']}"
        return "{" + ", ".join(f"{key!r}: {_value(item)}" for key, item in value.items()) + "}"
    if isinstance(value, float):
        return f"{value:.8g}" if value != int_or_none(value) else repr(value)
    return repr(value)


def int_or_none(value: float) -> int | None:
    """The float as an int where it is a whole number."""
    return int(value) if value == value and abs(value) < 1e15 and value == int(value) else None


def tensor_text(tensor: torch.Tensor) -> str:
    """A tensor as a call of torch.tensor, with its dtype where that is not the default one."""
    shape = tuple(tensor.shape)
    if tensor.numel() == 0:
        dtype = "" if tensor.dtype is torch.float32 else f", dtype={tensor.dtype}"
        return f"torch.empty({shape}{dtype})"
    if tensor.numel() > _MANY_ELEMENTS:
        return f"{with_article(str(tensor.dtype).removeprefix('torch.'))} tensor of shape {shape}"
    dtype = "" if tensor.dtype in _DEFAULT_DTYPES else f", dtype={tensor.dtype}"
    return f"torch.tensor({_numbers(tensor.tolist())}{dtype})"


def _numbers(value: Any) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(map(_numbers, value)) + "]"
    if isinstance(value, float):
        if value != value or value in (float("inf"), float("-inf")):
            return f'float("{value}")'
        return f"{value:.1f}" if int_or_none(value) is not None else f"{value:.7g}"
    return repr(value)


def question_text(question: Question) -> str:
    """What was done with the student's function."""
    writer = _WRITERS.get(question.probe, _generic)
    return writer(question.function, question.args, question.kwargs)


def _arguments(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> str:
    named = [f"{key}={value_text(value)}" for key, value in kwargs.items()]
    return ", ".join([*map(value_text, args), *named])


def _call(function: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> str:
    return f"{function}({_arguments(args, kwargs)})"


def _gradient(function: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> str:
    named = {key: value for key, value in kwargs.items() if key != "wrt"}
    wrt = kwargs.get("wrt", (0,))
    inputs = ", ".join(key if isinstance(key, str) else f"argument {key + 1}" for key in wrt)
    return f"{_call(function, args, named)}, differentiated by {inputs}"


def _optimize(function: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> str:
    parameters, gradients = args
    ours = ("zero_between", "as_generator")
    settings = {key: value for key, value in kwargs.items() if key not in ours}
    lines = [
        f"parameters = [nn.Parameter(p) for p in {value_text(list(parameters))}]",
        f"optimizer = {function}(parameters, {_arguments((), settings)})",
        f"after a step() with each row of gradients {value_text([list(r) for r in gradients])}",
    ]
    return "\n".join(lines)


def _clear(function: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> str:
    _, gradients, zero_grad = args
    return f"{function}(…).zero_grad({_arguments((), zero_grad)}) with gradients " + value_text(
        list(gradients)
    )


def _network(function: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> str:
    if not args:
        return f"network = {function}()"
    shapes = " and ".join(str(tuple(batch.shape)) for batch in args)
    return f"network = {function}(), with given parameters, on inputs of shape {shapes}"


def _generic(function: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> str:
    return f"{function}, tried with {_arguments(args, kwargs)}"


_WRITERS: dict[str, Callable[[str, tuple[Any, ...], Mapping[str, Any]], str]] = {
    "call": _call,
    "gradient": _gradient,
    "optimize": _optimize,
    "clear": _clear,
    "forward": _network,
    "describe": _network,
}
