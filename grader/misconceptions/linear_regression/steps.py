"""What goes wrong in `gradient_step`."""

from typing import Any

import torch
from torch import Tensor

from grader.misconceptions import misconception

Leaf = Any  # a tensor whose grad is there
NOTHING_MOVED = (
    "Move w and b: change them in place (a new tensor is seen by nobody else), and clear the grads "
    "only after the step, which needs them."
)
BOTH = "Do with b what you do with w: each moves against its own grad, and both grads are cleared."
STAY_LEAVES = "Leave w and b as they came, leaves that require grad: switch nothing off in them."


def refuse_bad_rates(learning_rate: float) -> None:
    if learning_rate < 0:
        raise ValueError(f"learning_rate is negative: {learning_rate}")


def moved_rightly(leaf: Tensor, gradient: Any, learning_rate: float) -> None:
    with torch.no_grad():
        leaf.sub_(learning_rate * gradient)


@misconception(
    of="gradient_step",
    hint="Subtract: the gradient points uphill, and the loss is to become smaller.",
)
def step_goes_uphill(w: Leaf, b: Leaf, learning_rate: float) -> None:
    refuse_bad_rates(learning_rate)
    for leaf in (w, b):
        moved_rightly(leaf, leaf.grad, -learning_rate)
        leaf.grad = None


@misconception(
    of="gradient_step",
    hint="Make the step under torch.no_grad(): autograd forbids to change in place a leaf that it "
    "watches.",
)
def step_watched_by_autograd(w: Leaf, b: Leaf, learning_rate: float) -> None:
    refuse_bad_rates(learning_rate)
    w -= learning_rate * w.grad
    b -= learning_rate * b.grad
    w.grad = b.grad = None


@misconception(
    of="gradient_step",
    hint="Change w and b in place: a new tensor under the old name is seen by nobody but your "
    "function.",
)
def step_rebinds(w: Leaf, b: Leaf, learning_rate: float) -> tuple[Tensor, Tensor]:
    refuse_bad_rates(learning_rate)
    with torch.no_grad():
        w = w - learning_rate * w.grad
        b = b - learning_rate * b.grad
    w.grad = b.grad = None
    return w, b


@misconception(of="gradient_step", hint=NOTHING_MOVED)
def step_on_copies(w: Leaf, b: Leaf, learning_rate: float) -> tuple[Tensor, Tensor]:
    refuse_bad_rates(learning_rate)
    moved = []
    for leaf in (w, b):
        moved.append((leaf - learning_rate * leaf.grad).detach().requires_grad_())
        leaf.grad = None
    return moved[0], moved[1]


@misconception(
    of="gradient_step",
    hint="Write the new numbers into the memory that w and b have: their data must not be replaced "
    "by another tensor's.",
)
def step_replaces_the_data(w: Leaf, b: Leaf, learning_rate: float) -> None:
    refuse_bad_rates(learning_rate)
    for leaf in (w, b):
        leaf.data = leaf.data - learning_rate * leaf.grad
        leaf.grad = None


@misconception(
    of="gradient_step",
    hint="Clear both grads at the end: the next backward would add to them.",
)
def step_clears_nothing(w: Leaf, b: Leaf, learning_rate: float) -> None:
    refuse_bad_rates(learning_rate)
    for leaf in (w, b):
        moved_rightly(leaf, leaf.grad, learning_rate)


@misconception(of="gradient_step", hint=NOTHING_MOVED)
def step_zeroes_first(w: Leaf, b: Leaf, learning_rate: float) -> None:
    refuse_bad_rates(learning_rate)
    for leaf in (w, b):
        leaf.grad = torch.zeros_like(leaf)
        moved_rightly(leaf, leaf.grad, learning_rate)


@misconception(
    of="gradient_step",
    hint="Clear the grads after the step, not before it: the step needs them.",
)
def step_drops_grads_first(w: Leaf, b: Leaf, learning_rate: float) -> None:
    refuse_bad_rates(learning_rate)
    for leaf in (w, b):
        leaf.grad = None
        moved_rightly(leaf, leaf.grad, learning_rate)


@misconception(of="gradient_step", hint=BOTH)
def step_moves_only_w(w: Leaf, b: Leaf, learning_rate: float) -> None:
    refuse_bad_rates(learning_rate)
    moved_rightly(w, w.grad, learning_rate)
    w.grad = b.grad = None


@misconception(of="gradient_step", hint=BOTH)
def step_clears_only_w(w: Leaf, b: Leaf, learning_rate: float) -> None:
    refuse_bad_rates(learning_rate)
    for leaf in (w, b):
        moved_rightly(leaf, leaf.grad, learning_rate)
    w.grad = None


@misconception(of="gradient_step", hint=BOTH)
def step_moves_b_by_the_grad_of_w(w: Leaf, b: Leaf, learning_rate: float) -> None:
    refuse_bad_rates(learning_rate)
    for leaf in (w, b):
        moved_rightly(leaf, w.grad, learning_rate)
    w.grad = b.grad = None


@misconception(of="gradient_step", hint="Multiply the gradient by the learning rate.")
def step_without_the_rate(w: Leaf, b: Leaf, learning_rate: float) -> None:
    refuse_bad_rates(learning_rate)
    for leaf in (w, b):
        moved_rightly(leaf, leaf.grad, 1.0)
        leaf.grad = None


@misconception(
    of="gradient_step", hint="Subtract learning_rate times the grad, not times the parameter."
)
def step_by_the_parameter(w: Leaf, b: Leaf, learning_rate: float) -> None:
    refuse_bad_rates(learning_rate)
    for leaf in (w, b):
        moved_rightly(leaf, leaf.detach(), learning_rate)
        leaf.grad = None


@misconception(
    of="gradient_step",
    hint="Subtract the gradient as it is, not only its sign: steep slopes make large steps.",
)
def step_by_the_sign(w: Leaf, b: Leaf, learning_rate: float) -> None:
    refuse_bad_rates(learning_rate)
    for leaf in (w, b):
        moved_rightly(leaf, leaf.grad.sign(), learning_rate)
        leaf.grad = None


@misconception(of="gradient_step", hint=STAY_LEAVES)
def step_switches_requires_grad_off(w: Leaf, b: Leaf, learning_rate: float) -> None:
    refuse_bad_rates(learning_rate)
    for leaf in (w, b):
        leaf.requires_grad_(False)
        leaf -= learning_rate * leaf.grad
        leaf.grad = None


@misconception(of="gradient_step", hint=STAY_LEAVES)
def step_detaches(w: Leaf, b: Leaf, learning_rate: float) -> None:
    refuse_bad_rates(learning_rate)
    for leaf in (w, b):
        leaf.detach_()
        leaf -= learning_rate * leaf.grad
        leaf.grad = None


@misconception(
    of="gradient_step",
    hint="Switch autograd on again after the step: a with block does so by itself.",
)
def step_leaves_autograd_off(w: Leaf, b: Leaf, learning_rate: float) -> None:
    refuse_bad_rates(learning_rate)
    torch.set_grad_enabled(False)
    for leaf in (w, b):
        leaf -= learning_rate * leaf.grad
        leaf.grad = None


@misconception(
    of="gradient_step",
    hint="Raise ValueError for a negative learning rate: it would go uphill. 0 is allowed.",
)
def step_takes_negative_rates(w: Leaf, b: Leaf, learning_rate: float) -> None:
    for leaf in (w, b):
        moved_rightly(leaf, leaf.grad, learning_rate)
        leaf.grad = None


@misconception(
    of="gradient_step",
    hint="Let a learning rate of 0 pass: nothing moves, and that is no error.",
)
def step_refuses_a_rate_of_0(w: Leaf, b: Leaf, learning_rate: float) -> None:
    if learning_rate <= 0:
        raise ValueError("learning_rate must be above 0")
    step_takes_negative_rates(w, b, learning_rate)
