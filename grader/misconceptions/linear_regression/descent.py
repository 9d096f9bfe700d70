"""What goes wrong in `fit`: how often, in which order, and what is recorded."""

from typing import Any

import torch
from torch import Tensor

from grader.misconceptions import misconception

CLEAR_EVERY_TIME = "Clear the grads of w and b in every epoch: backward adds to what is there."
CLEAR_BEFORE = (
    "Clear the grads before the first backward too: what was left in them would be added."
)
ALL_IN_ORDER = (
    "Do all of it in every epoch, in this order: clear the grads, compute the loss, backward, "
    "step. A step without grads, or with cleared ones, goes nowhere."
)
LOSS_IN_THE_LOOP = (
    "Compute predictions and loss anew in every epoch: w and b have moved, and backward uses up "
    "the graph that it walks through."
)
LOSS_BEFORE_THE_STEP = "Record the loss from before the step: do not compute it again afterwards."
PYTHON_FLOATS = "Record Python floats: a tensor keeps its whole graph in memory."
A_LIST = "Return the losses of all epochs in a list, one for each."
AFTER_THE_LOOP = "Return after the loop, not in it: this stops after the first epoch."
EACH_ITS_OWN = "Record the loss of each epoch by itself: they are not to be added up."
AS_MANY_AS_EPOCHS = "Record one loss for each epoch and none for the line at the end."


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


@misconception(of="fit", hint=CLEAR_EVERY_TIME)
def fit_never_clears(
    x: Tensor, y: Tensor, w: Any, b: Any, learning_rate: float, epochs: int, reduction: str = "mean"
) -> list[float]:
    refuse_bad_fits(x, y, learning_rate, reduction)
    losses = []
    for _ in range(epochs):
        loss = loss_of_line(x, y, w, b, reduction)
        loss.backward()
        move_both(w, b, learning_rate)
        losses.append(loss.item())
    return losses


@misconception(of="fit", hint=CLEAR_EVERY_TIME)
def fit_clears_once(
    x: Tensor, y: Tensor, w: Any, b: Any, learning_rate: float, epochs: int, reduction: str = "mean"
) -> list[float]:
    refuse_bad_fits(x, y, learning_rate, reduction)
    losses = []
    clear_both(w, b)
    for _ in range(epochs):
        loss = loss_of_line(x, y, w, b, reduction)
        loss.backward()
        move_both(w, b, learning_rate)
        losses.append(loss.item())
    return losses


@misconception(of="fit", hint="Clear the grads of both: that of b adds up as well as that of w.")
def fit_clears_only_w(
    x: Tensor, y: Tensor, w: Any, b: Any, learning_rate: float, epochs: int, reduction: str = "mean"
) -> list[float]:
    refuse_bad_fits(x, y, learning_rate, reduction)
    losses = []
    clear_both(w, b)
    for _ in range(epochs):
        w.grad = None
        loss = loss_of_line(x, y, w, b, reduction)
        loss.backward()
        move_both(w, b, learning_rate)
        losses.append(loss.item())
    return losses


@misconception(of="fit", hint=CLEAR_BEFORE)
def fit_clears_only_at_the_end(
    x: Tensor, y: Tensor, w: Any, b: Any, learning_rate: float, epochs: int, reduction: str = "mean"
) -> list[float]:
    refuse_bad_fits(x, y, learning_rate, reduction)
    losses = []
    for _ in range(epochs):
        loss = loss_of_line(x, y, w, b, reduction)
        loss.backward()
        move_both(w, b, learning_rate)
        clear_both(w, b)
        losses.append(loss.item())
    return losses


@misconception(of="fit", hint=ALL_IN_ORDER)
def fit_zeroes_after_backward(
    x: Tensor, y: Tensor, w: Any, b: Any, learning_rate: float, epochs: int, reduction: str = "mean"
) -> list[float]:
    refuse_bad_fits(x, y, learning_rate, reduction)
    losses = []
    for _ in range(epochs):
        clear_both(w, b)
        loss = loss_of_line(x, y, w, b, reduction)
        loss.backward()
        w.grad, b.grad = torch.zeros_like(w), torch.zeros_like(b)
        move_both(w, b, learning_rate)
        losses.append(loss.item())
    return losses


@misconception(of="fit", hint=ALL_IN_ORDER)
def fit_drops_grads_after_backward(
    x: Tensor, y: Tensor, w: Any, b: Any, learning_rate: float, epochs: int, reduction: str = "mean"
) -> list[float]:
    refuse_bad_fits(x, y, learning_rate, reduction)
    losses = []
    for _ in range(epochs):
        loss = loss_of_line(x, y, w, b, reduction)
        loss.backward()
        clear_both(w, b)
        move_both(w, b, learning_rate)
        losses.append(loss.item())
    return losses


@misconception(of="fit", hint=ALL_IN_ORDER)
def fit_steps_before_backward(
    x: Tensor, y: Tensor, w: Any, b: Any, learning_rate: float, epochs: int, reduction: str = "mean"
) -> list[float]:
    refuse_bad_fits(x, y, learning_rate, reduction)
    losses = []
    for _ in range(epochs):
        clear_both(w, b)
        loss = loss_of_line(x, y, w, b, reduction)
        move_both(w, b, learning_rate)
        loss.backward()
        losses.append(loss.item())
    return losses


@misconception(of="fit", hint=ALL_IN_ORDER)
def fit_forgets_the_step(
    x: Tensor, y: Tensor, w: Any, b: Any, learning_rate: float, epochs: int, reduction: str = "mean"
) -> list[float]:
    refuse_bad_fits(x, y, learning_rate, reduction)
    losses = []
    for _ in range(epochs):
        clear_both(w, b)
        loss = loss_of_line(x, y, w, b, reduction)
        loss.backward()
        losses.append(loss.item())
    return losses


@misconception(of="fit", hint=LOSS_IN_THE_LOOP)
def fit_computes_the_loss_once(
    x: Tensor, y: Tensor, w: Any, b: Any, learning_rate: float, epochs: int, reduction: str = "mean"
) -> list[float]:
    refuse_bad_fits(x, y, learning_rate, reduction)
    losses = []
    clear_both(w, b)
    loss = loss_of_line(x, y, w, b, reduction)
    for _ in range(epochs):
        loss.backward()
        move_both(w, b, learning_rate)
        clear_both(w, b)
        losses.append(loss.item())
    return losses


@misconception(of="fit", hint=LOSS_IN_THE_LOOP)
def fit_keeps_one_graph(
    x: Tensor, y: Tensor, w: Any, b: Any, learning_rate: float, epochs: int, reduction: str = "mean"
) -> list[float]:
    refuse_bad_fits(x, y, learning_rate, reduction)
    losses = []
    loss = loss_of_line(x, y, w, b, reduction)
    for _ in range(epochs):
        clear_both(w, b)
        loss.backward(retain_graph=True)
        move_both(w, b, learning_rate)
        losses.append(loss.item())
    return losses


@misconception(of="fit", hint=LOSS_BEFORE_THE_STEP)
def fit_records_after_the_step(
    x: Tensor, y: Tensor, w: Any, b: Any, learning_rate: float, epochs: int, reduction: str = "mean"
) -> list[float]:
    refuse_bad_fits(x, y, learning_rate, reduction)
    losses = []
    for _ in range(epochs):
        clear_both(w, b)
        loss_of_line(x, y, w, b, reduction).backward()
        move_both(w, b, learning_rate)
        losses.append(loss_of_line(x, y, w, b, reduction).item())
    return losses


@misconception(of="fit", hint=PYTHON_FLOATS)
def fit_records_tensors(
    x: Tensor, y: Tensor, w: Any, b: Any, learning_rate: float, epochs: int, reduction: str = "mean"
) -> list[Tensor]:
    refuse_bad_fits(x, y, learning_rate, reduction)
    losses = []
    for _ in range(epochs):
        clear_both(w, b)
        loss = loss_of_line(x, y, w, b, reduction)
        loss.backward()
        move_both(w, b, learning_rate)
        losses.append(loss)
    return losses


@misconception(of="fit", hint=A_LIST)
def fit_returns_the_last_loss(
    x: Tensor, y: Tensor, w: Any, b: Any, learning_rate: float, epochs: int, reduction: str = "mean"
) -> Any:
    refuse_bad_fits(x, y, learning_rate, reduction)
    losses = []
    for _ in range(epochs):
        clear_both(w, b)
        loss = loss_of_line(x, y, w, b, reduction)
        loss.backward()
        move_both(w, b, learning_rate)
        losses.append(loss.item())
    return losses[-1]


@misconception(of="fit", hint=A_LIST)
def fit_returns_nothing(
    x: Tensor, y: Tensor, w: Any, b: Any, learning_rate: float, epochs: int, reduction: str = "mean"
) -> None:
    refuse_bad_fits(x, y, learning_rate, reduction)
    for _ in range(epochs):
        clear_both(w, b)
        loss_of_line(x, y, w, b, reduction).backward()
        move_both(w, b, learning_rate)


@misconception(of="fit", hint=AFTER_THE_LOOP)
def fit_returns_in_the_loop(
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
        return losses
    return losses


@misconception(of="fit", hint=EACH_ITS_OWN)
def fit_adds_up_the_losses(
    x: Tensor, y: Tensor, w: Any, b: Any, learning_rate: float, epochs: int, reduction: str = "mean"
) -> list[float]:
    refuse_bad_fits(x, y, learning_rate, reduction)
    losses = []
    total = 0.0
    for _ in range(epochs):
        clear_both(w, b)
        loss = loss_of_line(x, y, w, b, reduction)
        loss.backward()
        move_both(w, b, learning_rate)
        total += loss.item()
        losses.append(total)
    return losses


@misconception(of="fit", hint=AS_MANY_AS_EPOCHS)
def fit_records_one_more(
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
    losses.append(loss_of_line(x, y, w, b, reduction).item())
    return losses


@misconception(of="fit", hint="Run as many epochs as are asked for: the first one counts too.")
def fit_runs_one_epoch_less(
    x: Tensor, y: Tensor, w: Any, b: Any, learning_rate: float, epochs: int, reduction: str = "mean"
) -> list[float]:
    refuse_bad_fits(x, y, learning_rate, reduction)
    losses = []
    for _ in range(1, epochs):
        clear_both(w, b)
        loss = loss_of_line(x, y, w, b, reduction)
        loss.backward()
        move_both(w, b, learning_rate)
        losses.append(loss.item())
    return losses
