"""Probes of training loops: where the parameters end, what is returned, what is left behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from grader.probes.observe import devices, fill, place, plain, same


class Noise(nn.Module):
    """Dropout whose mask comes from the CPU's global generator, alike on every device."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if not self.training:
            return x
        return x * (torch.rand(x.shape, dtype=x.dtype) > 0.25).to(x.device)


def _perceptron(features: int, outputs: int) -> nn.Module:
    return nn.Sequential(nn.Linear(features, 6), nn.Tanh(), nn.Linear(6, outputs))


def _moody(features: int, outputs: int) -> nn.Module:
    """A network that computes something else in training mode, by batch norm and by noise."""
    return nn.Sequential(
        nn.Linear(features, 6), nn.BatchNorm1d(6), Noise(), nn.Tanh(), nn.Linear(6, outputs)
    )


def _pictures(features: int, outputs: int) -> nn.Module:
    """A linear model of 32×32 images, averaged to 8×8 first: it learns in milliseconds."""
    return nn.Sequential(nn.AvgPool2d(4), nn.Flatten(), nn.Linear(features, outputs))


MODELS = {"perceptron": _perceptron, "moody": _moody, "pictures": _pictures}


def lopsided_mse(prediction: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """A mean squared error that tells its arguments apart: swapped, it gives another value."""
    return (prediction - 2 * target).square().mean()


LOSSES: dict[str, Callable[..., torch.Tensor]] = {
    "lopsided": lopsided_mse,
    "mse": nn.functional.mse_loss,
    "cross_entropy": nn.functional.cross_entropy,
}


@dataclass
class _Watched:
    """A loss function that notes what it was given."""

    loss: Callable[..., torch.Tensor]
    with_graph: bool = False
    seen_devices: set[str] = field(default_factory=set)

    def __call__(self, prediction: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        self.with_graph |= prediction.requires_grad
        self.seen_devices |= {prediction.device.type, target.device.type}
        return self.loss(prediction, target)


def _build(model: str, inputs: torch.Tensor, outputs: int, seed: int) -> nn.Module:
    features = 192 if model == "pictures" else inputs.shape[1]
    network = MODELS[model](features, outputs).to(inputs.dtype)
    fill(dict(network.named_parameters()), seed)
    return network


def _stale(network: nn.Module) -> None:
    """Leave gradients of an earlier step behind; a loop has to clear them."""
    for parameter in network.parameters():
        parameter.grad = torch.full_like(parameter, 0.5)


def _loader(inputs: torch.Tensor, targets: torch.Tensor, **options: Any) -> DataLoader[Any]:
    return DataLoader(TensorDataset(inputs, targets), **options)


class ClosurelessSGD(torch.optim.SGD):
    """SGD whose step takes no closure, as a student's own optimizer may not."""

    def step(self) -> None:  # type: ignore[override]  # to take no closure is what it is for
        super().step()


def _optimizer(network: nn.Module, settings: dict[str, Any]) -> torch.optim.Optimizer:
    options = {key: value for key, value in settings.items() if key != "name"}
    name = settings["name"]
    kind = ClosurelessSGD if name == "ClosurelessSGD" else getattr(torch.optim, name)
    made: torch.optim.Optimizer = kind(network.parameters(), **options)
    return made


def _state(network: nn.Module) -> dict[str, Any]:
    return {name: plain(tensor) for name, tensor in network.state_dict().items()}


def run_train_step(
    subject: Callable[..., Any],
    device: str,
    model: str,
    inputs: torch.Tensor,
    targets: torch.Tensor,
    optimizer: dict[str, Any],
    outputs: int = 1,
    loss: str = "lopsided",
    steps: int = 1,
    training: bool = True,
    seed: int = 0,
) -> dict[str, Any]:
    """Take `steps` training steps on one batch: the losses, and where the parameters end."""
    network = _build(model, inputs, outputs, seed).to(device)
    network.train(training)
    made = _optimizer(network, optimizer)
    _stale(network)
    batch, wanted = place(inputs, device), place(targets, device)
    losses = [subject(network, batch, wanted, LOSSES[loss], made) for _ in range(steps)]
    changed = [] if same([batch, wanted], place([inputs, targets], device)) else ["the batch"]
    if network.training != training:
        changed.append("the model's mode")
    return {
        "value": {"losses": plain(losses), "parameters": _state(network)},
        "devices": devices(list(network.parameters())),
        "changed": changed,
    }


def run_train(
    subject: Callable[..., Any],
    device: str,
    model: str,
    inputs: torch.Tensor,
    targets: torch.Tensor,
    optimizer: dict[str, Any],
    epochs: int = 2,
    batch_size: int = 4,
    shuffle: bool = True,
    outputs: int = 1,
    loss: str = "lopsided",
    on: str | None = None,
    seed: int = 0,
) -> dict[str, Any]:
    """Train a model that arrives in evaluation mode: the returned losses and the end of the state.

    `on` asks for another device than the run's own; on "meta" nothing is computed, and only where
    the model and the batches were when the loss was called is observed.
    """
    network = _build(model, inputs, outputs, seed)
    network.eval()
    watched = _Watched(_constant if on == "meta" else LOSSES[loss])
    asked = on or device
    if asked != "meta":
        network.to(asked)  # so that the optimizer holds the parameters that are trained
    made = _optimizer(network, optimizer)
    _stale(network)
    loader = _loader(inputs, targets, batch_size=batch_size, shuffle=shuffle)
    placed = {"device": asked} if asked != "cpu" else {}
    losses = subject(network, loader, watched, made, epochs, **placed)
    observation: dict[str, Any] = {"devices": sorted(watched.seen_devices), "changed": []}
    if asked == "meta":
        observation["value"] = {"where the loss was computed": sorted(watched.seen_devices)}
        observation["devices"] = []
    else:
        observation["value"] = {"losses": plain(losses), "state": _state(network)}
    return observation


def _constant(prediction: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    return torch.ones((), requires_grad=True) * 1.0


def run_evaluate(
    subject: Callable[..., Any],
    device: str,
    model: str,
    inputs: torch.Tensor,
    targets: torch.Tensor,
    batch_size: int = 4,
    drop_last: bool = False,
    outputs: int = 3,
    loss: str = "cross_entropy",
    with_device: bool = True,
    grad_enabled: bool = True,
    training: bool = True,
    seed: int = 0,
) -> dict[str, Any]:
    """Evaluate a model whose parts are in different modes: what is returned, what changed."""
    network = _build(model, inputs, outputs, seed).to(device)
    network.train(training)
    next(network.children()).train(not training)
    _stale(network)
    state, modes = place(network.state_dict(), device), _modes(network)
    watched = _Watched(LOSSES[loss])
    if with_device:
        loader = _loader(inputs, targets, batch_size=batch_size, drop_last=drop_last)
        arguments = {"device": device} if device != "cpu" else {}
    else:
        loader = _Batches(place(inputs, device), place(targets, device), batch_size)  # type: ignore[assignment]
        arguments = {}
    with torch.set_grad_enabled(grad_enabled):
        value = subject(network, loader, watched, **arguments)
        grad_mode_kept = torch.is_grad_enabled() == grad_enabled
    changed = {
        "the parameters or buffers": not same(dict(network.state_dict()), state),
        "the gradients": any(
            p.grad is None or bool((p.grad != 0.5).any()) for p in network.parameters()
        ),
        "torch's grad mode": not grad_mode_kept,
        "memory (a graph was built)": watched.with_graph,
    }
    return {
        "value": plain(value),
        "devices": sorted(watched.seen_devices),
        "changed": [name for name, happened in changed.items() if happened]
        + _changed_modes(modes, _modes(network)),
    }


@dataclass
class _Batches:
    """A loader that already gives its batches on the device."""

    inputs: torch.Tensor
    targets: torch.Tensor
    batch_size: int

    def __iter__(self) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        inputs = torch.split(self.inputs, self.batch_size)
        yield from zip(inputs, torch.split(self.targets, self.batch_size), strict=True)

    def __len__(self) -> int:
        return -(-len(self.inputs) // self.batch_size)


def _modes(network: nn.Module) -> dict[str, str]:
    """The mode of the network and of each submodule, by name."""
    return {
        f"layer {name}" if name else "the model": "training" if module.training else "evaluation"
        for name, module in network.named_modules()
    }


def _changed_modes(before: dict[str, str], after: dict[str, str]) -> list[str]:
    return [
        f"the mode of {name}, from {mode} to {after[name]}"
        for name, mode in before.items()
        if after[name] != mode
    ]


def run_lbfgs(
    subject: Callable[..., Any],
    device: str,
    model: str,
    inputs: torch.Tensor,
    targets: torch.Tensor,
    settings: dict[str, Any],
    steps: int = 2,
    outputs: int = 1,
    seed: int = 0,
) -> dict[str, Any]:
    """Take `steps` LBFGS steps: the losses returned and where the parameters end."""
    network = _build(model, inputs, outputs, seed).to(device)
    made = torch.optim.LBFGS(network.parameters(), **settings)
    _stale(network)
    batch, wanted = place(inputs, device), place(targets, device)
    losses = [subject(network, batch, wanted, lopsided_mse, made) for _ in range(steps)]
    return {
        "value": {"losses": plain(losses), "parameters": _state(network)},
        "devices": devices(list(network.parameters())),
        "changed": [],
    }


def learn(
    subject: Callable[..., Any],
    device: str,
    images: torch.Tensor,
    labels: torch.Tensor,
    test_images: torch.Tensor,
    test_labels: torch.Tensor,
    epochs: int = 8,
    lr: float = 0.1,
    batch_size: int = 32,
) -> dict[str, Any]:
    """Train a linear model on uint8 images with `subject`: the losses and the test accuracy."""
    scaled, test = images.double() / 255, (test_images.double() / 255).to(device)
    network = _build("pictures", scaled, 10, seed=0).to(device)
    made = torch.optim.SGD(network.parameters(), lr=lr)
    loader = _loader(scaled, labels, batch_size=batch_size, shuffle=True)
    placed = {"device": device} if device != "cpu" else {}
    losses = subject(network, loader, nn.functional.cross_entropy, made, epochs, **placed)
    with torch.no_grad():
        right = network(test).argmax(dim=1).cpu() == test_labels
    return {
        "value": {"losses": plain(losses), "test accuracy": right.double().mean().item()},
        "devices": devices(list(network.parameters())),
        "changed": [],
    }


def learns(subject: Callable[..., Any], device: str, *images: Any) -> dict[str, Any]:
    """Train as `learn` does and only say whether it worked."""
    found = learn(subject, device, *images)
    losses, accuracy = found["value"]["losses"], found["value"]["test accuracy"]
    falls = [later < earlier for earlier, later in pairwise(losses)]
    found["value"] = {
        "the loss falls in every epoch": len(falls) > 0 and all(falls),
        "the test accuracy leaves the 10 % of chance": accuracy > 0.18,
    }
    return found


def step_losses(
    subject: Callable[..., Any], device: str, *run: Any, **options: Any
) -> dict[str, Any]:
    """What `run_train_step` observes, less the parameters."""
    return _losses_of(run_train_step(subject, device, *run, **options))


def epoch_losses(
    subject: Callable[..., Any], device: str, *run: Any, **options: Any
) -> dict[str, Any]:
    """What `run_train` observes without shuffling, less the parameters."""
    return _losses_of(run_train(subject, device, *run, **{**options, "shuffle": False}))


def lbfgs_losses(
    subject: Callable[..., Any], device: str, *run: Any, **options: Any
) -> dict[str, Any]:
    """What `run_lbfgs` observes, less the parameters."""
    return _losses_of(run_lbfgs(subject, device, *run, **options))


def _losses_of(observation: dict[str, Any]) -> dict[str, Any]:
    return {**observation, "value": observation["value"]["losses"]}
