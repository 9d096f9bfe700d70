"""Probes of networks: what they are made of, and what they compute with given parameters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import nn

from grader.probes.observe import as_given, devices, fill, place, plain, same


def forward(
    subject: Callable[..., nn.Module],
    device: str,
    *inputs: torch.Tensor,
    seed: int = 0,
    gradients: bool = False,
    training: bool = True,
) -> dict[str, Any]:
    """Build a network, fill its parameters from `seed` and run it on each of the inputs.

    It has the inputs' dtype and runs in training or in evaluation mode. With `gradients`, also
    those of all parameters for the summed squares of the outputs.
    """
    network = subject()
    if not isinstance(network, nn.Module):
        return {"value": plain(network), "devices": [], "changed": []}
    network = network.to(device, inputs[0].dtype if inputs else None).train(training)
    fill(network.state_dict(), seed)
    placed, before = place(inputs, device), as_given(inputs, device)
    outputs = [network(batch) for batch in placed]
    observation: dict[str, Any] = {
        "parameters": _shapes(network),
        "value": plain(outputs),
        "devices": devices(outputs),
        "changed": [] if same(placed, before) else ["the images"],
    }
    if gradients:
        sum(output.square().sum() for output in outputs).backward()
        named = dict(network.named_parameters())
        observation["gradients"] = {name: plain(named[name].grad) for name in sorted(named)}
    return observation


def describe(
    subject: Callable[..., nn.Module],
    device: str,
    sequential: bool = False,
    seed: int | None = None,
) -> dict[str, Any]:
    """Build a network: its layers as torch's own classes, and its parameters' shapes.

    With `sequential` also whether it is an nn.Sequential, with a `seed` what each layer computes.
    """
    network = subject()
    if not isinstance(network, nn.Module):
        return {"value": plain(network), "devices": [], "changed": []}
    value: dict[str, Any] = {"is a Sequential": isinstance(network, nn.Sequential)}
    value = value if sequential else {}
    value["layers"] = dict(sorted(_layers(network).items()))
    value["parameters"] = _shapes(network)
    value["the next one has parameters of its own"] = not _memory(network) & _memory(subject())
    if seed is not None:
        value["outputs"] = layer_outputs(network.to(device), seed)
    return {"value": value, "devices": [], "changed": []}


def layer_outputs(network: nn.Module, seed: int) -> dict[str, torch.Tensor]:
    """What each Conv2d and Linear makes of noise, by name; noise and parameters are the seed's.

    Each layer stands alone, so that one that is used wrongly is right all the same. A convolution
    gets as much as its kernel sees; what comes out in the middle is the same with any padding.
    """
    fill(network.state_dict(), seed)
    found = {}
    for name, layer in sorted(network.named_modules()):
        if not isinstance(layer, (nn.Conv2d, nn.Linear)):
            continue
        weight = layer.weight
        generator = torch.Generator().manual_seed(seed)
        noise = torch.randn(1, *weight.shape[1:], generator=generator)
        output = layer(noise.to(weight.device, weight.dtype)).flatten(2 if weight.dim() > 2 else 1)
        found[name] = plain(output[..., output.shape[-1] // 2] if weight.dim() > 2 else output)
    return found


def size(subject: Callable[..., nn.Module], device: str, *shape: int) -> dict[str, Any]:
    """Build a network and run it on zeros of `shape`: its output's shape and trainable elements."""
    network = subject()
    if not isinstance(network, nn.Module):
        return {"value": plain(network), "devices": [], "changed": []}
    output = network.to(device)(torch.zeros(shape, device=device))
    value = {
        "output shape": list(output.shape),
        "trainable elements": sum(p.numel() for p in network.parameters() if p.requires_grad),
    }
    return {"value": value, "devices": devices(output), "changed": []}


def count(
    subject: Callable[[nn.Module], Any], device: str, model: str, sizes: Sequence[int] = ()
) -> dict[str, Any]:
    """Give `subject` one of the models of this module by name; the model must stay as it was.

    `sizes` are for the one that takes them.
    """
    network = MODELS[model](*sizes).to(device)
    for parameter in network.parameters():
        parameter.grad = torch.ones_like(parameter)
    before = place(_named(network), device)
    value = subject(network)
    changed = [] if same(before, _named(network)) else ["the model"]
    return {"value": plain(value), "devices": [], "changed": changed}


def _named(network: nn.Module) -> list[Any]:
    """All that there is to a model: its modes, its parameters and their grads."""
    modes = [module.training for module in network.modules()]
    named = network.named_parameters(remove_duplicate=False)
    return [modes, [(name, p.requires_grad, p.detach(), p.grad) for name, p in named]]


def _memory(network: nn.Module) -> set[int]:
    return {parameter.data_ptr() for parameter in network.parameters()}


def _shapes(network: nn.Module) -> dict[str, list[int]]:
    return {name: list(tensor.shape) for name, tensor in sorted(network.state_dict().items())}


def _layers(network: nn.Module, prefix: str = "") -> dict[str, str]:
    """Name and torch class of every layer, and of what containers hold."""
    found = {}
    for name, child in network._modules.items():
        if child is None:
            continue
        found[prefix + name] = _torch_class(child)
        if not type(child).__module__.startswith("torch.nn.") or isinstance(child, nn.Sequential):
            found |= _layers(child, f"{prefix}{name}.")
    return found


def _torch_class(module: nn.Module) -> str:
    for kind in type(module).__mro__:
        if kind.__module__.startswith("torch.nn."):
            return kind.__name__
    return type(module).__name__


def _frozen(features: int = 3, hidden: int = 4, outputs: int = 2) -> nn.Module:
    model = nn.Sequential(nn.Linear(features, hidden), nn.Linear(hidden, outputs))
    for parameter in model[0].parameters():
        parameter.requires_grad_(False)
    return model


def _shared() -> nn.Module:
    model = nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 4))
    model[2].weight = model[0].weight
    return model


def _nested() -> nn.Module:
    inner = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2))
    return nn.Sequential(inner, nn.Flatten(), nn.Linear(8, 3, bias=False))


def _half_frozen() -> nn.Module:
    model = nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 2))
    model[0].weight.requires_grad_(False)
    model[1].bias.requires_grad_(False)
    return model


def _deep() -> nn.Module:
    return nn.Sequential(nn.Sequential(nn.Sequential(nn.PReLU(), nn.PReLU()), nn.GRU(1, 2)))


def _used_twice() -> nn.Module:
    layer = nn.Linear(4, 4)
    return nn.Sequential(layer, nn.ReLU(), layer)


MODELS: dict[str, Callable[..., nn.Module]] = {
    "two Linear, each half frozen": _half_frozen,
    "two PReLU and a GRU, three levels deep": _deep,
    "one Linear used twice": _used_twice,
    "Linear(3, 4)": lambda: nn.Linear(3, 4),
    "two Linear, the first frozen": _frozen,
    "two Linear that share one weight": _shared,
    "Conv2d, BatchNorm2d and Linear, nested": _nested,
    "no parameters": lambda: nn.Sequential(nn.ReLU(), nn.Flatten()),
}
