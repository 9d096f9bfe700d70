"""What goes wrong in `squared_error`."""

from typing import Any

import torch
from torch import Tensor

from grader.misconceptions import misconception


def refuse_bad_reductions(reduction: str) -> None:
    if reduction not in ("mean", "sum"):
        raise ValueError(f"unknown reduction {reduction!r}")


def refuse_bad_pairs(prediction: Tensor, target: Tensor, reduction: str) -> None:
    refuse_bad_reductions(reduction)
    if prediction.shape != target.shape:
        raise ValueError(f"shapes differ: {tuple(prediction.shape)} and {tuple(target.shape)}")


def reduced(squares: Tensor, reduction: str) -> Tensor:
    return squares.mean() if reduction == "mean" else squares.sum()


@misconception(
    of="squared_error",
    hint="Divide the sum by the number of all elements: the mean is not over the first dimension "
    "alone.",
)
def error_mean_over_the_batch(
    prediction: Tensor, target: Tensor, reduction: str = "mean"
) -> Tensor:
    refuse_bad_pairs(prediction, target, reduction)
    total = ((prediction - target) ** 2).sum()
    return total / len(prediction) if reduction == "mean" else total


@misconception(
    of="squared_error", hint='Obey the reduction: "mean" averages over all elements, "sum" adds up.'
)
def error_reduction_ignored(prediction: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    refuse_bad_pairs(prediction, target, reduction)
    return ((prediction - target) ** 2).mean()


@misconception(of="squared_error", hint="This is the sum. Make the mean the default reduction.")
def error_sum_by_default(prediction: Tensor, target: Tensor, reduction: str = "sum") -> Tensor:
    refuse_bad_pairs(prediction, target, reduction)
    return reduced((prediction - target) ** 2, reduction)


@misconception(
    of="squared_error", hint='Obey the reduction: here "mean" and "sum" have changed places.'
)
def error_reductions_swapped(prediction: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    refuse_bad_pairs(prediction, target, reduction)
    squares = (prediction - target) ** 2
    return squares.sum() if reduction == "mean" else squares.mean()


@misconception(
    of="squared_error", hint="Leave out the factor one half: this is the plain squared error."
)
def error_halved(prediction: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    refuse_bad_pairs(prediction, target, reduction)
    return reduced((prediction - target) ** 2 / 2, reduction)


@misconception(of="squared_error", hint="Square the errors: this is their absolute value.")
def error_absolute(prediction: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    refuse_bad_pairs(prediction, target, reduction)
    return reduced((prediction - target).abs(), reduction)


@misconception(
    of="squared_error",
    hint="Square each error before you reduce: errors of different sign must not cancel.",
)
def error_not_squared(prediction: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    refuse_bad_pairs(prediction, target, reduction)
    return reduced(prediction - target, reduction)


@misconception(
    of="squared_error",
    hint="Square each error before you reduce: errors of different sign must not cancel.",
)
def error_squared_at_the_end(prediction: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    refuse_bad_pairs(prediction, target, reduction)
    return reduced(prediction - target, reduction) ** 2


@misconception(
    of="squared_error", hint="Leave out the square root: the squared error is what is asked."
)
def error_with_a_root(prediction: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    refuse_bad_pairs(prediction, target, reduction)
    return reduced((prediction - target) ** 2, reduction).sqrt()


@misconception(
    of="squared_error",
    hint="Square the difference of the two, not each of them: (p − t)² is not p² − t².",
)
def error_difference_of_squares(
    prediction: Tensor, target: Tensor, reduction: str = "mean"
) -> Tensor:
    refuse_bad_pairs(prediction, target, reduction)
    return reduced(prediction**2 - target**2, reduction)


@misconception(
    of="squared_error",
    hint="Raise ValueError where the shapes differ: an (N, 1) against an (N,) would be broadcast "
    "to (N, N). Print both shapes.",
)
def error_broadcasts(prediction: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    refuse_bad_reductions(reduction)
    return reduced((prediction - target) ** 2, reduction)


@misconception(
    of="squared_error",
    hint="Compare the whole shapes: two tensors with as many rows, or as many elements, can still "
    "be of different shape.",
)
def error_compares_rows(prediction: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    refuse_bad_reductions(reduction)
    if prediction.shape[:1] != target.shape[:1]:
        raise ValueError("shapes differ")
    return reduced((prediction - target) ** 2, reduction)


@misconception(
    of="squared_error",
    hint="Compare the whole shapes: two tensors with as many rows, or as many elements, can still "
    "be of different shape.",
)
def error_compares_numbers(prediction: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    refuse_bad_reductions(reduction)
    if prediction.numel() != target.numel():
        raise ValueError("shapes differ")
    return reduced((prediction.flatten() - target.flatten()) ** 2, reduction)


@misconception(
    of="squared_error",
    hint='Raise ValueError for every reduction but "mean" and "sum": a misspelt one should not go '
    "unnoticed.",
)
def error_takes_any_reduction(
    prediction: Tensor, target: Tensor, reduction: str = "mean"
) -> Tensor:
    refuse_bad_pairs(prediction, target, "mean")
    return reduced((prediction - target) ** 2, reduction)


@misconception(
    of="squared_error",
    hint='Raise ValueError for "none" too: here the result is always one number.',
)
def error_knows_none(prediction: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    refuse_bad_pairs(prediction, target, "mean" if reduction == "none" else reduction)
    squares = (prediction - target) ** 2
    return squares if reduction == "none" else reduced(squares, reduction)


@misconception(
    of="squared_error",
    hint="Return a tensor, not a Python number: backward needs the graph behind it.",
)
def error_python_number(prediction: Tensor, target: Tensor, reduction: str = "mean") -> Any:
    refuse_bad_pairs(prediction, target, reduction)
    return reduced((prediction - target) ** 2, reduction).item()


@misconception(
    of="squared_error",
    hint="Stay in torch from input to result: what is detached, or made anew from a number, has no "
    "gradient.",
)
def error_detached(prediction: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    refuse_bad_pairs(prediction, target, reduction)
    return reduced((prediction - target) ** 2, reduction).detach()


@misconception(
    of="squared_error",
    hint="Leave the prediction as it is: subtract without the in-place operators.",
)
def error_changes_the_prediction(
    prediction: Tensor, target: Tensor, reduction: str = "mean"
) -> Tensor:
    refuse_bad_pairs(prediction, target, reduction)
    loss = reduced((prediction - target) ** 2, reduction)
    with torch.no_grad():
        prediction -= target
    return loss


@misconception(of="squared_error", hint="Keep the dtype of the inputs: float64 in, float64 out.")
def error_in_float32(prediction: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    refuse_bad_pairs(prediction, target, reduction)
    return reduced((prediction.float() - target.float()) ** 2, reduction)
