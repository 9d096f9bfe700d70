"""The words of the probes of layers: what is called with what, and what is looked at then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import torch

from grader.checking.question import Question
from grader.checking.words_modules import outputs_of_layers
from grader.checking.words_values import Part, arguments, call_text, python_text, tensor_python

_SHAPES = "{name: list(tensor.shape) for name, tensor in network.state_dict().items()}"

Args = tuple[Any, ...]
Kwargs = Mapping[str, Any]


def random_slopes(function: str, args: Args, kwargs: Kwargs) -> str:
    x, *bounds = args
    return "\n".join(
        [
            f"x = {tensor_python(x)}",
            call_text(function, ["x", *arguments(bounds, kwargs)], "result = "),
            "slopes = (result / x)[x < 0]",
            "slopes, slopes.min(), slopes.max(), len(slopes.unique()), len(slopes)",
        ]
    )


def collapsed(function: str, args: Args, kwargs: Kwargs) -> str:
    first_weight, first_bias, second_weight, second_bias = args
    return "\n".join(
        [
            *_linear("first", first_weight, first_bias),
            *_linear("second", second_weight, second_bias),
            f"layer = {function}(first, second)",
            "layer, layer.weight, layer.bias",
        ]
    )


def _linear(name: str, weight: torch.Tensor, bias: torch.Tensor | None) -> list[str]:
    outputs, inputs = weight.shape
    without = ", bias=False" if bias is None else ""
    dtype = "" if weight.dtype is torch.float32 else f", dtype={weight.dtype}"
    lines = [
        f"{name} = nn.Linear({inputs}, {outputs}{without}{dtype})",
        f"{name}.weight.data = {tensor_python(weight)}",
    ]
    return lines if bias is None else [*lines, f"{name}.bias.data = {tensor_python(bias)}"]


def two_layers(function: str, args: Args, kwargs: Kwargs) -> str:
    state, *inputs = args
    hidden, features = state["layer1.weight"].shape
    made = f"network = {function}({features}, {hidden}, {len(state['layer2.weight'])})"
    if not inputs:
        seed = kwargs.get("seed")
        return "\n".join(
            [made, "network", _SHAPES, *([] if seed is None else outputs_of_layers(seed))]
        )
    (x,) = inputs
    lines = [
        made + (".double()" if x.dtype is torch.float64 else ""),
        "loaded = network.load_state_dict(",
        "    {",
        *(f'        "{name}": {tensor_python(tensor)},' for name, tensor in state.items()),
        "    }",
        ")",
    ]
    if not kwargs.get("gradients"):
        return "\n".join([*lines, call_text("network", [python_text(x)])])
    return "\n".join(
        [
            *lines,
            call_text("network", [python_text(x)], "output = "),
            "output.square().sum().backward()",
            "output, {name: p.grad for name, p in sorted(network.named_parameters())}",
        ]
    )


def activation(function: str, args: Args, kwargs: Kwargs) -> str:
    task, *inputs = args
    lines = [f"layer = {function}({task!r})", "layer"]
    return "\n".join([*lines, *(f"layer({tensor_python(x)})" for x in inputs)])


# what a part of it is called


def place_when_collapsed(question: Question, part: Part) -> str | None:
    match part:
        case ("layer",):
            return "what is returned"
        case ("value", "weight" | "bias" as name):
            return f"layer.{name}"
    return None


def place_in_two_layers(question: Question, part: Part) -> str | None:
    match part:
        case ("value", str(name)):
            return f"what network.{name} makes of noise"
        case ("value", *_):
            return "the output"
        case ("network",):
            return "what is made"
        case ("layer1" | "layer2" as name,):
            return f"network.{name}"
        case ("parameters",):
            return "the names of the parameters"
        case ("parameters", name, *_):
            return f"the shape of {name}"
        case ("gradients", name):
            return f"the gradient of {name}"
    return None


def place_in_activation(question: Question, part: Part) -> str | None:
    match part:
        case ("layer",):
            return "what is returned"
        case ("value", int()):
            return "the output"
    return None


# what is not needed to see it is left out


def what_differs_in_two_layers(question: Question, part: Part) -> Question:
    """No word of the gradients where the output differs, none of numbers where the parts do."""
    if part[:1] == ("gradients",) or not part or (part[0] == "value" and len(question.args) == 1):
        return question
    args = question.args if part[:1] == ("value",) else question.args[:1]
    return replace(question, args=args, kwargs={})


def what_differs_in_activation(question: Question, part: Part) -> Question:
    """Of several inputs the one whose output differs; none where the layer does."""
    match part:
        case ("value", int(which)):
            return replace(question, args=(question.args[0], question.args[1 + which]))
        case ("layer",):
            return replace(question, args=question.args[:1])
    return question
