"""Probes of derivatives: a gradient by differences, and what becomes of a model's gradients."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import nn

from grader.probes.observe import devices, place, plain, same
from grader.probes.training import lopsided_mse

# Scalar functions by what one would write after `lambda x:`.
FUNCTIONS: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "(x**2).sum()": lambda x: (x**2).sum(),
    "(x**3).sum()": lambda x: (x**3).sum(),
    "x.sum() ** 2": lambda x: x.sum() ** 2,
    "x.prod()": lambda x: x.prod(),
    "x[0]": lambda x: x[0],  # of one dimension: a part of x itself, no copy
    "x[-1]": lambda x: x[-1],
}
# Models by what one would write after `model =`.
MODELS: dict[str, Callable[[], nn.Module]] = {
    "nn.Linear(1, 1)": lambda: nn.Linear(1, 1),
    "nn.Linear(2, 1)": lambda: nn.Linear(2, 1),
    "nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))": lambda: nn.Sequential(
        nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1)
    ),
}


def sum_of_output(output: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """A loss whose gradients one can follow by hand: they are sums of the inputs."""
    return output.sum()


LOSSES = {"sum": sum_of_output, "lopsided": lopsided_mse}


def differentiate(
    subject: Callable[..., Any], device: str, function: str, x: torch.Tensor, **options: Any
) -> dict[str, Any]:
    """Have `subject` differentiate one of FUNCTIONS at x: the gradient, and whether x changed."""
    placed = place(x, device)
    value = subject(FUNCTIONS[function], placed, **options)
    changed = [] if same(placed, place(x, device)) else ["x"]
    return {"value": plain(value), "devices": devices(value), "changed": changed}


def lifecycle(
    subject: Callable[..., Any],
    device: str,
    model: str,
    inputs: torch.Tensor,
    targets: torch.Tensor,
    loss: str = "lopsided",
    stale: bool = False,
    frozen: Sequence[str] = (),
    spare: bool = False,
) -> dict[str, Any]:
    """Have `subject` follow the gradients of one of MODELS: its snapshots, and what it changed.

    The parameters are those that torch draws after seed 0. With `stale` all of them come with a
    gradient of an earlier step; those named in `frozen` are frozen after that; with `spare` there
    is one more that the loss does not depend on. Gradients that are left in the end are
    overwritten before the snapshots are looked at: a snapshot that is no copy changes with them.
    """
    network = _built(model, inputs.dtype, device, spare)
    for name, parameter in network.named_parameters():
        parameter.grad = torch.full_like(parameter, 0.5) if stale else None
        parameter.requires_grad_(name not in frozen)
    batch, wanted = place(inputs, device), place(targets, device)
    before = _held(network)
    value = subject(network, LOSSES[loss], batch, wanted)
    _overwrite_gradients(network)
    changed = {
        "the parameters": not same(before, _held(network)),
        "inputs": not same(batch, place(inputs, device)),
        "targets": not same(wanted, place(targets, device)),
    }
    return {
        "value": plain(value),
        "the copies are detached": not _requires_grad(value),
        "devices": devices(value),
        "changed": [name for name, happened in changed.items() if happened],
    }


def _built(model: str, dtype: torch.dtype, device: str, spare: bool) -> nn.Module:
    torch.default_generator.manual_seed(0)
    network = MODELS[model]()
    if spare:
        network.register_parameter("spare", nn.Parameter(torch.ones(2)))
    return network.to(dtype).to(device)


def _held(network: nn.Module) -> list[list[Any]]:
    """The name of each parameter, whether it is trained, and a copy of its value."""
    return [[name, p.requires_grad, p.detach().clone()] for name, p in network.named_parameters()]


def _overwrite_gradients(network: nn.Module) -> None:
    with torch.no_grad():
        for parameter in network.parameters():
            if parameter.grad is not None:
                parameter.grad.fill_(-1.0)


def _requires_grad(value: Any, depth: int = 0) -> bool:
    """Whether some tensor in a dict of lists requires a gradient."""
    if isinstance(value, torch.Tensor):
        return value.requires_grad
    items = value.values() if isinstance(value, dict) else value
    if depth > 1 or not isinstance(value, (dict, list, tuple)):
        return False
    return any(_requires_grad(item, depth + 1) for item in items)
