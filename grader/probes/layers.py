"""Probes of layers: random slopes, two layers made one, a network of two layers, its end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import nn

from grader.probes.modules import layer_outputs
from grader.probes.observe import devices, place, plain, same

_DEFAULT_BOUNDS = {"lower": 1 / 8, "upper": 1 / 3}
_EVEN = 0.08  # 2000 evenly drawn slopes are further from an even spread once in 10¹⁰ times
_ROUNDING = 1e-5  # a slope is observed as a quotient
_ALIKE = 1e-6


def random_slopes(
    subject: Callable[..., Any], device: str, x: torch.Tensor, *bounds: float, **options: Any
) -> dict[str, Any]:
    """Call `subject(x, *bounds, **options)` twice: what holds of its slopes, random as they are.

    `x` has thousands of elements, some of either sign and none 0.
    """
    leaf = place(x, device).requires_grad_()
    results = [subject(leaf, *bounds, **options) for _ in range(2)]
    changed = [] if same(leaf.detach().cpu(), x) else ["argument 1"]
    if not all(isinstance(one, torch.Tensor) and one.shape == x.shape for one in results):
        return {"value": plain(results[0]), "devices": devices(results), "changed": changed}
    given, first, second = leaf.detach(), results[0].detach(), results[1].detach()
    negative = given < 0
    limits = _limits(bounds, options)
    slopes = first[negative] / given[negative]
    value = {
        "dtype": str(first.dtype).removeprefix("torch."),
        "positive elements stay as they are": same(first[~negative], given[~negative]),
        "each slope lies in [lower, upper]": _lie_in(slopes, **limits),
        "different slopes": _how_many(slopes),
        "the slopes are spread evenly": _spread_evenly(slopes, **limits),
        "another call draws other slopes": not torch.equal(first, second),
    }
    graph = results[0].requires_grad
    if graph:
        (gradient,) = torch.autograd.grad(results[0].sum(), leaf)
        wanted = torch.where(negative, first / given, 1.0).to(gradient.dtype)
        value["the gradient is 1 or the slope"] = torch.allclose(gradient, wanted, atol=_ROUNDING)
    return {"graph": graph, "value": value, "devices": devices(results), "changed": changed}


def _limits(bounds: tuple[float, ...], options: Mapping[str, Any]) -> dict[str, float]:
    given = dict(zip(_DEFAULT_BOUNDS, bounds, strict=False))
    return {
        name: given.get(name, options.get(name, default))
        for name, default in _DEFAULT_BOUNDS.items()
    }


def _lie_in(slopes: torch.Tensor, lower: float, upper: float) -> bool:
    return bool(((slopes >= lower - _ROUNDING) & (slopes <= upper + _ROUNDING)).all())


def _how_many(slopes: torch.Tensor) -> str:
    different = 1 + int((slopes.sort().values.diff() > _ALIKE).sum())
    return "one for each element" if different > 0.9 * len(slopes) else str(different)


def _spread_evenly(slopes: torch.Tensor, lower: float, upper: float) -> bool:
    """Whether as many slopes lie below any number as do of evenly spread ones, or nearly so."""
    ordered = (slopes.sort().values.cpu().double() - lower) / (upper - lower)
    even = torch.linspace(0, 1, len(slopes), dtype=torch.float64)
    return bool((ordered - even).abs().max() < _EVEN)


def collapsed(
    subject: Callable[..., Any],
    device: str,
    first_weight: torch.Tensor,
    first_bias: torch.Tensor | None,
    second_weight: torch.Tensor,
    second_bias: torch.Tensor | None,
) -> dict[str, Any]:
    """Call `subject` with two nn.Linear made of these numbers: the layer that comes back.

    No bias counts as one of zeros. `changed` names those of the two that are not as they were, or
    whose memory is the new layer's too.
    """
    pair = {
        "first": _linear(first_weight, first_bias, device),
        "second": _linear(second_weight, second_bias, device),
    }
    before = {name: _parts(layer) for name, layer in pair.items()}
    layer = subject(*pair.values())
    changed = [f"the {name} layer" for name in pair if not same(_parts(pair[name]), before[name])]
    observation: dict[str, Any] = {"layer": _kind(layer), "changed": changed}
    if not isinstance(layer, nn.Linear):
        return {**observation, "value": plain(layer), "devices": []}
    bias = layer.weight.new_zeros(len(layer.weight)) if layer.bias is None else layer.bias
    observation["value"] = {
        "weight": plain(layer.weight),
        "bias": plain(bias),
        "its parameters can be trained": _can_be_trained(layer),
    }
    observation["devices"] = devices([layer.weight, bias])
    for name, old in pair.items():
        found = _parts(layer)
        with torch.no_grad():
            for parameter in old.parameters():
                parameter.add_(1)
        if not same(_parts(layer), found):
            changed.append(f"the new layer, by a change of the {name} (they share memory)")
    return observation


def _linear(weight: torch.Tensor, bias: torch.Tensor | None, device: str) -> nn.Linear:
    outputs, inputs = weight.shape
    layer = nn.Linear(inputs, outputs, bias=bias is not None, dtype=weight.dtype, device=device)
    layer.load_state_dict({"weight": weight} | ({} if bias is None else {"bias": bias}))
    return layer


def _parts(layer: nn.Linear) -> list[Any]:
    """What there is to change about a layer, as copies."""
    parts: list[Any] = [layer.in_features, layer.out_features, layer.training]
    for name, parameter in layer.named_parameters():
        grad = None if parameter.grad is None else plain(parameter.grad)
        parts += [name, plain(parameter), parameter.requires_grad, grad]
    return parts


def _can_be_trained(layer: nn.Linear) -> bool:
    parameters = dict(layer.named_parameters())
    return "weight" in parameters and all(
        one.requires_grad and one.is_leaf and not one.is_inference() for one in parameters.values()
    )


def two_layers(
    subject: Callable[..., Any],
    device: str,
    state: dict[str, torch.Tensor],
    x: torch.Tensor | None = None,
    gradients: bool = False,
    seed: int | None = None,
) -> dict[str, Any]:
    """Build `subject(input_size, hidden_size, output_size)`, load this state and run it on x.

    `state` holds layer1.weight, layer1.bias, layer2.weight and layer2.bias; the sizes are theirs.
    What the network is made of comes first, and all there is without an x and where it has other
    parameters. With `gradients` also those for the summed squares of the output. Without an x and
    with a `seed`, what each layer computes alone is observed.
    """
    hidden, features = state["layer1.weight"].shape
    network = subject(features, hidden, len(state["layer2.weight"]))
    observation = _made_of(network)
    if observation["parameters"] != _shapes(state):
        return observation
    if x is None:
        made = {} if seed is None else {"value": layer_outputs(network.to(device), seed)}
        return observation | made
    network.to(device=device, dtype=x.dtype).load_state_dict(state)
    batch = place(x, device)
    output = network(batch)
    observation |= {
        "value": plain(output),
        "devices": devices(output),
        "changed": [] if same(batch.cpu(), x) else ["the input"],
    }
    if gradients:
        observation["graph"] = isinstance(output, torch.Tensor) and output.requires_grad
        if observation["graph"]:
            output.square().sum().backward()
        named = dict(network.named_parameters())
        observation["gradients"] = {name: plain(named[name].grad) for name in sorted(named)}
    return observation


def _made_of(network: object) -> dict[str, Any]:
    """What stands in for the output too where a network with other parameters has none."""
    made = {"devices": [], "changed": [], "parameters": {}, "value": plain(network)}
    if not isinstance(network, nn.Module):
        return {"network": _kind(network), **made}
    layers = {name: _kind(getattr(network, name, None)) for name in ("layer1", "layer2")}
    shapes = _shapes(network.state_dict())
    return {"network": "an nn.Module", **layers, **made, "parameters": shapes, "value": shapes}


def _shapes(state: Mapping[str, torch.Tensor]) -> dict[str, list[int]]:
    return {name: list(tensor.shape) for name, tensor in sorted(state.items())}


def _kind(found: object) -> str:
    if isinstance(found, nn.Linear):
        return "an nn.Linear"
    return "nothing" if found is None else type(found).__name__[:200]


def activation(
    subject: Callable[..., Any], device: str, task: str, *inputs: torch.Tensor
) -> dict[str, Any]:
    """The layer that `subject(task)` gives, as torch's own class, and what it makes of the inputs.

    Of what is no layer, such as a class, only the kind is observed.
    """
    layer = subject(task)
    if not isinstance(layer, nn.Module):
        found = plain(layer)
        if isinstance(layer, type):
            found = f"the class {layer.__name__[:200]}"
        return {"layer": found, "value": found, "devices": [], "changed": []}
    batches = place(inputs, device)
    outputs = [layer(batch) for batch in batches]
    return {
        "layer": _torch_class(layer),
        "value": plain(outputs),
        "devices": devices(outputs),
        "changed": [] if same(place(batches, "cpu"), inputs) else ["the input"],
    }


def _torch_class(module: nn.Module) -> str:
    for kind in type(module).__mro__:
        if kind.__module__.startswith("torch.nn."):
            return kind.__name__
    return type(module).__name__[:200]
