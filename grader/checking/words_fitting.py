"""The words of the probes of fitting a line: w and b are made, used, and looked at afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import torch

from grader.checking.question import Question
from grader.checking.words_values import Part, arguments, call_text, python_text, tensor_python

_LEFT_BEFORE = "  # left from before"
_EPOCHS = 5  # the position of the argument of that name: after four tensors and the learning rate
_SUMMED_UP = [
    "len(losses), losses[0], losses[-1]",
    "all(later < earlier for earlier, later in zip(losses, losses[1:]))",
]
_OF_THE_PROBE = ("stale", "asked")

Args = tuple[Any, ...]
Kwargs = Mapping[str, Any]


def gradient_step(function: str, args: Args, kwargs: Kwargs) -> str:
    return "\n".join([*_step(function, args, kwargs), "w, b"])


def grads_after_step(function: str, args: Args, kwargs: Kwargs) -> str:
    return "\n".join([*_step(function, args, kwargs), "w.grad, b.grad"])


def fit(function: str, args: Args, kwargs: Kwargs) -> str:
    return "\n".join([*_fit(function, args, kwargs), "w, b"])


def descent(function: str, args: Args, kwargs: Kwargs) -> str:
    *lines, called = _fit(function, args, kwargs)
    return "\n".join([*lines, f"losses = {called}", *_SUMMED_UP, "w, b"])


def linear_model(function: str, args: Args, kwargs: Kwargs) -> str:
    weight, bias, x = args[:3]
    double = ".double()" if x.dtype is torch.float64 else ""
    lines = [f"model = {function}(){double}", _loaded("linear.weight", weight, "linear.bias", bias)]
    if not kwargs.get("gradients"):
        return "\n".join([*lines, call_text("model", [python_text(x)])])
    return "\n".join(
        [
            *lines,
            call_text("model", [python_text(x)], "result = "),
            "result.square().sum().backward()",
            "result, model.linear.weight.grad, model.linear.bias.grad",
        ]
    )


def fit_module(function: str, args: Args, kwargs: Kwargs) -> str:
    return "\n".join([*_fit_module(function, args, kwargs), *_shown(kwargs)])


def module_descent(function: str, args: Args, kwargs: Kwargs) -> str:
    *lines, called = _fit_module(function, args, kwargs)
    return "\n".join([*lines, f"losses = {called}", *_SUMMED_UP, *_shown(kwargs)])


# what a part of it is called


def place_after_step(question: Question, part: Part) -> str | None:
    return f"{part[1]} afterwards" if part[:1] == ("value",) and len(part) == 2 else None


def place_in_fit(question: Question, part: Part) -> str | None:
    if part[:2] == ("value", "losses"):
        return f"the loss of epoch {int(part[2]) + 1}" if len(part) > 2 else "the losses"
    if part == ("value", "prediction"):
        return f"the prediction for {python_text(question.kwargs['asked'])}"
    if len(part) != 2:
        return None
    names = {"w": "w", "b": "b", "weight": "model.weight", "bias": "model.bias"}
    return f"{names[part[1]]} afterwards" if part[1] in names else str(part[1])


def place_in_linear_model(question: Question, part: Part) -> str | None:
    if part[:1] == ("linear",):
        return "model.linear"
    if part[:1] == ("value",):
        return "the output"
    if part[:1] == ("gradients",) and len(part) == 2:
        return f"model.{part[1]}.grad"
    return f"the {part[0]} of the model" if part else None


# what comes after it is left out


def fewer_epochs(question: Question, part: Part) -> Question:
    """No epoch after the one whose loss differs."""
    if part[:2] != ("value", "losses") or len(part) != 3:
        return question
    epochs = int(part[2]) + 1
    if "epochs" in question.kwargs:
        return replace(question, kwargs={**question.kwargs, "epochs": epochs})
    given = list(question.args)
    given[_EPOCHS] = epochs
    return replace(question, args=tuple(given))


# the lines


def _step(function: str, args: Args, kwargs: Kwargs) -> list[str]:
    w, b, w_grad, b_grad, *given = args
    called = call_text(function, ["w", "b", *arguments(given, kwargs)])
    return [*_leaves(w, b), _grads("w", "b", w_grad, b_grad), called]


def _fit(function: str, args: Args, kwargs: Kwargs) -> list[str]:
    x, y, w, b, *given = args
    stale = _grads("w", "b", torch.full_like(w, 0.5), torch.full_like(b, 0.5)) + _LEFT_BEFORE
    return [
        *_points(x, y),
        *_leaves(w, b),
        *([stale] if kwargs.get("stale") else []),
        call_text(function, ["x", "y", "w", "b", *arguments(given, _options(kwargs))]),
    ]


def _fit_module(function: str, args: Args, kwargs: Kwargs) -> list[str]:
    weight, bias, x, y, *given = args
    outputs, features = weight.shape
    dtype = f", dtype={weight.dtype}" if weight.dtype is torch.float64 else ""
    stale = f"(0.5 * (model.weight.sum() + model.bias.sum())).backward(){_LEFT_BEFORE}"
    return [
        *_points(x, y),
        f"model = nn.Linear({features}, {outputs}{dtype})",
        _loaded("weight", weight, "bias", bias),
        *([stale] if kwargs.get("stale") else []),
        call_text(function, ["model", "x", "y", *arguments(given, _options(kwargs))]),
    ]


def _shown(kwargs: Kwargs) -> list[str]:
    """The trained model, and what it says of what was asked for."""
    asked = kwargs.get("asked")
    said = [] if asked is None else [call_text("model", [python_text(asked)])]
    return ["model.weight, model.bias", *said]


def _points(x: torch.Tensor, y: torch.Tensor) -> list[str]:
    return [f"x = {python_text(x)}", f"y = {python_text(y)}"]


def _leaves(w: torch.Tensor, b: torch.Tensor) -> list[str]:
    return [
        f"w = {tensor_python(w, requires_grad=True)}",
        f"b = {tensor_python(b, requires_grad=True)}",
    ]


def _grads(first: str, second: str, of_first: torch.Tensor, of_second: torch.Tensor) -> str:
    return f"{first}.grad, {second}.grad = {python_text(of_first)}, {python_text(of_second)}"


def _loaded(first: str, of_first: torch.Tensor, second: str, of_second: torch.Tensor) -> str:
    state = python_text({first: of_first, second: of_second})
    return call_text("model.load_state_dict", [state])


def _options(kwargs: Kwargs) -> dict[str, Any]:
    return {key: value for key, value in kwargs.items() if key not in _OF_THE_PROBE}
