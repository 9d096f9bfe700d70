"""What goes wrong in `softmax` and `log_softmax`."""

import math

import torch
from torch import Tensor

from grader.misconceptions import misconception

OBEY_DIM = "Normalise along the dimension that is given, whichever it is."
SUBTRACT_THE_LARGEST = (
    "Subtract the largest score of each row before you exponentiate: e¹⁰⁰⁰ is infinite, and e⁻¹⁰⁰⁰ "
    "is 0."
)
OF_EACH_ROW = (
    "Subtract from each row its own largest score: with one for all, the other rows underflow to 0."
)
KEEP_THE_DIMENSION = (
    "Reduce with keepdim=True: without it the largest score, or the sum, meets the wrong rows."
)
LOG_SUM_EXP = (
    "Subtract the logarithm of the sum from the score itself: a softmax that has become 0 has no "
    "logarithm."
)
LEAVE_INPUTS = "Leave what you were given as it is: avoid in-place operations on x."
KEEP_DTYPE = "Keep the dtype of the input: float64 in, float64 out."
STAY_IN_TORCH = "Stay in torch from input to result: .data and .detach() cut the gradient off."


def stable_exponentials(x: Tensor, dim: int) -> Tensor:
    return torch.exp(x - x.amax(dim, keepdim=True))


def right_softmax(x: Tensor, dim: int) -> Tensor:
    exponentials = stable_exponentials(x, dim)
    return exponentials / exponentials.sum(dim, keepdim=True)


def right_log_softmax(x: Tensor, dim: int) -> Tensor:
    largest = x.amax(dim, keepdim=True)
    return x - largest - stable_exponentials(x, dim).sum(dim, keepdim=True).log()


@misconception(of="softmax", hint=OBEY_DIM + " Here it is always the last one.")
def softmax_of_the_last_dimension(x: Tensor, dim: int) -> Tensor:
    return right_softmax(x, -1)


@misconception(of="softmax", hint=OBEY_DIM + " Here it is always the first one.")
def softmax_of_the_first_dimension(x: Tensor, dim: int) -> Tensor:
    return right_softmax(x, 0)


@misconception(of="softmax", hint=OBEY_DIM + " The sum over all elements is that of no dimension.")
def softmax_of_everything(x: Tensor, dim: int) -> Tensor:
    exponentials = torch.exp(x - x.max())
    return exponentials / exponentials.sum()


@misconception(of="softmax", hint=SUBTRACT_THE_LARGEST)
def softmax_naive(x: Tensor, dim: int) -> Tensor:
    return torch.exp(x) / torch.exp(x).sum(dim, keepdim=True)


@misconception(of="softmax", hint=OF_EACH_ROW)
def softmax_one_maximum_for_all(x: Tensor, dim: int) -> Tensor:
    exponentials = torch.exp(x - x.max())
    return exponentials / exponentials.sum(dim, keepdim=True)


@misconception(
    of="softmax", hint="Subtract the largest score, not the mean: what is left can still overflow."
)
def softmax_minus_the_mean(x: Tensor, dim: int) -> Tensor:
    exponentials = torch.exp(x - x.mean(dim, keepdim=True))
    return exponentials / exponentials.sum(dim, keepdim=True)


@misconception(of="softmax", hint=KEEP_THE_DIMENSION)
def softmax_sum_without_keepdim(x: Tensor, dim: int) -> Tensor:
    exponentials = stable_exponentials(x, dim)
    return exponentials / exponentials.sum(dim)


@misconception(of="softmax", hint=KEEP_THE_DIMENSION)
def softmax_maximum_without_keepdim(x: Tensor, dim: int) -> Tensor:
    exponentials = torch.exp(x - x.amax(dim))
    return exponentials / exponentials.sum(dim, keepdim=True)


@misconception(of="softmax", hint="Divide the exponentials by their sum, not the scores.")
def softmax_without_exp(x: Tensor, dim: int) -> Tensor:
    return x / x.sum(dim, keepdim=True)


@misconception(of="softmax", hint="Divide by the sum of the exponentials: they must sum to 1.")
def softmax_not_divided(x: Tensor, dim: int) -> Tensor:
    return stable_exponentials(x, dim)


@misconception(of="softmax", hint="Return probabilities: these are their logarithms.")
def softmax_as_its_logarithm(x: Tensor, dim: int) -> Tensor:
    return right_log_softmax(x, dim)


@misconception(
    of="softmax",
    hint="Compare the scores of a row with each other: the sigmoid looks at one alone.",
)
def softmax_as_sigmoid(x: Tensor, dim: int) -> Tensor:
    return torch.sigmoid(x)


@misconception(of="softmax", hint="Keep the sign: the largest score has the largest probability.")
def softmax_as_softmin(x: Tensor, dim: int) -> Tensor:
    return right_softmax(-x, dim)


@misconception(of="softmax", hint="Normalise once: a softmax of a softmax is nearly flat.")
def softmax_twice(x: Tensor, dim: int) -> Tensor:
    return right_softmax(right_softmax(x, dim), dim)


@misconception(of="softmax", hint="Use the number e: torch.exp is the power of e, not of 2.")
def softmax_of_powers_of_two(x: Tensor, dim: int) -> Tensor:
    return right_softmax(x * math.log(2), dim)


@misconception(of="softmax", hint="Return probabilities, not a choice: this is the argmax.")
def softmax_as_the_hardest(x: Tensor, dim: int) -> Tensor:
    return (x == x.amax(dim, keepdim=True)).to(x.dtype)


@misconception(of="softmax", hint=STAY_IN_TORCH)
def softmax_detached(x: Tensor, dim: int) -> Tensor:
    return right_softmax(x.detach(), dim)


@misconception(of="softmax", hint=LEAVE_INPUTS)
def softmax_changes_its_input(x: Tensor, dim: int) -> Tensor:
    with torch.no_grad():
        x -= x.amax(dim, keepdim=True)
    return right_softmax(x, dim)


@misconception(of="softmax", hint=KEEP_DTYPE)
def softmax_in_float32(x: Tensor, dim: int) -> Tensor:
    return right_softmax(x.float(), dim)


# log_softmax


@misconception(of="log_softmax", hint=LOG_SUM_EXP)
def log_softmax_of_a_softmax(x: Tensor, dim: int) -> Tensor:
    return right_softmax(x, dim).log()


@misconception(
    of="log_softmax",
    hint="Use log-sum-exp instead of a small constant in the logarithm: the constant caps the "
    "result.",
)
def log_softmax_with_eps(x: Tensor, dim: int) -> Tensor:
    return (right_softmax(x, dim) + 1e-12).log()


@misconception(of="log_softmax", hint=SUBTRACT_THE_LARGEST)
def log_softmax_naive(x: Tensor, dim: int) -> Tensor:
    return x - torch.exp(x).sum(dim, keepdim=True).log()


@misconception(of="log_softmax", hint=OF_EACH_ROW)
def log_softmax_one_maximum_for_all(x: Tensor, dim: int) -> Tensor:
    shifted = x - x.max()
    return shifted - torch.exp(shifted).sum(dim, keepdim=True).log()


@misconception(
    of="log_softmax",
    hint="Subtract the largest score from x too, or add it to the logarithm again: "
    "log Σ exp(xⱼ) = m + log Σ exp(xⱼ − m).",
)
def log_softmax_forgets_the_largest(x: Tensor, dim: int) -> Tensor:
    return x - stable_exponentials(x, dim).sum(dim, keepdim=True).log()


@misconception(of="log_softmax", hint="Subtract the log-sum-exp: the largest alone is not enough.")
def log_softmax_minus_the_largest(x: Tensor, dim: int) -> Tensor:
    return x - x.amax(dim, keepdim=True)


@misconception(of="log_softmax", hint=OBEY_DIM + " Here it is always the last one.")
def log_softmax_of_the_last_dimension(x: Tensor, dim: int) -> Tensor:
    return right_log_softmax(x, -1)


@misconception(of="log_softmax", hint=OBEY_DIM + " Here it is always the first one.")
def log_softmax_of_the_first_dimension(x: Tensor, dim: int) -> Tensor:
    return right_log_softmax(x, 0)


@misconception(of="log_softmax", hint=KEEP_THE_DIMENSION)
def log_softmax_sum_without_keepdim(x: Tensor, dim: int) -> Tensor:
    shifted = x - x.amax(dim, keepdim=True)
    return shifted - torch.exp(shifted).sum(dim).log()


@misconception(of="log_softmax", hint="Take the logarithm: these are the probabilities.")
def log_softmax_as_softmax(x: Tensor, dim: int) -> Tensor:
    return right_softmax(x, dim)


@misconception(of="log_softmax", hint="Mind the sign: the logarithm of a probability is below 0.")
def log_softmax_sign_lost(x: Tensor, dim: int) -> Tensor:
    return -right_log_softmax(x, dim)


@misconception(of="log_softmax", hint="Use the natural logarithm, torch.log.")
def log_softmax_base_two(x: Tensor, dim: int) -> Tensor:
    return right_log_softmax(x, dim) / math.log(2)


@misconception(of="log_softmax", hint="Use the natural logarithm, torch.log.")
def log_softmax_base_ten(x: Tensor, dim: int) -> Tensor:
    return right_log_softmax(x, dim) / math.log(10)


@misconception(of="log_softmax", hint=STAY_IN_TORCH)
def log_softmax_detached(x: Tensor, dim: int) -> Tensor:
    return right_log_softmax(x.detach(), dim)


@misconception(
    of="log_softmax",
    hint="Let the gradient through the log-sum-exp as well: only the largest score may be "
    "detached.",
)
def log_softmax_with_a_constant_sum(x: Tensor, dim: int) -> Tensor:
    return x - (x - right_log_softmax(x, dim)).detach()


@misconception(of="log_softmax", hint=LEAVE_INPUTS)
def log_softmax_changes_its_input(x: Tensor, dim: int) -> Tensor:
    with torch.no_grad():
        x -= x.amax(dim, keepdim=True)
    return right_log_softmax(x, dim)


@misconception(of="log_softmax", hint=KEEP_DTYPE)
def log_softmax_in_float32(x: Tensor, dim: int) -> Tensor:
    return right_log_softmax(x.float(), dim)
