"""What goes wrong in `fit`: which loss is made smaller, and what is moved."""

from typing import Any

import torch
from torch import Tensor

from grader.misconceptions import misconception

THESE_VERY_TENSORS = (
    "Change the w and b that you are given, in place: new tensors under the same names are seen by "
    "nobody but your function, and grads are left in the old ones."
)
START_AS_GIVEN = "Start from the values that w and b come with: they need not be 0."


def refuse_bad_fits(x: Tensor, y: Tensor, rate: float, reduction: str) -> None:
    if rate < 0:
        raise ValueError(f"learning_rate is negative: {rate}")
    if reduction not in ("mean", "sum"):
        raise ValueError(f"unknown reduction {reduction!r}")
    if y.shape != x.shape[:1]:
        raise ValueError(f"shapes differ: {tuple(x.shape[:1])} and {tuple(y.shape)}")


def loss_of_line(x: Tensor, y: Tensor, w: Any, b: Any, reduction: str) -> Any:
    squares = (x @ w + b - y) ** 2
    return squares.mean() if reduction == "mean" else squares.sum()


def clear_both(w: Any, b: Any) -> None:
    w.grad = b.grad = None


def move_both(w: Any, b: Any, rate: float) -> None:
    with torch.no_grad():
        w -= rate * w.grad
        b -= rate * b.grad


@misconception(
    of="fit",
    hint="Give the predictions the shape of y, (N,): an (N, 1) against an (N,) is broadcast to all "
    "N·N differences. Print both shapes.",
)
def fit_measures_a_square(
    x: Tensor, y: Tensor, w: Any, b: Any, learning_rate: float, epochs: int, reduction: str = "mean"
) -> list[float]:
    refuse_bad_fits(x, y, learning_rate, reduction)
    losses = []
    for _ in range(epochs):
        clear_both(w, b)
        squares = (x * w + b - y) ** 2
        loss = squares.mean() if reduction == "mean" else squares.sum()
        loss.backward()
        move_both(w, b, learning_rate)
        losses.append(loss.item())
    return losses


@misconception(
    of="fit",
    hint="Raise ValueError where predictions and y differ in shape: a y of shape (N, 1) would be "
    "broadcast in silence.",
)
def fit_takes_a_column(
    x: Tensor, y: Tensor, w: Any, b: Any, learning_rate: float, epochs: int, reduction: str = "mean"
) -> list[float]:
    refuse_bad_fits(x, x[:, 0], learning_rate, reduction)
    losses = []
    for _ in range(epochs):
        clear_both(w, b)
        loss = loss_of_line(x, y, w, b, reduction)
        loss.backward()
        move_both(w, b, learning_rate)
        losses.append(loss.item())
    return losses


@misconception(of="fit", hint='Raise ValueError for every reduction but "mean" and "sum".')
def fit_takes_any_reduction(
    x: Tensor, y: Tensor, w: Any, b: Any, learning_rate: float, epochs: int, reduction: str = "mean"
) -> list[float]:
    refuse_bad_fits(x, y, learning_rate, "mean")
    losses = []
    for _ in range(epochs):
        clear_both(w, b)
        loss = loss_of_line(x, y, w, b, reduction)
        loss.backward()
        move_both(w, b, learning_rate)
        losses.append(loss.item())
    return losses


@misconception(of="fit", hint="Raise ValueError for a negative learning rate: it would go uphill.")
def fit_takes_negative_rates(
    x: Tensor, y: Tensor, w: Any, b: Any, learning_rate: float, epochs: int, reduction: str = "mean"
) -> list[float]:
    refuse_bad_fits(x, y, 0.0, reduction)
    losses = []
    for _ in range(epochs):
        clear_both(w, b)
        loss = loss_of_line(x, y, w, b, reduction)
        loss.backward()
        move_both(w, b, learning_rate)
        losses.append(loss.item())
    return losses


@misconception(
    of="fit",
    hint='Pass the reduction on: with "sum" the sum is made smaller, and its gradients are larger.',
)
def fit_ignores_the_reduction(
    x: Tensor, y: Tensor, w: Any, b: Any, learning_rate: float, epochs: int, reduction: str = "mean"
) -> list[float]:
    refuse_bad_fits(x, y, learning_rate, reduction)
    losses = []
    for _ in range(epochs):
        clear_both(w, b)
        loss = loss_of_line(x, y, w, b, "mean")
        loss.backward()
        move_both(w, b, learning_rate)
        losses.append(loss.item())
    return losses


@misconception(
    of="fit", hint='Pass the reduction on: with "mean" the mean is made smaller, not the sum.'
)
def fit_always_sums(
    x: Tensor, y: Tensor, w: Any, b: Any, learning_rate: float, epochs: int, reduction: str = "mean"
) -> list[float]:
    refuse_bad_fits(x, y, learning_rate, reduction)
    losses = []
    for _ in range(epochs):
        clear_both(w, b)
        loss = loss_of_line(x, y, w, b, "sum")
        loss.backward()
        move_both(w, b, learning_rate)
        losses.append(loss.item())
    return losses


@misconception(of="fit", hint="Make the mean the default reduction.")
def fit_sums_by_default(
    x: Tensor, y: Tensor, w: Any, b: Any, learning_rate: float, epochs: int, reduction: str = "sum"
) -> list[float]:
    refuse_bad_fits(x, y, learning_rate, reduction)
    losses = []
    for _ in range(epochs):
        clear_both(w, b)
        loss = loss_of_line(x, y, w, b, reduction)
        loss.backward()
        move_both(w, b, learning_rate)
        losses.append(loss.item())
    return losses


@misconception(
    of="fit", hint="Record the loss that you make smaller, in the reduction that was asked for."
)
def fit_records_the_mean(
    x: Tensor, y: Tensor, w: Any, b: Any, learning_rate: float, epochs: int, reduction: str = "mean"
) -> list[float]:
    refuse_bad_fits(x, y, learning_rate, reduction)
    losses = []
    for _ in range(epochs):
        clear_both(w, b)
        loss = loss_of_line(x, y, w, b, reduction)
        loss.backward()
        losses.append(loss_of_line(x, y, w, b, "mean").item())
        move_both(w, b, learning_rate)
    return losses


@misconception(of="fit", hint="Go against the gradient: it points to where the loss is larger.")
def fit_goes_uphill(
    x: Tensor, y: Tensor, w: Any, b: Any, learning_rate: float, epochs: int, reduction: str = "mean"
) -> list[float]:
    refuse_bad_fits(x, y, learning_rate, reduction)
    losses = []
    for _ in range(epochs):
        clear_both(w, b)
        loss = loss_of_line(x, y, w, b, reduction)
        loss.backward()
        move_both(w, b, -learning_rate)
        losses.append(loss.item())
    return losses


@misconception(
    of="fit",
    hint="Make one step in each epoch, with the loss of all points together: this makes one for "
    "each point.",
)
def fit_point_by_point(
    x: Tensor, y: Tensor, w: Any, b: Any, learning_rate: float, epochs: int, reduction: str = "mean"
) -> list[float]:
    refuse_bad_fits(x, y, learning_rate, reduction)
    losses = []
    for _ in range(epochs):
        epoch = []
        for row, number in zip(x, y, strict=True):
            clear_both(w, b)
            loss = (row @ w + b - number).square().sum()
            loss.backward()
            move_both(w, b, learning_rate)
            epoch.append(loss.item())
        losses.append(sum(epoch) / (len(y) if reduction == "mean" else 1))
    return losses


@misconception(
    of="fit", hint="Let the line have its bias: predictions are w · x + b, and b moves as w does."
)
def fit_without_the_bias(
    x: Tensor, y: Tensor, w: Any, b: Any, learning_rate: float, epochs: int, reduction: str = "mean"
) -> list[float]:
    refuse_bad_fits(x, y, learning_rate, reduction)
    losses = []
    for _ in range(epochs):
        clear_both(w, b)
        loss = loss_of_line(x, y, w, b.detach(), reduction)
        loss.backward()
        b.grad = torch.zeros_like(b)
        move_both(w, b, learning_rate)
        losses.append(loss.item())
    return losses


@misconception(of="fit", hint=THESE_VERY_TENSORS)
def fit_rebinds(
    x: Tensor, y: Tensor, w: Any, b: Any, learning_rate: float, epochs: int, reduction: str = "mean"
) -> list[float]:
    refuse_bad_fits(x, y, learning_rate, reduction)
    losses = []
    for _ in range(epochs):
        clear_both(w, b)
        loss = loss_of_line(x, y, w, b, reduction)
        loss.backward()
        with torch.no_grad():
            w = w - learning_rate * w.grad
            b = b - learning_rate * b.grad
        losses.append(loss.item())
    return losses


@misconception(of="fit", hint=THESE_VERY_TENSORS)
def fit_moves_copies(
    x: Tensor, y: Tensor, w: Any, b: Any, learning_rate: float, epochs: int, reduction: str = "mean"
) -> list[float]:
    refuse_bad_fits(x, y, learning_rate, reduction)
    losses = []
    for _ in range(epochs):
        clear_both(w, b)
        loss = loss_of_line(x, y, w, b, reduction)
        loss.backward()
        w = (w - learning_rate * w.grad).detach().requires_grad_()
        b = (b - learning_rate * b.grad).detach().requires_grad_()
        losses.append(loss.item())
    return losses


@misconception(of="fit", hint=START_AS_GIVEN)
def fit_starts_at_zero(
    x: Tensor, y: Tensor, w: Any, b: Any, learning_rate: float, epochs: int, reduction: str = "mean"
) -> list[float]:
    refuse_bad_fits(x, y, learning_rate, reduction)
    losses = []
    with torch.no_grad():
        w.zero_()
        b.zero_()
    for _ in range(epochs):
        clear_both(w, b)
        loss = loss_of_line(x, y, w, b, reduction)
        loss.backward()
        move_both(w, b, learning_rate)
        losses.append(loss.item())
    return losses


@misconception(of="fit", hint=START_AS_GIVEN)
def fit_makes_its_own_line(
    x: Tensor, y: Tensor, w: Any, b: Any, learning_rate: float, epochs: int, reduction: str = "mean"
) -> list[float]:
    refuse_bad_fits(x, y, learning_rate, reduction)
    losses = []
    w = torch.zeros_like(w, requires_grad=True)
    b = torch.zeros_like(b, requires_grad=True)
    for _ in range(epochs):
        clear_both(w, b)
        loss = loss_of_line(x, y, w, b, reduction)
        loss.backward()
        move_both(w, b, learning_rate)
        losses.append(loss.item())
    return losses


@misconception(
    of="fit",
    hint="Make the step under torch.no_grad(): autograd forbids to change in place a leaf that it "
    "watches.",
)
def fit_watched_by_autograd(
    x: Tensor, y: Tensor, w: Any, b: Any, learning_rate: float, epochs: int, reduction: str = "mean"
) -> list[float]:
    refuse_bad_fits(x, y, learning_rate, reduction)
    losses = []
    for _ in range(epochs):
        clear_both(w, b)
        loss = loss_of_line(x, y, w, b, reduction)
        loss.backward()
        w -= learning_rate * w.grad
        b -= learning_rate * b.grad
        losses.append(loss.item())
    return losses


@misconception(
    of="fit",
    hint="Put only the step under torch.no_grad(), and detach nothing on the way to the loss: "
    "backward needs its graph.",
)
def fit_under_no_grad(
    x: Tensor, y: Tensor, w: Any, b: Any, learning_rate: float, epochs: int, reduction: str = "mean"
) -> list[float]:
    refuse_bad_fits(x, y, learning_rate, reduction)
    losses = []
    with torch.no_grad():
        for _ in range(epochs):
            clear_both(w, b)
            loss = loss_of_line(x, y, w, b, reduction)
            loss.backward()
            move_both(w, b, learning_rate)
            losses.append(loss.item())
    return losses


@misconception(
    of="fit",
    hint="Write the new numbers into the memory that w and b have: their data must not be replaced "
    "by another tensor's.",
)
def fit_replaces_the_data(
    x: Tensor, y: Tensor, w: Any, b: Any, learning_rate: float, epochs: int, reduction: str = "mean"
) -> list[float]:
    refuse_bad_fits(x, y, learning_rate, reduction)
    losses = []
    for _ in range(epochs):
        clear_both(w, b)
        loss = loss_of_line(x, y, w, b, reduction)
        loss.backward()
        w.data = w.data - learning_rate * w.grad
        b.data = b.data - learning_rate * b.grad
        losses.append(loss.item())
    return losses


@misconception(of="fit", hint="Leave w and b as they came, leaves that require grad.")
def fit_ends_frozen(
    x: Tensor, y: Tensor, w: Any, b: Any, learning_rate: float, epochs: int, reduction: str = "mean"
) -> list[float]:
    refuse_bad_fits(x, y, learning_rate, reduction)
    losses = []
    for _ in range(epochs):
        clear_both(w, b)
        loss = loss_of_line(x, y, w, b, reduction)
        loss.backward()
        move_both(w, b, learning_rate)
        losses.append(loss.item())
    w.requires_grad_(False)
    b.requires_grad_(False)
    return losses


@misconception(
    of="fit",
    hint="Switch autograd on again after the step: a with block does so by itself.",
)
def fit_leaves_autograd_off(
    x: Tensor, y: Tensor, w: Any, b: Any, learning_rate: float, epochs: int, reduction: str = "mean"
) -> list[float]:
    refuse_bad_fits(x, y, learning_rate, reduction)
    losses = []
    for _ in range(epochs):
        clear_both(w, b)
        loss = loss_of_line(x, y, w, b, reduction)
        losses.append(loss.item())
        loss.backward()
        torch.set_grad_enabled(False)
        move_both(w, b, learning_rate)
    return losses
