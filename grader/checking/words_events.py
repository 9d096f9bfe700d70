"""The words of the probes of monitoring: a model, a list of losses, and where they were written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from grader.checking.question import Question
from grader.checking.words_values import Part, arguments, call_text, python_text

Args = tuple[Any, ...]
Kwargs = Mapping[str, Any]

# The models of grader.probes.events, as one would write them.
_MODELS = {
    "layers": [
        "model = nn.Sequential(",
        "    nn.Linear(3, 4), nn.BatchNorm1d(4), nn.ReLU(), nn.Dropout(0.5), nn.Linear(4, 2)",
        ")",
    ],
    "nested": [
        "inner = nn.Sequential(nn.Linear(3, 5), nn.Dropout(0.5), nn.Tanh())",
        "model = nn.Sequential(inner, nn.Linear(5, 1))",
    ],
}
# Its layers by their kinds.
_LAYERS = {
    "linear": "nn.Linear(3, 3)",
    "relu": "nn.ReLU()",
    "tanh": "nn.Tanh()",
    "batch_norm": "nn.BatchNorm1d(3)",
    "dropout": "nn.Dropout()",
    "softmax": "nn.Softmax(1)",
}
_FOLDER = "with tempfile.TemporaryDirectory() as folder:"


# what was done


def write_graph(function: str, args: Args, kwargs: Kwargs) -> str:
    model, inputs = args
    training = kwargs.get("training", True)
    given = ["model", python_text(inputs), _path("folder", kwargs)]
    return "\n".join(
        [
            "import tempfile",
            *_imports(kwargs),
            "from grader.probes.events import layers_in  # what the event files hold",
            *_model(model),
            f"_ = model.{'train' if training else 'eval'}()",
            *(
                f'model.get_submodule("{name}").training = {not training}'
                for name in kwargs.get("otherwise", ())
            ),
            _FOLDER,
            f"    {call_text(function, given)}",
            "    layers_in(folder)",
            "    [module.training for module in model.modules()]",
        ]
    )


def write_scalars(function: str, args: Args, kwargs: Kwargs) -> str:
    lines = []
    for run in args:
        named = {key: value for key, value in run.items() if key != "losses"}
        given = [python_text(run["losses"]), _path("folder", kwargs), *arguments((), named)]
        lines.append(f"    {call_text(function, given)}")
    return "\n".join(
        [
            "import tempfile",
            *_imports(kwargs),
            "from grader.probes.events import scalars_in  # what the event files hold",
            _FOLDER,
            *lines,
            "    scalars_in(folder)",
        ]
    )


def draw_losses(function: str, args: Args, kwargs: Kwargs) -> str:
    (losses,) = args
    path = _path('folder + "/losses.png"', kwargs)
    called = call_text(function, [python_text(losses), path])
    return "\n".join(["import tempfile", *_imports(kwargs), _FOLDER, f"    {called}"])


# what a part of it is called


def place_in_graph(question: Question, part: Part) -> str | None:
    match part:
        case ("value",):
            return "the layers in the event file"
        case ("value", int(which)):
            return f"layer {which + 1} in the event file"
    return None


def place_in_scalars(question: Question, part: Part) -> str | None:
    match part:
        case ("value",):
            return "the tags in the event files"
        case ("value", str(tag)):
            return f"[step, value] of all scalars under {tag!r}"
        case ("value", str(tag), int(which), 0 | 1 as kind):
            return f"the {('step', 'value')[kind]} of scalar {which + 1} under {tag!r}"
    return None


def place_on_figure(question: Question, part: Part) -> str | None:
    match part:
        case ("value", "across" | "up" as axis):
            return f"where the points are, {axis}"
        case ("value", "across" | "up" as axis, int(which)):
            return f"where point {which + 1} is, {axis}"
        case ("value", "labelled", *_):
            return "the axes that have a label"
    return None


# the lines


def _model(model: str) -> list[str]:
    if model in _MODELS:
        return _MODELS[model]
    given = [_LAYERS[kind] for kind in model.split(", ")]
    return [call_text("nn.Sequential", given, "model = ")]


def _imports(kwargs: Kwargs) -> list[str]:
    return [] if kwargs.get("kind", "str") == "str" else ["from pathlib import Path"]


def _path(text: str, kwargs: Kwargs) -> str:
    return text if kwargs.get("kind", "str") == "str" else f"Path({text})"
