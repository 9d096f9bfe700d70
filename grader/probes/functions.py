"""Probes of functions: what they return, what they do to their inputs, and their gradients."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch

from grader.probes.observe import as_given, devices, place, plain, same


def call(subject: Callable[..., Any], device: str, *args: Any, **kwargs: Any) -> dict[str, Any]:
    """Call `subject` once: the value, where its tensors are, and which inputs it changed."""
    inputs, named = place(args, device), place(kwargs, device)
    before, named_before = as_given(args, device), as_given(kwargs, device)
    value = subject(*inputs, **named)
    return {
        "value": plain(value),
        "devices": devices(value),
        "changed": _changed(inputs, before, named, named_before),
    }


def gradient(
    subject: Callable[..., Any],
    device: str,
    *args: Any,
    wrt: Sequence[int | str] = (0,),
    **kwargs: Any,
) -> dict[str, Any]:
    """Call `subject` and backpropagate from its result: the gradient of each input named in `wrt`.

    `wrt` are positions or keywords of float tensors. A result of several elements is weighed with
    1, 2, 3, … before it is summed, so that a gradient cannot be right by symmetry. `graph` is
    False, and the gradients are None, where autograd cannot reach the inputs from the result.
    """
    inputs, named = list(place(args, device)), place(kwargs, device)
    before, named_before = as_given(args, device), as_given(kwargs, device)
    leaves = [named[key] if isinstance(key, str) else inputs[key] for key in wrt]
    for leaf in leaves:
        leaf.requires_grad_()
    value = subject(*inputs, **named)
    reached = isinstance(value, torch.Tensor) and value.requires_grad
    gradients: list[torch.Tensor | None] = [None] * len(leaves)
    if reached:
        weights = torch.arange(1, value.numel() + 1, device=value.device, dtype=value.dtype)
        total = (value * weights.reshape(value.shape)).sum()
        gradients = list(torch.autograd.grad(total, leaves, allow_unused=True))
    return {
        "value": plain(value),
        "devices": devices([value, gradients]),
        "graph": reached,
        "gradients": [plain(found) for found in gradients],
        "changed": _changed(inputs, before, named, named_before),
    }


def finite_gradient(
    subject: Callable[..., Any], device: str, *args: Any, **kwargs: Any
) -> dict[str, Any]:
    """Whether the gradient by the first input is finite: at a kink any subgradient is right."""
    found = gradient(subject, device, *args, **kwargs)
    gradients = [
        bool(part.isfinite().all()) if isinstance(part, torch.Tensor) else part
        for part in found["gradients"]
    ]
    return {**found, "gradients": None, "the gradient is finite": gradients}


def _changed(inputs: Any, before: Any, named: Any, named_before: Any) -> list[str]:
    changed = [
        f"argument {position + 1}"
        for position, (now, then) in enumerate(zip(inputs, before, strict=True))
        if not same(now, then)
    ]
    return changed + [key for key in named if not same(named[key], named_before[key])]
