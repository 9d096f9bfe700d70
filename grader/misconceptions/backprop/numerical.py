"""What goes wrong in `numerical_gradient`."""

from collections.abc import Callable
from itertools import product

import torch
from torch import Tensor

from grader.misconceptions import misconception

Index = tuple[int, ...]

BOTH_SIDES = "Look at both sides of x: the difference to f(x) itself is off by about eps."
DISTANCE = "Divide by 2 · eps: so far apart are the two points at which you look."
PUT_BACK = (
    "Put each element back before you move the next one: save its value, and restore that. x must "
    "end as it was."
)
BY_THIS_EPS = (
    "Take the differences yourself, at the eps that is given: 1e-6 is only its default, and what "
    "does not depend on eps is no difference."
)
ONE_AT_A_TIME = (
    "Move one single element at a time: each has a slope of its own. x may have any number of "
    "dimensions."
)


def moved(x: Tensor, index: Index, by: float) -> Tensor:
    """A copy of x with one element moved."""
    copy = x.clone()
    copy[index] += by
    return copy


def for_each_element(x: Tensor, slope: Callable[[Index], float]) -> Tensor:
    gradient = torch.empty_like(x)
    for index in product(*map(range, x.shape)):
        gradient[index] = slope(index)
    return gradient


def rise(f: Callable[[Tensor], Tensor], x: Tensor, index: Index, eps: float) -> float:
    """f(x + eps · e) − f(x − eps · e)."""
    return f(moved(x, index, eps)).item() - f(moved(x, index, -eps)).item()


@misconception(of="numerical_gradient", hint=BOTH_SIDES)
def numerical_forward_difference(
    f: Callable[[Tensor], Tensor], x: Tensor, eps: float = 1e-6
) -> Tensor:
    here = f(x).item()
    return for_each_element(x, lambda index: (f(moved(x, index, eps)).item() - here) / eps)


@misconception(of="numerical_gradient", hint=BOTH_SIDES)
def numerical_backward_difference(
    f: Callable[[Tensor], Tensor], x: Tensor, eps: float = 1e-6
) -> Tensor:
    here = f(x).item()
    return for_each_element(x, lambda index: (here - f(moved(x, index, -eps)).item()) / eps)


@misconception(of="numerical_gradient", hint=DISTANCE)
def numerical_divided_by_eps(f: Callable[[Tensor], Tensor], x: Tensor, eps: float = 1e-6) -> Tensor:
    return for_each_element(x, lambda index: rise(f, x, index, eps) / eps)


@misconception(of="numerical_gradient", hint=DISTANCE)
def numerical_not_divided(f: Callable[[Tensor], Tensor], x: Tensor, eps: float = 1e-6) -> Tensor:
    return for_each_element(x, lambda index: rise(f, x, index, eps))


@misconception(
    of="numerical_gradient",
    hint="Set parentheses around 2 * eps: without them you divide by 2 and multiply by eps.",
)
def numerical_times_eps(f: Callable[[Tensor], Tensor], x: Tensor, eps: float = 1e-6) -> Tensor:
    return for_each_element(x, lambda index: rise(f, x, index, eps) / 2 * eps)


@misconception(
    of="numerical_gradient",
    hint="Move by eps to each side, not by half of it: the two points lie 2 · eps apart.",
)
def numerical_half_steps(f: Callable[[Tensor], Tensor], x: Tensor, eps: float = 1e-6) -> Tensor:
    return for_each_element(x, lambda index: rise(f, x, index, eps / 2) / eps)


@misconception(of="numerical_gradient", hint=BY_THIS_EPS)
def numerical_eps_ignored(f: Callable[[Tensor], Tensor], x: Tensor, eps: float = 1e-6) -> Tensor:
    step = 1e-6
    return for_each_element(x, lambda index: rise(f, x, index, step) / (2 * step))


@misconception(
    of="numerical_gradient",
    hint="Subtract the value below from the value above, not the other way round.",
)
def numerical_sign_lost(f: Callable[[Tensor], Tensor], x: Tensor, eps: float = 1e-6) -> Tensor:
    return for_each_element(x, lambda index: -rise(f, x, index, eps) / (2 * eps))


@misconception(
    of="numerical_gradient",
    hint="Compute in float64: in float32 a step of 1e-6 is lost in rounding.",
)
def numerical_in_float32(f: Callable[[Tensor], Tensor], x: Tensor, eps: float = 1e-6) -> Tensor:
    rough = x.float()
    return for_each_element(rough, lambda index: rise(f, rough, index, eps) / (2 * eps)).double()


@misconception(
    of="numerical_gradient",
    hint="Give the result the dtype of x: new tensors are float32 unless they are told otherwise.",
)
def numerical_result_in_float32(
    f: Callable[[Tensor], Tensor], x: Tensor, eps: float = 1e-6
) -> Tensor:
    return for_each_element(x, lambda index: rise(f, x, index, eps) / (2 * eps)).float()


def without_putting_back(f: Callable[[Tensor], Tensor], x: Tensor, eps: float) -> Tensor:
    """The gradient; x itself is changed."""
    gradient = torch.empty_like(x)
    for index in product(*map(range, x.shape)):
        x[index] += eps
        above = f(x).item()
        x[index] -= 2 * eps
        gradient[index] = (above - f(x).item()) / (2 * eps)
    return gradient


@misconception(of="numerical_gradient", hint=PUT_BACK)
def numerical_left_moved(f: Callable[[Tensor], Tensor], x: Tensor, eps: float = 1e-6) -> Tensor:
    return without_putting_back(f, x, eps)


@misconception(of="numerical_gradient", hint=PUT_BACK)
def numerical_moves_add_up(f: Callable[[Tensor], Tensor], x: Tensor, eps: float = 1e-6) -> Tensor:
    return without_putting_back(f, x.clone(), eps)


@misconception(
    of="numerical_gradient",
    hint="Save the old value and put that back: adding eps again leaves a rounding error in x.",
)
def numerical_put_back_by_adding(
    f: Callable[[Tensor], Tensor], x: Tensor, eps: float = 1e-6
) -> Tensor:
    gradient = torch.empty_like(x)
    for index in product(*map(range, x.shape)):
        x[index] += eps
        above = f(x).item()
        x[index] -= 2 * eps
        below = f(x).item()
        x[index] += eps
        gradient[index] = (above - below) / (2 * eps)
    return gradient


@misconception(of="numerical_gradient", hint=ONE_AT_A_TIME)
def numerical_moves_everything(
    f: Callable[[Tensor], Tensor], x: Tensor, eps: float = 1e-6
) -> Tensor:
    return torch.full_like(x, (f(x + eps).item() - f(x - eps).item()) / (2 * eps))


@misconception(of="numerical_gradient", hint=ONE_AT_A_TIME)
def numerical_one_number(f: Callable[[Tensor], Tensor], x: Tensor, eps: float = 1e-6) -> Tensor:
    return (f(x + eps) - f(x - eps)) / (2 * eps)


@misconception(of="numerical_gradient", hint=ONE_AT_A_TIME)
def numerical_moves_rows(f: Callable[[Tensor], Tensor], x: Tensor, eps: float = 1e-6) -> Tensor:
    gradient = torch.empty_like(x)
    for row in range(len(x)):
        gradient[row] = rise(f, x, (row,), eps) / (2 * eps)
    return gradient


@misconception(
    of="numerical_gradient",
    hint="Give the gradient the shape of x: you return it flat.",
)
def numerical_flat(f: Callable[[Tensor], Tensor], x: Tensor, eps: float = 1e-6) -> Tensor:
    return for_each_element(x, lambda index: rise(f, x, index, eps) / (2 * eps)).reshape(-1)


@misconception(
    of="numerical_gradient",
    hint="Hand f the tensor in which you moved an element: what f is given never changes here.",
)
def numerical_moves_a_copy(f: Callable[[Tensor], Tensor], x: Tensor, eps: float = 1e-6) -> Tensor:
    return for_each_element(x, lambda index: (f(x).item() - f(x).item()) / (2 * eps))


def in_a_flat_tensor(f: Callable[[Tensor], Tensor], x: Tensor, flat: Tensor, eps: float) -> Tensor:
    """The gradient, by changes in `flat`, which is meant to be x seen as one row."""
    gradient = torch.zeros_like(flat)
    for place, value in enumerate(flat.tolist()):
        flat[place] = value + eps
        above = f(x).item()
        flat[place] = value - eps
        below = f(x).item()
        flat[place] = value
        gradient[place] = (above - below) / (2 * eps)
    return gradient.reshape(x.shape)


@misconception(
    of="numerical_gradient",
    hint="Do not rely on flatten() or reshape() for a view: of a transposed x they make a copy, "
    "and moving its elements moves nothing in x.",
)
def numerical_flattened(f: Callable[[Tensor], Tensor], x: Tensor, eps: float = 1e-6) -> Tensor:
    return in_a_flat_tensor(f, x, x.flatten(), eps)


@misconception(
    of="numerical_gradient",
    hint="Do not use view(-1) on x: it fails where x is not contiguous, such as a transposed one.",
)
def numerical_viewed(f: Callable[[Tensor], Tensor], x: Tensor, eps: float = 1e-6) -> Tensor:
    return in_a_flat_tensor(f, x, x.view(-1), eps)


@misconception(
    of="numerical_gradient",
    hint="Take the number out of what f returns, with item(), before you move x on: it may be a "
    "part of x itself and move with it.",
)
def numerical_keeps_what_f_returns(
    f: Callable[[Tensor], Tensor], x: Tensor, eps: float = 1e-6
) -> Tensor:
    gradient, point = torch.empty_like(x), x.clone()
    for index in product(*map(range, x.shape)):
        point[index] = x[index] + eps
        above = f(point)
        point[index] = x[index] - eps
        gradient[index] = (above - f(point)) / (2 * eps)
        point[index] = x[index]
    return gradient


@misconception(
    of="numerical_gradient",
    hint="Make the gradient on the device of x, not on the CPU.",
    needs_gpu=True,
)
def numerical_on_the_cpu(f: Callable[[Tensor], Tensor], x: Tensor, eps: float = 1e-6) -> Tensor:
    gradient = torch.zeros(x.shape, dtype=x.dtype)
    for index in product(*map(range, x.shape)):
        gradient[index] = rise(f, x, index, eps) / (2 * eps)
    return gradient


@misconception(of="numerical_gradient", hint=BY_THIS_EPS)
def numerical_by_autograd(f: Callable[[Tensor], Tensor], x: Tensor, eps: float = 1e-6) -> Tensor:
    leaf = x.clone().requires_grad_()
    return torch.autograd.grad(f(leaf), leaf)[0]
