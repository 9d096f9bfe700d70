"""What goes wrong in `fit_module`: which loss, which optimizer and which model."""

import copy
from typing import Any

import torch
from torch import Tensor, nn

from grader.misconceptions import misconception

THIS_MODEL = "Train the model that you are given: what you make yourself, nobody else sees."
PLAIN_SGD = "Use torch.optim.SGD with the learning rate that is asked for, and nothing else."


@misconception(of="fit_module", hint="Add the squares up: nn.MSELoss takes their mean by default.")
def module_minimises_the_mean(
    model: nn.Module, x: Tensor, y: Tensor, learning_rate: float, epochs: int
) -> list[float]:
    optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate)
    loss_fn = nn.MSELoss()
    losses = []
    for _ in range(epochs):
        optimizer.zero_grad()
        loss = loss_fn(model(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


@misconception(
    of="fit_module", hint="Record the loss that you make smaller, the sum, and do not divide it."
)
def module_records_the_mean(
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
        losses.append(loss.item() / len(y))
    return losses


@misconception(
    of="fit_module",
    hint="Keep the shape (N, 1) of the predictions: squeezed to (N,), they are broadcast against y "
    "to all N·N differences. Print both shapes.",
)
def module_measures_a_square(
    model: nn.Module, x: Tensor, y: Tensor, learning_rate: float, epochs: int
) -> list[float]:
    optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate)
    loss_fn = nn.MSELoss(reduction="sum")
    losses = []
    for _ in range(epochs):
        optimizer.zero_grad()
        loss = loss_fn(model(x).squeeze(1), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


@misconception(
    of="fit_module",
    hint="Make one step in each epoch, with the loss of all points together: this makes one for "
    "each point.",
)
def module_point_by_point(
    model: nn.Module, x: Tensor, y: Tensor, learning_rate: float, epochs: int
) -> list[float]:
    optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate)
    loss_fn = nn.MSELoss(reduction="sum")
    losses = []
    for _ in range(epochs):
        total = 0.0
        for row, number in zip(x, y, strict=True):
            optimizer.zero_grad()
            loss = loss_fn(model(row), number)
            loss.backward()
            optimizer.step()
            total += loss.item()
        losses.append(total)
    return losses


@misconception(
    of="fit_module",
    hint="Give the learning rate to the optimizer: SGD has one of its own that is much smaller.",
)
def module_without_the_rate(
    model: nn.Module, x: Tensor, y: Tensor, learning_rate: float, epochs: int
) -> list[float]:
    optimizer = torch.optim.SGD(model.parameters())
    loss_fn = nn.MSELoss(reduction="sum")
    losses = []
    for _ in range(epochs):
        optimizer.zero_grad()
        loss = loss_fn(model(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


@misconception(of="fit_module", hint=PLAIN_SGD)
def module_by_adam(
    model: nn.Module, x: Tensor, y: Tensor, learning_rate: float, epochs: int
) -> list[float]:
    optimizer = torch.optim.Adam(model.parameters(), lr=learning_rate)
    loss_fn = nn.MSELoss(reduction="sum")
    losses = []
    for _ in range(epochs):
        optimizer.zero_grad()
        loss = loss_fn(model(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


@misconception(of="fit_module", hint=PLAIN_SGD)
def module_with_momentum(
    model: nn.Module, x: Tensor, y: Tensor, learning_rate: float, epochs: int
) -> list[float]:
    optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate, momentum=0.9)
    loss_fn = nn.MSELoss(reduction="sum")
    losses = []
    for _ in range(epochs):
        optimizer.zero_grad()
        loss = loss_fn(model(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


@misconception(
    of="fit_module", hint="Go against the gradient: it points to where the loss is larger."
)
def module_goes_uphill(
    model: nn.Module, x: Tensor, y: Tensor, learning_rate: float, epochs: int
) -> list[float]:
    optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate, maximize=True)
    loss_fn = nn.MSELoss(reduction="sum")
    losses = []
    for _ in range(epochs):
        optimizer.zero_grad()
        loss = loss_fn(model(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


@misconception(
    of="fit_module", hint="Give the optimizer all parameters of the model: the bias is one of them."
)
def module_moves_only_the_weight(
    model: nn.Module, x: Tensor, y: Tensor, learning_rate: float, epochs: int
) -> list[float]:
    optimizer = torch.optim.SGD([next(model.parameters())], lr=learning_rate)
    loss_fn = nn.MSELoss(reduction="sum")
    losses = []
    for _ in range(epochs):
        optimizer.zero_grad()
        loss = loss_fn(model(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


@misconception(of="fit_module", hint=THIS_MODEL)
def module_trains_a_copy(
    model: nn.Module, x: Tensor, y: Tensor, learning_rate: float, epochs: int
) -> list[float]:
    model = copy.deepcopy(model)
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


@misconception(of="fit_module", hint=THIS_MODEL)
def module_trains_its_own(
    model: nn.Module, x: Tensor, y: Tensor, learning_rate: float, epochs: int
) -> list[float]:
    model = nn.Linear(1, 1).to(x.dtype)
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


@misconception(
    of="fit_module",
    hint="Leave autograd on, and detach nothing on the way to the loss: backward needs its graph.",
)
def module_under_no_grad(
    model: nn.Module, x: Tensor, y: Tensor, learning_rate: float, epochs: int
) -> list[float]:
    optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate)
    losses = []
    for _ in range(epochs):
        optimizer.zero_grad()
        with torch.no_grad():
            loss = nn.MSELoss(reduction="sum")(model(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


@misconception(
    of="fit_module", hint="Raise ValueError for a negative learning rate, as torch.optim.SGD does."
)
def module_takes_negative_rates(
    model: nn.Module, x: Tensor, y: Tensor, learning_rate: float, epochs: int
) -> list[float]:
    loss_fn = nn.MSELoss(reduction="sum")
    losses = []
    for _ in range(epochs):
        model.zero_grad()
        loss = loss_fn(model(x), y)
        loss.backward()
        with torch.no_grad():
            for parameter in model.parameters():
                gradient: Any = parameter.grad
                parameter.sub_(learning_rate * gradient)
        losses.append(loss.item())
    return losses
