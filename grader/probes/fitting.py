"""Probes of fitting a line: where w and b end, what is left in them, and what is returned."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

import torch
from torch import nn

from grader.probes.observe import SHOWN, devices, place, plain, same

_LEFT_BEFORE = 0.5  # the grads that something else has left behind
_CLEARED = "None or zeros"


def run_gradient_step(
    subject: Callable[..., Any],
    device: str,
    w: torch.Tensor,
    b: torch.Tensor,
    w_grad: torch.Tensor,
    b_grad: torch.Tensor,
    *given: Any,
    **options: Any,
) -> dict[str, Any]:
    """Call `subject(w, b, *given, **options)` on leaves with these grads: where the two end.

    `changed` says whether one has other memory than before or is no leaf that requires grad, and
    whether autograd was left switched off.
    """
    leaves = _leaves(device, w=w, b=b)
    leaves["w"].grad, leaves["b"].grad = place((w_grad, b_grad), device)
    memory = _memory(leaves)
    with torch.enable_grad():
        subject(*leaves.values(), *given, **options)
        faults = _faults(leaves, memory)
    return {
        "value": {name: plain(leaf) for name, leaf in leaves.items()},
        "devices": devices(leaves),
        "changed": faults,
    }


def grads_after_step(
    subject: Callable[..., Any],
    device: str,
    w: torch.Tensor,
    b: torch.Tensor,
    w_grad: torch.Tensor,
    b_grad: torch.Tensor,
    *given: Any,
    **options: Any,
) -> dict[str, Any]:
    """Call `subject` as `run_gradient_step` does: the grads afterwards, None and zeros alike."""
    leaves = _leaves(device, w=w, b=b)
    leaves["w"].grad, leaves["b"].grad = place((w_grad, b_grad), device)
    with torch.enable_grad():
        subject(*leaves.values(), *given, **options)
    value = {f"{name}.grad": _grad(leaf) for name, leaf in leaves.items()}
    return {"value": value, "devices": [], "changed": []}


def run_fit(
    subject: Callable[..., Any],
    device: str,
    x: torch.Tensor,
    y: torch.Tensor,
    w: torch.Tensor,
    b: torch.Tensor,
    *given: Any,
    stale: bool = False,
    **options: Any,
) -> dict[str, Any]:
    """Call `subject(x, y, w, b, *given, **options)`: the losses, and where w and b end.

    With `stale`, w and b come with grads that something else has left.
    """
    points, leaves = place({"x": x, "y": y}, device), _leaves(device, w=w, b=b)
    memory = _memory(leaves)
    if stale:
        _leave_grads(leaves)
    with torch.enable_grad():
        losses = subject(*points.values(), *leaves.values(), *given, **options)
        faults = _faults(leaves, memory)
    ends = {name: plain(leaf) for name, leaf in leaves.items()}
    return {
        "value": {"losses": plain(losses), **ends},
        "devices": devices(leaves),
        "changed": faults + _moved(points, x=x, y=y),
    }


def run_linear_model(
    subject: Callable[..., Any],
    device: str,
    weight: torch.Tensor,
    bias: torch.Tensor,
    x: torch.Tensor,
    gradients: bool = False,
) -> dict[str, Any]:
    """Build a module, give its layer `linear` this weight and bias, and run it on x.

    What it is made of comes first, and all there is where the parameters are not those of one
    nn.Linear(1, 1). With `gradients` also those for the summed squares of the output.
    """
    model = subject()
    if not isinstance(model, nn.Module):
        return {"value": plain(model), "devices": [], "changed": []}
    state = {"linear.weight": weight, "linear.bias": bias}
    observation: dict[str, Any] = {
        "linear": _kind(getattr(model, "linear", None)),
        "parameters": {name: list(p.shape) for name, p in sorted(model.state_dict().items())},
        "value": None,
        "devices": [],
        "changed": [],
    }
    if {name: list(tensor.shape) for name, tensor in state.items()} != observation["parameters"]:
        return observation
    model.to(device=device, dtype=x.dtype).load_state_dict(state)
    points = place({"x": x}, device)
    output = model(points["x"])
    observation |= {
        "value": plain(output),
        "devices": devices(output),
        "changed": _moved(points, x=x),
    }
    if gradients:
        observation["graph"] = isinstance(output, torch.Tensor) and output.requires_grad
        if observation["graph"]:
            output.square().sum().backward()
        found = dict(model.named_parameters())
        observation["gradients"] = {name: plain(p.grad) for name, p in sorted(found.items())}
    return observation


def run_fit_module(
    subject: Callable[..., Any],
    device: str,
    weight: torch.Tensor,
    bias: torch.Tensor,
    x: torch.Tensor,
    y: torch.Tensor,
    *given: Any,
    stale: bool = False,
    asked: torch.Tensor | None = None,
    **options: Any,
) -> dict[str, Any]:
    """Train an nn.Linear that starts at `weight` and `bias`: the losses, and where the two end.

    With `stale`, they come with grads that something else has left; with `asked`, the trained
    model's predictions for it are observed too.
    """
    outputs, features = weight.shape
    model = nn.Linear(features, outputs, device=device, dtype=weight.dtype)
    model.load_state_dict({"weight": weight, "bias": bias})
    points = place({"x": x, "y": y}, device)
    if stale:
        _leave_grads(dict(model.named_parameters()))
    losses = subject(model, *points.values(), *given, **options)
    value = {"losses": plain(losses), "weight": plain(model.weight), "bias": plain(model.bias)}
    if asked is not None:
        value["prediction"] = plain(model(place(asked, device)))
    return {
        "value": value,
        "devices": devices(list(model.parameters())),
        "changed": _moved(points, x=x, y=y),
    }


def descent(subject: Callable[..., Any], device: str, *run: Any, **options: Any) -> dict[str, Any]:
    """What `run_fit` observes, of many losses only how many, the first, the last and the way.

    All of them are there to be shown.
    """
    return _summed_up(run_fit(subject, device, *run, **options))


def module_descent(
    subject: Callable[..., Any], device: str, *run: Any, **options: Any
) -> dict[str, Any]:
    """What `run_fit_module` observes, the losses summed up as in `descent`."""
    return _summed_up(run_fit_module(subject, device, *run, **options))


def _summed_up(found: dict[str, Any]) -> dict[str, Any]:
    losses = found["value"].pop("losses")
    listed = losses if isinstance(losses, list) else []
    floats = all(isinstance(loss, float) for loss in listed)
    summary = {
        "the number of losses": len(losses) if isinstance(losses, list) else losses,
        "the first loss": listed[0] if listed else None,
        "the last loss": listed[-1] if listed else None,
        "the loss falls in every epoch": floats and all(b < a for a, b in pairwise(listed)),
    }
    return {**found, "value": {**summary, **found["value"]}, SHOWN: losses}


def _leaves(device: str, **starts: torch.Tensor) -> dict[str, torch.Tensor]:
    return {name: place(start, device).requires_grad_() for name, start in starts.items()}


def _leave_grads(leaves: Mapping[str, torch.Tensor]) -> None:
    for leaf in leaves.values():
        leaf.grad = torch.full_like(leaf, _LEFT_BEFORE, requires_grad=False)


def _memory(leaves: Mapping[str, torch.Tensor]) -> list[torch.Tensor]:
    """Tensors that hold the memory of the leaves: as long as they live, no other gets it."""
    return [leaf.detach() for leaf in leaves.values()]


def _faults(leaves: Mapping[str, torch.Tensor], memory: list[torch.Tensor]) -> list[str]:
    """What became of leaves that should only have changed their values."""
    faults = []
    for (name, leaf), held in zip(leaves.items(), memory, strict=True):
        if leaf.data_ptr() != held.data_ptr():
            faults.append(f"the memory of {name} ({name} must change in place)")
        if not leaf.is_leaf or not leaf.requires_grad:
            faults.append(f"the kind of {name} ({name} must stay a leaf that requires grad)")
    if not torch.is_grad_enabled():
        faults.append("torch's grad mode (it must not stay off)")
    return faults


def _moved(points: Mapping[str, torch.Tensor], **before: torch.Tensor) -> list[str]:
    return [name for name, now in points.items() if not same(now.detach().cpu(), before[name])]


def _grad(leaf: torch.Tensor) -> Any:
    found = leaf.grad
    return _CLEARED if found is None or not bool(found.any()) else plain(found)


def _kind(layer: object) -> str:
    if layer is None:
        return "nothing"
    return "an nn.Linear" if isinstance(layer, nn.Linear) else type(layer).__name__[:200]
