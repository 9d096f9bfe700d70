"""The words of the probes of derivatives: differences of a function, gradients of a model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch

from grader.checking.words_values import call_text, python_text

Args = tuple[Any, ...]
Kwargs = Mapping[str, Any]

_LOSSES = {
    "sum": "loss_fn = lambda output, target: output.sum()",
    "lopsided": "loss_fn = lambda output, target: (output - 2 * target).square().mean()",
}
_STALE = "sum(p.sum() for p in model.parameters()).mul(0.5).backward()  # grads left from before"


def differentiate(function: str, args: Args, kwargs: Kwargs) -> str:
    name, x = args
    given = [f"lambda x: {name}", "x", *(f"{key}={value!r}" for key, value in kwargs.items())]
    return "\n".join([f"x = {python_text(x)}", call_text(function, given)])


def lifecycle(function: str, args: Args, kwargs: Kwargs) -> str:
    model, inputs, targets = args
    double = ".double()" if inputs.dtype is torch.float64 else ""
    spare = f"model.spare = nn.Parameter({python_text(torch.ones(2, dtype=inputs.dtype))})"
    frozen = (f'model.get_parameter("{name}")' for name in kwargs.get("frozen", ()))
    return "\n".join(
        [
            "torch.manual_seed(0)",
            f"model = {model}{double}",
            *([spare] if kwargs.get("spare") else []),
            *([_STALE] if kwargs.get("stale") else []),
            *(f"{parameter}.requires_grad_(False)" for parameter in frozen),
            _LOSSES[kwargs.get("loss", "lopsided")],
            f"inputs = {python_text(inputs)}",
            f"targets = {python_text(targets)}",
            f"{function}(model, loss_fn, inputs, targets)",
        ]
    )
