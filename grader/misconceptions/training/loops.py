"""What goes wrong in `train`."""

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn

from grader.misconceptions import misconception

Pairs = Iterable[tuple[Tensor, Tensor]]


def learn(model: nn.Module, inputs: Any, targets: Any, loss_fn: Any, optimizer: Any) -> float:
    """One step on one batch, right."""
    optimizer.zero_grad()
    loss = loss_fn(model(inputs), targets)
    loss.backward()
    optimizer.step()
    return float(loss.item())


def right_epoch(
    model: nn.Module, loader: Pairs, loss_fn: Any, optimizer: Any, device: Any
) -> float:
    """One epoch, right but for the mode and the device of the model."""
    total = 0.0
    for inputs, targets in loader:
        total += learn(model, inputs.to(device), targets.to(device), loss_fn, optimizer)
    return total


@misconception(of="train", hint="Step after every batch, not once an epoch.")
def train_steps_once_an_epoch(
    model: nn.Module, loader: Pairs, loss_fn: Any, optimizer: Any, epochs: int, device: Any = "cpu"
) -> list[float]:
    model.to(device).train()
    losses = []
    for _ in range(epochs):
        optimizer.zero_grad()
        total = 0.0
        for inputs, targets in loader:
            inputs, targets = inputs.to(device), targets.to(device)
            loss = loss_fn(model(inputs), targets)
            loss.backward()
            total += float(loss.item())
        optimizer.step()
        losses.append(total)
    return losses


@misconception(
    of="train",
    hint="Clear the gradients before backward: cleared after it, there is nothing left to step "
    "along.",
)
def train_clears_after_backward(
    model: nn.Module, loader: Pairs, loss_fn: Any, optimizer: Any, epochs: int, device: Any = "cpu"
) -> list[float]:
    model.to(device).train()
    losses = []
    for _ in range(epochs):
        total = 0.0
        for inputs, targets in loader:
            inputs, targets = inputs.to(device), targets.to(device)
            loss = loss_fn(model(inputs), targets)
            loss.backward()
            optimizer.zero_grad()
            optimizer.step()
            total += float(loss.item())
        losses.append(total)
    return losses


@misconception(
    of="train", hint="Record the loss from before the step: do not compute it again afterwards."
)
def train_records_after_the_step(
    model: nn.Module, loader: Pairs, loss_fn: Any, optimizer: Any, epochs: int, device: Any = "cpu"
) -> list[float]:
    model.to(device).train()
    losses = []
    for _ in range(epochs):
        total = 0.0
        for inputs, targets in loader:
            inputs, targets = inputs.to(device), targets.to(device)
            learn(model, inputs, targets, loss_fn, optimizer)
            with torch.no_grad():
                total += float(loss_fn(model(inputs), targets).item())
        losses.append(total)
    return losses


@misconception(
    of="train",
    hint="Add up Python floats: a sum of tensors keeps the graph of every batch in memory.",
)
def train_returns_tensors(
    model: nn.Module, loader: Pairs, loss_fn: Any, optimizer: Any, epochs: int, device: Any = "cpu"
) -> list[Any]:
    model.to(device).train()
    losses = []
    for _ in range(epochs):
        total: Any = 0.0
        for inputs, targets in loader:
            inputs, targets = inputs.to(device), targets.to(device)
            optimizer.zero_grad()
            loss = loss_fn(model(inputs), targets)
            loss.backward()
            optimizer.step()
            total += loss
        losses.append(total)
    return losses


@misconception(
    of="train",
    hint="Put the model into training mode first: dropout and batch norm behave differently in "
    "evaluation.",
)
def train_in_the_mode_found(
    model: nn.Module, loader: Pairs, loss_fn: Any, optimizer: Any, epochs: int, device: Any = "cpu"
) -> list[float]:
    model.to(device)
    return [right_epoch(model, loader, loss_fn, optimizer, device) for _ in range(epochs)]


@misconception(of="train", hint="Move the model to the device too, not the batches alone.")
def train_moves_only_the_batches(
    model: nn.Module, loader: Pairs, loss_fn: Any, optimizer: Any, epochs: int, device: Any = "cpu"
) -> list[float]:
    model.train()
    return [right_epoch(model, loader, loss_fn, optimizer, device) for _ in range(epochs)]


@misconception(
    of="train",
    hint="Move each batch to the device too, inputs and targets: the model is there already.",
)
def train_moves_only_the_model(
    model: nn.Module, loader: Pairs, loss_fn: Any, optimizer: Any, epochs: int, device: Any = "cpu"
) -> list[float]:
    model.to(device).train()
    losses = []
    for _ in range(epochs):
        total = 0.0
        for inputs, targets in loader:
            total += learn(model, inputs, targets, loss_fn, optimizer)
        losses.append(total)
    return losses


@misconception(of="train", hint="Move the targets to the device too, not the inputs alone.")
def train_leaves_the_targets(
    model: nn.Module, loader: Pairs, loss_fn: Any, optimizer: Any, epochs: int, device: Any = "cpu"
) -> list[float]:
    model.to(device).train()
    losses = []
    for _ in range(epochs):
        total = 0.0
        for inputs, targets in loader:
            total += learn(model, inputs.to(device), targets, loss_fn, optimizer)
        losses.append(total)
    return losses


@misconception(of="train", hint="Count the last batch too, though it is smaller than the others.")
def train_drops_the_last_batch(
    model: nn.Module, loader: Pairs, loss_fn: Any, optimizer: Any, epochs: int, device: Any = "cpu"
) -> list[float]:
    model.to(device).train()
    losses = []
    for _ in range(epochs):
        total, size = 0.0, 0
        for inputs, targets in loader:
            size = max(size, len(inputs))
            if len(inputs) == size:
                total += learn(model, inputs.to(device), targets.to(device), loss_fn, optimizer)
        losses.append(total)
    return losses


@misconception(
    of="train", hint="Go over the whole loader in each epoch: this one stops after its first batch."
)
def train_on_one_batch(
    model: nn.Module, loader: Pairs, loss_fn: Any, optimizer: Any, epochs: int, device: Any = "cpu"
) -> list[float]:
    model.to(device).train()
    losses = []
    for _ in range(epochs):
        total = 0.0
        for inputs, targets in loader:
            total += learn(model, inputs.to(device), targets.to(device), loss_fn, optimizer)
            break
        losses.append(total)
    return losses


@misconception(
    of="train",
    hint="Return after the last epoch: this one ends with its first. Look at the indentation.",
)
def train_returns_after_one_epoch(
    model: nn.Module, loader: Pairs, loss_fn: Any, optimizer: Any, epochs: int, device: Any = "cpu"
) -> list[float]:
    model.to(device).train()
    losses = []
    for _ in range(epochs):
        total = 0.0
        for inputs, targets in loader:
            total += learn(model, inputs.to(device), targets.to(device), loss_fn, optimizer)
        losses.append(total)
        return losses
    return losses


@misconception(
    of="train", hint="Start over in each epoch: an iterator made once is used up after the first."
)
def train_uses_one_iterator(
    model: nn.Module, loader: Pairs, loss_fn: Any, optimizer: Any, epochs: int, device: Any = "cpu"
) -> list[float]:
    model.to(device).train()
    losses, batches = [], iter(loader)
    for _ in range(epochs):
        total = 0.0
        for inputs, targets in batches:
            total += learn(model, inputs.to(device), targets.to(device), loss_fn, optimizer)
        losses.append(total)
    return losses


@misconception(
    of="train", hint="Add up the losses of all batches of an epoch: this is the last one alone."
)
def train_returns_the_last_batch(
    model: nn.Module, loader: Pairs, loss_fn: Any, optimizer: Any, epochs: int, device: Any = "cpu"
) -> list[float]:
    model.to(device).train()
    losses = []
    for _ in range(epochs):
        total = 0.0
        for inputs, targets in loader:
            total = learn(model, inputs.to(device), targets.to(device), loss_fn, optimizer)
        losses.append(total)
    return losses


@misconception(of="train", hint="Return the sum of the batch losses of each epoch, not their mean.")
def train_returns_the_mean(
    model: nn.Module, loader: Pairs, loss_fn: Any, optimizer: Any, epochs: int, device: Any = "cpu"
) -> list[float]:
    model.to(device).train()
    losses = []
    for _ in range(epochs):
        total, batches = 0.0, 0
        for inputs, targets in loader:
            total += learn(model, inputs.to(device), targets.to(device), loss_fn, optimizer)
            batches += 1
        losses.append(total / max(batches, 1))
    return losses


@misconception(of="train", hint="Return one number an epoch: the sum of its batch losses.")
def train_returns_every_batch(
    model: nn.Module, loader: Pairs, loss_fn: Any, optimizer: Any, epochs: int, device: Any = "cpu"
) -> list[float]:
    model.to(device).train()
    losses = []
    for _ in range(epochs):
        for inputs, targets in loader:
            batch = inputs.to(device), targets.to(device)
            losses.append(learn(model, *batch, loss_fn, optimizer))
    return losses


@misconception(
    of="train", hint="Start the sum at 0 in each epoch: it runs on from the epoch before."
)
def train_sums_over_epochs(
    model: nn.Module, loader: Pairs, loss_fn: Any, optimizer: Any, epochs: int, device: Any = "cpu"
) -> list[float]:
    model.to(device).train()
    losses, total = [], 0.0
    for _ in range(epochs):
        for inputs, targets in loader:
            total += learn(model, inputs.to(device), targets.to(device), loss_fn, optimizer)
        losses.append(total)
    return losses


@misconception(
    of="train",
    hint="Add up the batch losses as they are: their sum is asked, not the sum over the samples.",
)
def train_weighs_by_batch_size(
    model: nn.Module, loader: Pairs, loss_fn: Any, optimizer: Any, epochs: int, device: Any = "cpu"
) -> list[float]:
    model.to(device).train()
    losses = []
    for _ in range(epochs):
        total = 0.0
        for inputs, targets in loader:
            inputs, targets = inputs.to(device), targets.to(device)
            total += len(inputs) * learn(model, inputs, targets, loss_fn, optimizer)
        losses.append(total)
    return losses


@misconception(
    of="train",
    hint="Use the optimizer you were given in every epoch: a new one has lost its momentum.",
)
def train_rebuilds_the_optimizer(
    model: nn.Module, loader: Pairs, loss_fn: Any, optimizer: Any, epochs: int, device: Any = "cpu"
) -> list[float]:
    model.to(device).train()
    losses = []
    for _ in range(epochs):
        optimizer = type(optimizer)(optimizer.param_groups)
        losses.append(right_epoch(model, loader, loss_fn, optimizer, device))
    return losses


@misconception(of="train", hint="Leave the random generator to the caller: set no seed here.")
def train_sets_the_seed(
    model: nn.Module, loader: Pairs, loss_fn: Any, optimizer: Any, epochs: int, device: Any = "cpu"
) -> list[float]:
    torch.manual_seed(0)
    model.to(device).train()
    return [right_epoch(model, loader, loss_fn, optimizer, device) for _ in range(epochs)]


@misconception(
    of="train",
    hint="Go over the loader once an epoch and no more: an extra look draws random numbers and "
    "may use it up.",
)
def train_peeks_into_the_loader(
    model: nn.Module, loader: Pairs, loss_fn: Any, optimizer: Any, epochs: int, device: Any = "cpu"
) -> list[float]:
    next(iter(loader))
    model.to(device).train()
    return [right_epoch(model, loader, loss_fn, optimizer, device) for _ in range(epochs)]


@misconception(
    of="train", hint="Pass the prediction first, then the targets: a loss may tell them apart."
)
def train_swaps_the_arguments(
    model: nn.Module, loader: Pairs, loss_fn: Any, optimizer: Any, epochs: int, device: Any = "cpu"
) -> list[float]:
    model.to(device).train()
    losses = []
    for _ in range(epochs):
        total = 0.0
        for inputs, targets in loader:
            inputs, targets = inputs.to(device), targets.to(device)
            optimizer.zero_grad()
            loss = loss_fn(targets, model(inputs))
            loss.backward()
            optimizer.step()
            total += float(loss.item())
        losses.append(total)
    return losses
