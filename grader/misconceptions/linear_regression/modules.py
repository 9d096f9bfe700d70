"""What goes wrong in `fit_module`: how often, in which order, and what is recorded."""

from typing import Any

import torch
from torch import Tensor, nn

from grader.misconceptions import misconception

CLEAR_EVERY_TIME = "Clear the grads in every epoch: backward adds to what is there."
ALL_IN_ORDER = (
    "Do all of it in every epoch, in this order: clear the grads, compute the loss, backward, "
    "step. A step without grads, or with cleared ones, goes nowhere."
)
A_LIST = "Return the losses of all epochs in a list, one for each."


@misconception(of="fit_module", hint=CLEAR_EVERY_TIME)
def module_never_clears(
    model: nn.Module, x: Tensor, y: Tensor, learning_rate: float, epochs: int
) -> list[float]:
    optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate)
    loss_fn = nn.MSELoss(reduction="sum")
    losses = []
    for _ in range(epochs):
        loss = loss_fn(model(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


@misconception(of="fit_module", hint=CLEAR_EVERY_TIME)
def module_clears_once(
    model: nn.Module, x: Tensor, y: Tensor, learning_rate: float, epochs: int
) -> list[float]:
    optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate)
    loss_fn = nn.MSELoss(reduction="sum")
    losses = []
    optimizer.zero_grad()
    for _ in range(epochs):
        loss = loss_fn(model(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


@misconception(
    of="fit_module",
    hint="Clear the grads before the first backward too: what was left in them would be added.",
)
def module_clears_only_at_the_end(
    model: nn.Module, x: Tensor, y: Tensor, learning_rate: float, epochs: int
) -> list[float]:
    optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate)
    loss_fn = nn.MSELoss(reduction="sum")
    losses = []
    for _ in range(epochs):
        loss = loss_fn(model(x), y)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        losses.append(loss.item())
    return losses


@misconception(of="fit_module", hint=ALL_IN_ORDER)
def module_clears_after_backward(
    model: nn.Module, x: Tensor, y: Tensor, learning_rate: float, epochs: int
) -> list[float]:
    optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate)
    loss_fn = nn.MSELoss(reduction="sum")
    losses = []
    for _ in range(epochs):
        loss = loss_fn(model(x), y)
        loss.backward()
        optimizer.zero_grad()
        optimizer.step()
        losses.append(loss.item())
    return losses


@misconception(of="fit_module", hint=ALL_IN_ORDER)
def module_forgets_the_step(
    model: nn.Module, x: Tensor, y: Tensor, learning_rate: float, epochs: int
) -> list[float]:
    optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate)
    loss_fn = nn.MSELoss(reduction="sum")
    losses = []
    for _ in range(epochs):
        optimizer.zero_grad()
        loss = loss_fn(model(x), y)
        loss.backward()
        losses.append(loss.item())
    return losses


@misconception(of="fit_module", hint=ALL_IN_ORDER)
def module_forgets_backward(
    model: nn.Module, x: Tensor, y: Tensor, learning_rate: float, epochs: int
) -> list[float]:
    optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate)
    loss_fn = nn.MSELoss(reduction="sum")
    losses = []
    for _ in range(epochs):
        optimizer.zero_grad()
        loss = loss_fn(model(x), y)
        optimizer.step()
        losses.append(loss.item())
    return losses


@misconception(
    of="fit_module", hint="Step after backward: before it, the grads are those of the epoch before."
)
def module_steps_before_backward(
    model: nn.Module, x: Tensor, y: Tensor, learning_rate: float, epochs: int
) -> list[float]:
    optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate)
    loss_fn = nn.MSELoss(reduction="sum")
    losses = []
    for _ in range(epochs):
        loss = loss_fn(model(x), y)
        optimizer.step()
        optimizer.zero_grad()
        loss.backward()
        losses.append(loss.item())
    return losses


@misconception(
    of="fit_module",
    hint="Compute predictions and loss anew in every epoch: the parameters have moved, and "
    "backward uses up the graph.",
)
def module_computes_the_loss_once(
    model: nn.Module, x: Tensor, y: Tensor, learning_rate: float, epochs: int
) -> list[float]:
    optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate)
    loss_fn = nn.MSELoss(reduction="sum")
    losses = []
    loss = loss_fn(model(x), y)
    for _ in range(epochs):
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


@misconception(
    of="fit_module",
    hint="Record the loss from before the step: do not compute it again afterwards.",
)
def module_records_after_the_step(
    model: nn.Module, x: Tensor, y: Tensor, learning_rate: float, epochs: int
) -> list[float]:
    optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate)
    loss_fn = nn.MSELoss(reduction="sum")
    losses = []
    for _ in range(epochs):
        optimizer.zero_grad()
        loss_fn(model(x), y).backward()
        optimizer.step()
        losses.append(loss_fn(model(x), y).item())
    return losses


@misconception(
    of="fit_module", hint="Record Python floats: a tensor keeps its whole graph in memory."
)
def module_records_tensors(
    model: nn.Module, x: Tensor, y: Tensor, learning_rate: float, epochs: int
) -> list[Tensor]:
    optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate)
    loss_fn = nn.MSELoss(reduction="sum")
    losses = []
    for _ in range(epochs):
        optimizer.zero_grad()
        loss = loss_fn(model(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss)
    return losses


@misconception(of="fit_module", hint=A_LIST)
def module_returns_the_last_loss(
    model: nn.Module, x: Tensor, y: Tensor, learning_rate: float, epochs: int
) -> Any:
    optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate)
    loss_fn = nn.MSELoss(reduction="sum")
    losses = []
    for _ in range(epochs):
        optimizer.zero_grad()
        loss = loss_fn(model(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses[-1]


@misconception(
    of="fit_module", hint="Return after the loop, not in it: this stops after the first epoch."
)
def module_returns_in_the_loop(
    model: nn.Module, x: Tensor, y: Tensor, learning_rate: float, epochs: int
) -> list[float]:
    optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate)
    loss_fn = nn.MSELoss(reduction="sum")
    losses = []
    for _ in range(epochs):
        optimizer.zero_grad()
        loss = loss_fn(model(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        return losses
    return losses


@misconception(
    of="fit_module", hint="Record the loss of each epoch by itself: they are not to be added up."
)
def module_adds_up_the_losses(
    model: nn.Module, x: Tensor, y: Tensor, learning_rate: float, epochs: int
) -> list[float]:
    optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate)
    loss_fn = nn.MSELoss(reduction="sum")
    losses = []
    total = 0.0
    for _ in range(epochs):
        optimizer.zero_grad()
        loss = loss_fn(model(x), y)
        loss.backward()
        optimizer.step()
        total += loss.item()
        losses.append(total)
    return losses
