"""Probes of optimizers: the parameters after each of many steps, and what a step leaves behind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import nn

from grader.probes.observe import devices, place, plain

Gradients = Sequence[Sequence[torch.Tensor | None]]


def optimize(
    subject: Callable[..., Any],
    device: str,
    parameters: Sequence[torch.Tensor],
    gradients: Gradients,
    zero_between: bool = False,
    as_generator: bool = False,
    **hyperparameters: Any,
) -> dict[str, Any]:
    """Build an optimizer over `parameters` and step once for each row of `gradients`.

    A row has one gradient a parameter, or None. `zero_between` zeroes each gradient's own memory
    after the step, as `zero_grad(set_to_none=False)` does. Returns the parameters after each step
    and whether a step moved a parameter's memory, changed a gradient or left a graph.
    """
    leaves = [nn.Parameter(start) for start in place(list(parameters), device)]
    memory = [leaf.detach() for leaf in leaves]  # held, so that no other tensor comes to lie there
    addresses = [held.data_ptr() for held in memory]
    given = (leaf for leaf in leaves) if as_generator else leaves
    optimizer = subject(given, **place(hyperparameters, device))
    history, faults = [], set()
    for row in gradients:
        for leaf, found in zip(leaves, place(list(row), device), strict=True):
            leaf.grad = found
        optimizer.step()
        history.append([plain(leaf) for leaf in leaves])
        faults |= _faults(leaves, addresses, place(list(row), device))
        if zero_between:
            for leaf in leaves:
                if leaf.grad is not None:
                    leaf.grad.detach().zero_()
    return {
        "value": history,
        "devices": devices(leaves),
        "changed": sorted(faults),
    }


def _faults(
    leaves: Sequence[nn.Parameter],
    addresses: Sequence[int],
    given: Sequence[torch.Tensor | None],
) -> set[str]:
    faults = set()
    for leaf, address, expected in zip(leaves, addresses, given, strict=True):
        if leaf.data_ptr() != address:
            faults.add("the parameters' memory (a step must be in place)")
        if not leaf.is_leaf or not leaf.requires_grad:
            faults.add("the parameters' place in the graph (they must stay leaves)")
        if (leaf.grad is None) != (expected is None):
            faults.add("the gradients (step() must leave them)")
        elif expected is not None and not torch.equal(leaf.grad, expected):  # type: ignore[arg-type]
            faults.add("the gradients (step() must leave them)")
    return faults


def clear(
    subject: Callable[..., Any],
    device: str,
    parameters: Sequence[torch.Tensor],
    gradients: Sequence[torch.Tensor | None],
    zero_grad: dict[str, Any],
    **hyperparameters: Any,
) -> dict[str, Any]:
    """Set the gradients, call `zero_grad(**zero_grad)`: gradients and parameters afterwards."""
    leaves = [nn.Parameter(start) for start in place(list(parameters), device)]
    optimizer = subject(leaves, **hyperparameters)
    for leaf, found in zip(leaves, place(list(gradients), device), strict=True):
        leaf.grad = found
    optimizer.zero_grad(**zero_grad)
    return {
        "value": {
            "gradients": [plain(leaf.grad) for leaf in leaves],
            "parameters": [plain(leaf) for leaf in leaves],
        },
        "devices": devices(leaves),
        "changed": [],
    }


def choose(
    subject: Callable[..., Any],
    device: str,
    name: str,
    parameters: Sequence[torch.Tensor],
    gradients: Gradients,
    lr: float,
) -> dict[str, Any]:
    """Have `subject(name, params, lr)` make a torch optimizer: its class, settings and two steps.

    Steps are taken with a closure, as LBFGS needs one; SparseAdam gets its gradients sparse.
    """
    leaves = [nn.Parameter(start) for start in place(list(parameters), device)]
    optimizer = subject(name, leaves, lr)
    if not isinstance(optimizer, torch.optim.Optimizer):
        return {"value": plain(optimizer), "devices": [], "changed": []}
    history = []
    for row in place([list(row) for row in gradients], device):
        for leaf, found in zip(leaves, row, strict=True):
            leaf.grad = found.to_sparse() if name == "SparseAdam" else found
        optimizer.step(lambda: 0.0)
        history.append([plain(leaf) for leaf in leaves])
    settings = {
        key: plain(setting)
        for key, setting in optimizer.param_groups[0].items()
        if key != "params" and isinstance(setting, (bool, int, float, tuple, str, type(None)))
    }
    return {
        "value": {
            "class": type(optimizer).__name__,
            "settings": settings,
            "parameters": history,
        },
        "devices": devices(leaves),
        "changed": [],
    }
