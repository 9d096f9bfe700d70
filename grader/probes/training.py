"""Probes of training loops: where the parameters end, what is returned, what is left behind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from grader.probes.observe import SHOWN, devices, place, plain, same


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
    inner = nn.Sequential(nn.Linear(features, 6), nn.BatchNorm1d(6), Noise())
    return nn.Sequential(inner, nn.Tanh(), nn.Linear(6, outputs))


def _grid(features: int, outputs: int) -> nn.Module:
    """A network of square inputs (N, D, D), which must not be flattened before."""
    return nn.Sequential(nn.Linear(features, 3), nn.Flatten(), nn.Linear(3 * features, outputs))


def _pictures(features: int, outputs: int) -> nn.Module:
    """A linear model of 32×32 images, averaged to 8×8 first: it learns in milliseconds."""
    return nn.Sequential(nn.AvgPool2d(4), nn.Flatten(), nn.Linear(features, outputs))


MODELS = {"perceptron": _perceptron, "moody": _moody, "grid": _grid, "pictures": _pictures}


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
    """A loss function that notes what it was given; it watches a network too."""

    loss: Callable[..., torch.Tensor]
    with_graph: bool = False
    seen_devices: set[str] = field(default_factory=set)
    model_devices: set[str] = field(default_factory=set)
    input_devices: set[str] = field(default_factory=set)

    def __call__(self, prediction: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        self.with_graph |= prediction.requires_grad
        self.seen_devices |= {prediction.device.type, target.device.type}
        return self.loss(prediction, target)

    def watch(self, network: nn.Module) -> None:
        """Note what the network computes with, and whether a graph comes of it."""

        def before(module: nn.Module, given: tuple[torch.Tensor, ...]) -> None:
            self.model_devices |= {part.device.type for part in module.parameters()}
            self.input_devices |= {part.device.type for part in given}

        def after(module: nn.Module, given: Any, output: torch.Tensor) -> None:
            self.with_graph |= output.requires_grad

        network.register_forward_pre_hook(before)
        network.register_forward_hook(after)


def _build(model: str, inputs: torch.Tensor, outputs: int, seed: int) -> nn.Module:
    """A network with the parameters that torch gives it after this seed, in the inputs' dtype."""
    torch.default_generator.manual_seed(seed)
    features = 192 if model == "pictures" else inputs.shape[1]
    return MODELS[model](features, outputs).to(inputs.dtype)


def _stale(network: nn.Module) -> None:
    """Leave gradients of an earlier step behind; a loop has to clear them."""
    for parameter in network.parameters():
        parameter.grad = torch.full_like(parameter, 0.5)


def _mix(network: nn.Module, training: bool) -> None:
    """Put every other module into the other mode, at any depth."""
    for number, module in enumerate(network.modules()):
        module.training = (number % 2 == 0) == training


def _loader(
    inputs: torch.Tensor, targets: torch.Tensor, batch_size: int, listed: bool, **options: Any
) -> Any:
    """A DataLoader, or with `listed` a list of batches."""
    if listed:
        parts = torch.split(inputs, batch_size), torch.split(targets, batch_size)
        return list(zip(*parts, strict=True))
    return DataLoader(TensorDataset(inputs, targets), batch_size=batch_size, **options)


class ClosurelessSGD:
    """SGD with `step()` and `zero_grad()` and nothing else, as a student's own optimizer may be."""

    def __init__(self, params: Any, lr: float) -> None:
        self._sgd = torch.optim.SGD(params, lr=lr)

    def step(self) -> None:
        self._sgd.step()

    def zero_grad(self, set_to_none: bool = True) -> None:
        self._sgd.zero_grad(set_to_none)


def _optimizer(network: nn.Module, settings: dict[str, Any]) -> Any:
    options = {key: value for key, value in settings.items() if key != "name"}
    name = settings["name"]
    kind = ClosurelessSGD if name == "ClosurelessSGD" else getattr(torch.optim, name)
    return kind(network.parameters(), **options)


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
    mixed: bool = False,
    seed: int = 0,
) -> dict[str, Any]:
    """Take `steps` training steps on one batch: the losses, and where the parameters end."""
    network = _build(model, inputs, outputs, seed).to(device)
    network.train(training)
    if mixed:
        _mix(network, training)
    modes = _modes(network)
    made = _optimizer(network, optimizer)
    _stale(network)
    batch, wanted = place(inputs, device), place(targets, device)
    losses = [subject(network, batch, wanted, LOSSES[loss], made) for _ in range(steps)]
    changed = [] if same([batch, wanted], place([inputs, targets], device)) else ["the batch"]
    changed += _changed_modes(modes, _modes(network))
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
    listed: bool = False,
    on: str | None = None,
    seed: int = 0,
) -> dict[str, Any]:
    """Train a model that arrives in evaluation mode: the returned losses and the end of the state.

    With `listed` the loader is a list of batches, which are not shuffled. With `shuffle` the random
    number that comes next is observed too. `on` asks for another device than the run's own; on
    "meta" nothing is computed, and only where everything was is observed.
    """
    network = _build(model, inputs, outputs, seed)
    network.eval()
    watched = _Watched(_constant if on == "meta" else LOSSES[loss])
    asked = on or device
    if asked != "meta":
        network.to(asked)  # so that the optimizer holds the parameters that are trained
    made = _optimizer(network, optimizer)
    _stale(network)
    loader = _loader(inputs, targets, batch_size, listed, shuffle=shuffle)
    if asked == "meta":
        watched.watch(network)
        given = {"model": network, "loader": loader, "loss_fn": watched, "optimizer": made}
        return _placed(lambda: subject(**given, epochs=epochs, device=asked), watched)
    placed = {"device": asked} if asked != "cpu" else {}
    losses = subject(network, loader, watched, made, epochs, **placed)
    observation: dict[str, Any] = {"value": {"losses": plain(losses), "state": _state(network)}}
    if shuffle:
        observation["the next random number"] = torch.rand(()).item()
    return {**observation, "devices": sorted(watched.seen_devices), "changed": []}


def _placed(loop: Callable[[], Any], watched: _Watched) -> dict[str, Any]:
    """Where a loop on the meta device computes, up to where it asks for a number: there is none."""
    try:
        loop()
    except Exception:
        if not watched.model_devices | watched.seen_devices:
            raise
    # Whoever counts the right answers first never comes to the loss; `forward` calls no hooks.
    return {
        "value": {"where the loss was computed": sorted(watched.seen_devices or {"meta"})},
        "where the model was": sorted(watched.model_devices or {"meta"}),
        "where the inputs were": sorted(watched.input_devices or {"meta"}),
        "devices": [],
        "changed": [],
    }


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
    listed: bool = False,
    grad_enabled: bool = True,
    training: bool = True,
    on: str | None = None,
    seed: int = 0,
) -> dict[str, Any]:
    """Evaluate a model whose parts are in different modes: what is returned, what changed.

    Without `with_device` the batches are on the device and it is not named; with `listed` the
    loader is a list of batches. `on` asks for the device "meta": see `run_train`.
    """
    network = _build(model, inputs, outputs, seed).to(device)
    _mix(network, training)
    _stale(network)
    trainable = [parameter.requires_grad for parameter in network.parameters()]
    state, modes = place(network.state_dict(), device), _modes(network)
    watched = _Watched(_constant if on == "meta" else LOSSES[loss])
    watched.watch(network)
    batches = (inputs, targets) if with_device else place((inputs, targets), device)
    loader = _loader(batches[0], batches[1], batch_size, listed, drop_last=drop_last)
    if on == "meta":
        given = {"model": network, "loader": loader, "loss_fn": watched}
        return _placed(lambda: subject(**given, device=on), watched)
    named = {"device": device} if with_device and device != "cpu" else {}
    with torch.set_grad_enabled(grad_enabled):
        value = subject(network, loader, watched, **named)
        grad_mode_kept = torch.is_grad_enabled() == grad_enabled
    changed = {
        "the parameters or buffers": not same(dict(network.state_dict()), state),
        "the gradients": any(
            p.grad is None or bool((p.grad != 0.5).any()) for p in network.parameters()
        ),
        "what is trainable": trainable != [p.requires_grad for p in network.parameters()],
        "torch's grad mode": not grad_mode_kept,
        "memory (a graph was built)": watched.with_graph,
    }
    return {
        "value": plain(value),
        "devices": sorted(watched.seen_devices),
        "changed": [name for name, happened in changed.items() if happened]
        + _changed_modes(modes, _modes(network)),
    }


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
    loss: str = "lopsided",
    seed: int = 0,
) -> dict[str, Any]:
    """Take `steps` LBFGS steps: the losses returned and where the parameters end."""
    network = _build(model, inputs, outputs, seed).to(device)
    made = torch.optim.LBFGS(network.parameters(), **settings)
    _stale(network)
    batch, wanted = place(inputs, device), place(targets, device)
    losses = [subject(network, batch, wanted, LOSSES[loss], made) for _ in range(steps)]
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
    seed: int = 0,
) -> dict[str, Any]:
    """Train a linear model on uint8 images with `subject`: the losses and the test accuracy."""
    scaled, test = images.double() / 255, (test_images.double() / 255).to(device)
    network = _build("pictures", scaled, 10, seed).to(device)
    made = torch.optim.SGD(network.parameters(), lr=lr)
    loader = _loader(scaled, labels, batch_size, listed=False, shuffle=True)
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
    """Train as `learn` does and only say whether it worked; the losses are there to be shown."""
    found = learn(subject, device, *images)
    losses, accuracy = found["value"]["losses"], found["value"]["test accuracy"]
    found[SHOWN] = losses
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
