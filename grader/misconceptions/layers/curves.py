"""What goes wrong in `sigmoid` and `tanh`."""

import math

import torch
from torch import Tensor

from grader.misconceptions import misconception

BOTH_BRANCHES = (
    "Keep infinities out of both branches of torch.where: the NaN of the one not taken reaches the "
    "gradient. Clamp what goes into exp, or exponentiate −|x| only."
)
SIGMOID_OVERFLOWS = (
    "Never exponentiate a large number: e¹⁰⁰⁰ is infinite, and the value or the gradient becomes "
    "NaN. Use e⁻ˣ where x is positive and eˣ where it is negative."
)
TANH_OVERFLOWS = (
    "Never exponentiate a large number: e¹⁰⁰⁰ is infinite, and infinity over infinity is NaN. "
    "Divide above and below by the larger exponential first."
)
STAY_IN_TORCH = (
    "Stay in torch from input to result: what goes through Python's math, numpy or .detach() has "
    "no gradient."
)
LEAVE_INPUTS = "Leave what you were given as it is: avoid in-place operations on x."
KEEP_DTYPE = "Keep the dtype of the input: float64 in, float64 out."


def right_tanh(x: Tensor) -> Tensor:
    up, down = torch.exp(x - x.abs()), torch.exp(-x - x.abs())
    return (up - down) / (up + down)


def right_sigmoid(x: Tensor) -> Tensor:
    return (1 + right_tanh(x / 2)) / 2


@misconception(of="sigmoid", hint=SIGMOID_OVERFLOWS)
def sigmoid_overflows_in_the_gradient(x: Tensor) -> Tensor:
    return 1 / (1 + torch.exp(-x))


@misconception(of="sigmoid", hint=SIGMOID_OVERFLOWS)
def sigmoid_overflows(x: Tensor) -> Tensor:
    return torch.exp(x) / (torch.exp(x) + 1)


@misconception(of="sigmoid", hint=BOTH_BRANCHES)
def sigmoid_of_both_branches(x: Tensor) -> Tensor:
    return torch.where(x >= 0, 1 / (1 + torch.exp(-x)), torch.exp(x) / (1 + torch.exp(x)))


@misconception(of="sigmoid", hint="Mind the sign in the exponent: e⁻ˣ, so that σ grows with x.")
def sigmoid_falls(x: Tensor) -> Tensor:
    return right_sigmoid(-x)


@misconception(of="sigmoid", hint="Halve x: σ(x) = (1 + tanh(x / 2)) / 2.")
def sigmoid_too_steep(x: Tensor) -> Tensor:
    return right_sigmoid(2 * x)


@misconception(
    of="sigmoid",
    hint="Squeeze into (0, 1): this is the hyperbolic tangent, which runs from −1 to 1.",
)
def sigmoid_as_tanh(x: Tensor) -> Tensor:
    return right_tanh(x)


@misconception(
    of="sigmoid",
    hint="Use the exponential: this is the hard sigmoid, a straight line with two bends.",
)
def sigmoid_as_a_line(x: Tensor) -> Tensor:
    return (x / 6 + 0.5).clamp(0, 1)


@misconception(
    of="sigmoid",
    hint="Treat each element by itself: divided by the sum over all of them, this is a softmax.",
)
def sigmoid_as_softmax(x: Tensor) -> Tensor:
    exponentials = torch.exp(x - x.max())
    return exponentials / exponentials.sum()


@misconception(of="sigmoid", hint="Return σ(x) itself: this is its derivative, σ(x) (1 − σ(x)).")
def sigmoid_derivative(x: Tensor) -> Tensor:
    return right_sigmoid(x) * right_sigmoid(-x)


@misconception(of="sigmoid", hint="Return a probability, not a decision: 0 and 1 are its limits.")
def sigmoid_rounded(x: Tensor) -> Tensor:
    return right_sigmoid(x).round()


@misconception(of="sigmoid", hint="Use the number e: torch.exp is the power of e, not of 2.")
def sigmoid_of_powers_of_two(x: Tensor) -> Tensor:
    return right_sigmoid(x * math.log(2))


@misconception(of="sigmoid", hint=STAY_IN_TORCH)
def sigmoid_detached(x: Tensor) -> Tensor:
    return right_sigmoid(x.detach())


@misconception(of="sigmoid", hint=LEAVE_INPUTS)
def sigmoid_changes_its_input(x: Tensor) -> Tensor:
    x.copy_(right_sigmoid(x))
    return x


@misconception(of="sigmoid", hint=KEEP_DTYPE)
def sigmoid_in_float32(x: Tensor) -> Tensor:
    return right_sigmoid(x.float())


# tanh


@misconception(of="tanh", hint=TANH_OVERFLOWS)
def tanh_overflows(x: Tensor) -> Tensor:
    up, down = torch.exp(x), torch.exp(-x)
    return (up - down) / (up + down)


@misconception(of="tanh", hint=TANH_OVERFLOWS)
def tanh_of_squares_overflows(x: Tensor) -> Tensor:
    squared = torch.exp(2 * x)
    return (squared - 1) / (squared + 1)


@misconception(of="tanh", hint=TANH_OVERFLOWS)
def tanh_overflows_in_the_gradient(x: Tensor) -> Tensor:
    return 1 - 2 / (torch.exp(2 * x) + 1)


@misconception(of="tanh", hint=BOTH_BRANCHES)
def tanh_of_both_branches(x: Tensor) -> Tensor:
    up, down = torch.exp(2 * x), torch.exp(-2 * x)
    return torch.where(x >= 0, (1 - down) / (1 + down), (up - 1) / (up + 1))


@misconception(of="tanh", hint="Mind the signs: eˣ − e⁻ˣ stands above, so that tanh grows with x.")
def tanh_falls(x: Tensor) -> Tensor:
    return right_tanh(-x)


@misconception(of="tanh", hint="Double x inside the sigmoid: tanh(x) = 2 σ(2x) − 1.")
def tanh_too_flat(x: Tensor) -> Tensor:
    return right_tanh(x / 2)


@misconception(of="tanh", hint="Squeeze into (−1, 1): this is the sigmoid, which runs from 0 to 1.")
def tanh_as_sigmoid(x: Tensor) -> Tensor:
    return right_sigmoid(x)


@misconception(of="tanh", hint="Stretch and shift the sigmoid: tanh(x) = 2 σ(2x) − 1.")
def tanh_not_shifted(x: Tensor) -> Tensor:
    return right_sigmoid(2 * x)


@misconception(
    of="tanh", hint="Bend, do not cut: clamped to [−1, 1], x is the hard tanh, a straight line."
)
def tanh_as_a_line(x: Tensor) -> Tensor:
    return x.clamp(-1, 1)


@misconception(
    of="tanh", hint="Use the exponentials: the inverse tangent bends alike, but runs to π/2."
)
def tanh_as_arctangent(x: Tensor) -> Tensor:
    return torch.atan(x)


@misconception(of="tanh", hint="Divide by the sum eˣ + e⁻ˣ, not by 2: that is the sinh.")
def tanh_as_sinh(x: Tensor) -> Tensor:
    return torch.sinh(x)


@misconception(of="tanh", hint="Return tanh(x) itself: this is its derivative, 1 − tanh²(x).")
def tanh_derivative(x: Tensor) -> Tensor:
    return 1 - right_tanh(x) ** 2


@misconception(of="tanh", hint=STAY_IN_TORCH)
def tanh_through_numbers(x: Tensor) -> Tensor:
    numbers = [math.tanh(number) for number in x.flatten().tolist()]
    return torch.tensor(numbers, dtype=x.dtype, device=x.device).reshape(x.shape)


@misconception(of="tanh", hint=LEAVE_INPUTS)
def tanh_changes_its_input(x: Tensor) -> Tensor:
    x.copy_(right_tanh(x))
    return x


@misconception(of="tanh", hint=KEEP_DTYPE)
def tanh_in_float32(x: Tensor) -> Tensor:
    return right_tanh(x.float())
