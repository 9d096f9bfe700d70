"""The words of the probes of networks: what one is made of, and what it computes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import torch

from grader.checking.question import Question
from grader.checking.words_values import Part, python_text

Args = tuple[Any, ...]
Kwargs = Mapping[str, Any]


def _frozen(features: int, hidden: int, outputs: int) -> list[str]:
    return [
        f"model = nn.Sequential(nn.Linear({features}, {hidden}), nn.Linear({hidden}, {outputs}))",
        "model[0].requires_grad_(False)",
    ]


# The models of grader.probes.modules, as one would write them.
_MODELS = {
    "Linear(3, 4)": ["model = nn.Linear(3, 4)"],
    "two Linear, the first frozen": _frozen(3, 4, 2),
    "two Linear that share one weight": [
        "model = nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 4))",
        "model[2].weight = model[0].weight",
    ],
    "Conv2d, BatchNorm2d and Linear, nested": [
        "inner = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2))",
        "model = nn.Sequential(inner, nn.Flatten(), nn.Linear(8, 3, bias=False))",
    ],
    "two Linear, each half frozen": [
        "model = nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 2))",
        "model[0].weight.requires_grad_(False)",
        "model[1].bias.requires_grad_(False)",
    ],
    "two PReLU and a GRU, three levels deep": [
        "inner = nn.Sequential(nn.PReLU(), nn.PReLU())",
        "model = nn.Sequential(nn.Sequential(inner, nn.GRU(1, 2)))",
    ],
    "one Linear used twice": [
        "layer = nn.Linear(4, 4)",
        "model = nn.Sequential(layer, nn.ReLU(), layer)",
    ],
    "no parameters": ["model = nn.Sequential(nn.ReLU(), nn.Flatten())"],
}


_SHAPES = "{name: list(tensor.shape) for name, tensor in network.state_dict().items()}"


def forward(function: str, args: Args, kwargs: Kwargs) -> str:
    if not args:
        return f"network = {function}()\n{_SHAPES}"
    double = ".double()" if args[0].dtype is torch.float64 else ""
    evaluation = "" if kwargs.get("training", True) else ".eval()"
    lines = [
        "from grader.probes import fill",
        f"network = {function}(){double}{evaluation}",
        f"fill(network.state_dict(), seed={kwargs.get('seed', 0)})  # each by its name",
    ]
    if len(args) == 1:
        lines += [f"output = network({python_text(args[0])})", "output"]
        total = "output.square().sum()"
    else:
        lines += ["outputs = ["]
        lines += [f"    network({python_text(batch)})," for batch in args]
        lines += ["]", "outputs"]
        total = "sum(output.square().sum() for output in outputs)"
    if kwargs.get("gradients"):
        lines += [
            f"{total}.backward()",
            "{name: p.grad for name, p in network.named_parameters()}",
        ]
    return "\n".join(lines)


def describe(function: str, args: Args, kwargs: Kwargs) -> str:
    lines = [f"network = {function}()", "network", _SHAPES]
    if kwargs.get("sequential"):
        lines.append("isinstance(network, nn.Sequential)")
    if kwargs.get("seed") is not None:
        lines += outputs_of_layers(kwargs["seed"])
    return "\n".join(lines)


def outputs_of_layers(seed: int) -> list[str]:
    """The lines that show what each layer of `network` computes."""
    imported = "from grader.probes.modules import layer_outputs  # what each makes of noise, alone"
    return [imported, f"layer_outputs(network, seed={seed})"]


def size(function: str, args: Args, kwargs: Kwargs) -> str:
    shape = ", ".join(map(str, args))
    return "\n".join(
        [
            f"network = {function}()",
            f"network(torch.zeros({shape})).shape",
            "sum(p.numel() for p in network.parameters() if p.requires_grad)",
        ]
    )


def count(function: str, args: Args, kwargs: Kwargs) -> str:
    model, *sizes = args
    lines = _frozen(*sizes[0]) if sizes else _MODELS[model]
    return "\n".join([*lines, f"{function}(model)"])


def place_in_forward(question: Question, part: Part) -> str | None:
    """`the output`, or of which batch it is; a parameter's shape or gradient by its name."""
    match part:
        case ("value", int(which)):
            several = len(question.args) > 1
            return f"outputs[{which}]" if several else "the output"
        case ("gradients", name, *_):
            return f"the gradient of {name}"
        case ("parameters",):
            return "the names of the parameters"
        case ("parameters", name):
            return f"the shape of {name}"
        case ("parameters", name, dimension):
            return f"dimension {dimension} of {name}"
    return None


def place_in_description(question: Question, part: Part) -> str | None:
    match part:
        case ("value", "layers" | "parameters" as kind):
            return f"the names of the {kind}"
        case ("value", "layers", name):
            return f"layer {name}"
        case ("value", "outputs", name):
            return f"what layer {name} makes of noise"
        case ("value", "parameters", name):
            return f"the shape of {name}"
        case ("value", "parameters", name, dimension):
            return f"dimension {dimension} of {name}"
    return None


def described(question: Question, part: Part) -> Question:
    """No word of what the layers compute where they are others."""
    if part[:2] == ("value", "outputs"):
        return question
    named = {key: value for key, value in question.kwargs.items() if key != "seed"}
    return replace(question, kwargs=named)


def shortened(question: Question, part: Part) -> Question:
    """Of several batches the one whose output differs; none where the parameters do."""
    match part:
        case ("value", int(which)):
            named = {key: value for key, value in question.kwargs.items() if key != "gradients"}
            return replace(question, args=(question.args[which],), kwargs=named)
        case ("parameters", *_):
            return replace(question, args=())
    return question
