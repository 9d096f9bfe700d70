"""What goes wrong in `train` where gradients are cleared too seldom."""

from collections.abc import Iterable
from typing import Any

from torch import Tensor, nn

from grader.misconceptions import misconception

Pairs = Iterable[tuple[Tensor, Tensor]]
CLEAR_FOR_EVERY_BATCH = "Clear the gradients for every batch: they add up otherwise."


def epoch_without_clearing(
    model: nn.Module, loader: Pairs, loss_fn: Any, optimizer: Any, device: Any
) -> float:
    """The sum of the batch losses, a step after each batch."""
    total = 0.0
    for inputs, targets in loader:
        loss = loss_fn(model(inputs.to(device)), targets.to(device))
        loss.backward()
        optimizer.step()
        total += float(loss.item())
    return total


@misconception(of="train", hint=CLEAR_FOR_EVERY_BATCH)
def train_never_clears(
    model: nn.Module, loader: Pairs, loss_fn: Any, optimizer: Any, epochs: int, device: Any = "cpu"
) -> list[float]:
    model.to(device).train()
    return [
        epoch_without_clearing(model, loader, loss_fn, optimizer, device) for _ in range(epochs)
    ]


@misconception(of="train", hint=CLEAR_FOR_EVERY_BATCH)
def train_clears_once(
    model: nn.Module, loader: Pairs, loss_fn: Any, optimizer: Any, epochs: int, device: Any = "cpu"
) -> list[float]:
    model.to(device).train()
    optimizer.zero_grad()
    return [
        epoch_without_clearing(model, loader, loss_fn, optimizer, device) for _ in range(epochs)
    ]


@misconception(of="train", hint=CLEAR_FOR_EVERY_BATCH)
def train_clears_once_an_epoch(
    model: nn.Module, loader: Pairs, loss_fn: Any, optimizer: Any, epochs: int, device: Any = "cpu"
) -> list[float]:
    model.to(device).train()
    losses = []
    for _ in range(epochs):
        optimizer.zero_grad()
        losses.append(epoch_without_clearing(model, loader, loss_fn, optimizer, device))
    return losses
