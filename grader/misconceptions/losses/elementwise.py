"""What goes wrong in `l1_loss` and `mse_loss`."""

import torch
from torch import Tensor

from grader.misconceptions import misconception

EVERY_ELEMENT = (
    "Divide the sum by the number of all elements: the mean is not over the batch alone."
)
OBEY_REDUCTION = 'Obey the reduction: "none" keeps the shape, "sum" adds up, "mean" averages.'
MEAN_BY_DEFAULT = "This is the sum. Make the mean the default reduction."
EQUAL_SHAPES = (
    "Raise ValueError where the shapes differ: an (N, 1) against an (N,) would broadcast to (N, "
    "N). "
    "Print both shapes."
)
STAY_A_TENSOR = "Return a tensor, not a Python number: the graph must reach the caller."
STAY_IN_TORCH = (
    "Stay in torch from input to result: what is detached or goes through numpy has no gradient."
)
LEAVE_INPUTS = "Leave what you were given as it is: avoid in-place operations on it."
KEEP_DTYPE = "Keep the dtype of the input: float64 in, float64 out."
KEEP_DEVICE = "Make new tensors on the device of the input, not on the CPU."


def refuse_bad_reduction(reduction: str) -> None:
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(f"unknown reduction {reduction!r}")


def refuse_bad_arguments(input: Tensor, target: Tensor, reduction: str) -> None:
    refuse_bad_reduction(reduction)
    if input.shape != target.shape:
        raise ValueError(f"shapes differ: {tuple(input.shape)} and {tuple(target.shape)}")


def reduce_rightly(errors: Tensor, reduction: str) -> Tensor:
    if reduction == "mean":
        return errors.mean()
    return errors.sum() if reduction == "sum" else errors


def reduce_over_batch(errors: Tensor, reduction: str) -> Tensor:
    if reduction == "mean":
        return errors.sum() / (errors.shape[0] if errors.dim() else 1)
    return reduce_rightly(errors, reduction)


@misconception(of="l1_loss", hint=EVERY_ELEMENT)
def l1_mean_over_batch(input: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    refuse_bad_arguments(input, target, reduction)
    return reduce_over_batch((input - target).abs(), reduction)


@misconception(of="l1_loss", hint=OBEY_REDUCTION)
def l1_reduction_ignored(input: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    refuse_bad_arguments(input, target, reduction)
    return (input - target).abs().mean()


@misconception(of="l1_loss", hint=MEAN_BY_DEFAULT)
def l1_sum_by_default(input: Tensor, target: Tensor, reduction: str = "sum") -> Tensor:
    refuse_bad_arguments(input, target, reduction)
    return reduce_rightly((input - target).abs(), reduction)


@misconception(
    of="l1_loss",
    hint="Take the absolute value of each error before you reduce: errors must not cancel.",
)
def l1_without_abs(input: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    refuse_bad_arguments(input, target, reduction)
    return reduce_rightly(input - target, reduction)


@misconception(
    of="l1_loss",
    hint="Take the absolute value of each error before you reduce: errors must not cancel.",
)
def l1_abs_after_reduction(input: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    refuse_bad_arguments(input, target, reduction)
    return reduce_rightly(input - target, reduction).abs()


@misconception(of="l1_loss", hint=EQUAL_SHAPES)
def l1_broadcasts(input: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    refuse_bad_reduction(reduction)
    return reduce_rightly((input - target).abs(), reduction)


@misconception(of="l1_loss", hint=STAY_A_TENSOR)
def l1_python_number(input: Tensor, target: Tensor, reduction: str = "mean") -> Tensor | float:
    refuse_bad_arguments(input, target, reduction)
    loss = reduce_rightly((input - target).abs(), reduction)
    return loss if reduction == "none" else loss.item()


@misconception(of="l1_loss", hint=STAY_IN_TORCH)
def l1_detached(input: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    refuse_bad_arguments(input, target, reduction)
    return reduce_rightly((input - target).abs(), reduction).detach()


@misconception(
    of="l1_loss",
    hint="Use the absolute value itself: the root of the square has a NaN for gradient where "
    "input and target are equal.",
)
def l1_root_of_square(input: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    refuse_bad_arguments(input, target, reduction)
    return reduce_rightly(((input - target) ** 2).sqrt(), reduction)


@misconception(of="l1_loss", hint=LEAVE_INPUTS)
def l1_changes_input(input: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    refuse_bad_arguments(input, target, reduction)
    with torch.no_grad():
        input -= target
    return reduce_rightly(input.abs(), reduction)


@misconception(of="l1_loss", hint=KEEP_DTYPE)
def l1_in_float32(input: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    refuse_bad_arguments(input, target, reduction)
    return reduce_rightly((input.float() - target.float()).abs(), reduction)


@misconception(of="l1_loss", hint=KEEP_DEVICE, needs_gpu=True)
def l1_on_the_cpu(input: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    refuse_bad_arguments(input, target, reduction)
    errors = torch.zeros(input.shape, dtype=input.dtype)
    errors[...] = (input - target).abs()
    return reduce_rightly(errors, reduction)


@misconception(of="mse_loss", hint=EVERY_ELEMENT)
def mse_mean_over_batch(input: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    refuse_bad_arguments(input, target, reduction)
    return reduce_over_batch((input - target) ** 2, reduction)


@misconception(of="mse_loss", hint=OBEY_REDUCTION)
def mse_reduction_ignored(input: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    refuse_bad_arguments(input, target, reduction)
    return ((input - target) ** 2).mean()


@misconception(of="mse_loss", hint=MEAN_BY_DEFAULT)
def mse_sum_by_default(input: Tensor, target: Tensor, reduction: str = "sum") -> Tensor:
    refuse_bad_arguments(input, target, reduction)
    return reduce_rightly((input - target) ** 2, reduction)


@misconception(
    of="mse_loss",
    hint="Leave out the factor one half: the gradient of the mean is 2(x − y) / number of "
    "elements.",
)
def mse_halved(input: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    refuse_bad_arguments(input, target, reduction)
    return reduce_rightly((input - target) ** 2 / 2, reduction)


@misconception(of="mse_loss", hint="Take no root: the loss is the mean of the squares itself.")
def mse_root(input: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    refuse_bad_arguments(input, target, reduction)
    return reduce_rightly((input - target) ** 2, reduction).sqrt()


@misconception(
    of="mse_loss", hint="Square each error before you reduce: after it, errors have cancelled."
)
def mse_squares_after_reduction(input: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    refuse_bad_arguments(input, target, reduction)
    return reduce_rightly(input - target, reduction) ** 2


@misconception(of="mse_loss", hint="Square the errors: their absolute value is the L1 loss.")
def mse_absolute_errors(input: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    refuse_bad_arguments(input, target, reduction)
    return reduce_rightly((input - target).abs(), reduction)


@misconception(of="mse_loss", hint=EQUAL_SHAPES)
def mse_broadcasts(input: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    refuse_bad_reduction(reduction)
    return reduce_rightly((input - target) ** 2, reduction)


@misconception(of="mse_loss", hint=STAY_A_TENSOR)
def mse_python_number(input: Tensor, target: Tensor, reduction: str = "mean") -> Tensor | float:
    refuse_bad_arguments(input, target, reduction)
    loss = reduce_rightly((input - target) ** 2, reduction)
    return loss if reduction == "none" else loss.item()


@misconception(of="mse_loss", hint=STAY_IN_TORCH)
def mse_through_numpy(input: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    refuse_bad_arguments(input, target, reduction)
    difference = input.detach().cpu().numpy() - target.detach().cpu().numpy()
    return reduce_rightly(torch.as_tensor(difference**2, device=input.device), reduction)


@misconception(of="mse_loss", hint=LEAVE_INPUTS)
def mse_changes_input(input: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    refuse_bad_arguments(input, target, reduction)
    with torch.no_grad():
        input -= target
    return reduce_rightly(input**2, reduction)


@misconception(of="mse_loss", hint=KEEP_DTYPE)
def mse_in_float32(input: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    refuse_bad_arguments(input, target, reduction)
    return reduce_rightly((input.float() - target.float()) ** 2, reduction)


@misconception(of="mse_loss", hint=KEEP_DEVICE, needs_gpu=True)
def mse_on_the_cpu(input: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    refuse_bad_arguments(input, target, reduction)
    errors = torch.zeros(input.shape, dtype=input.dtype)
    errors[...] = (input - target) ** 2
    return reduce_rightly(errors, reduction)
