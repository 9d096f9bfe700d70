"""What goes wrong in `nll_loss`: choosing, masking, weighing and averaging log-probabilities."""

import torch
from torch import Tensor

from grader.misconceptions import misconception


def refuse_unknown_reduction(reduction: str) -> None:
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(f"unknown reduction {reduction!r}")


def minus_log_probability(input: Tensor, target: Tensor) -> Tensor:
    """−log p of each target, in the target's shape; arbitrary where the target is negative."""
    class_dim = 0 if input.dim() == 1 else 1
    chosen = target.clamp(min=0).unsqueeze(class_dim)
    return -input.gather(class_dim, chosen).squeeze(class_dim)


def weight_of_each(
    input: Tensor, target: Tensor, weight: Tensor | None, ignore_index: int
) -> Tensor:
    """The weight of each target's class, in the target's shape; 0 where the target is ignored."""
    if weight is None:
        each = torch.ones_like(target, dtype=input.dtype)
    else:
        each = weight[target.clamp(min=0)]
    return each.masked_fill(target == ignore_index, 0)


def weighted_reduction(losses: Tensor, weights: Tensor, reduction: str) -> Tensor:
    total = torch.where(weights == 0, 0, losses * weights)
    if reduction == "mean":
        return total.sum() / weights.sum()
    return total.sum() if reduction == "sum" else total


@misconception(
    of="nll_loss",
    hint="Divide by every target that counts: with (N, C, d1, …) each position has one, not each "
    "image.",
)
def nll_mean_over_batch(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
) -> Tensor:
    refuse_unknown_reduction(reduction)
    weights = weight_of_each(input, target, weight, ignore_index)
    loss = weighted_reduction(minus_log_probability(input, target), weights, reduction)
    positions = target[0].numel() if target.dim() else 1
    return loss * positions if reduction == "mean" else loss


@misconception(
    of="nll_loss",
    hint='Obey the reduction: "none" keeps the shape of the target, "sum" adds up, "mean" '
    "averages.",
)
def nll_reduction_ignored(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
) -> Tensor:
    refuse_unknown_reduction(reduction)
    weights = weight_of_each(input, target, weight, ignore_index)
    return weighted_reduction(minus_log_probability(input, target), weights, "mean")


@misconception(of="nll_loss", hint="This is the sum. Make the mean the default reduction.")
def nll_sum_by_default(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    ignore_index: int = -100,
    reduction: str = "sum",
) -> Tensor:
    refuse_unknown_reduction(reduction)
    weights = weight_of_each(input, target, weight, ignore_index)
    return weighted_reduction(minus_log_probability(input, target), weights, reduction)


@misconception(
    of="nll_loss", hint="Return a tensor, not a Python number: the graph must reach the caller."
)
def nll_python_number(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
) -> Tensor | float:
    refuse_unknown_reduction(reduction)
    weights = weight_of_each(input, target, weight, ignore_index)
    loss = weighted_reduction(minus_log_probability(input, target), weights, reduction)
    return loss if reduction == "none" else loss.item()


@misconception(
    of="nll_loss",
    hint="Stay in torch from input to result: what is detached or goes through numpy has no "
    "gradient.",
)
def nll_detached(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
) -> Tensor:
    refuse_unknown_reduction(reduction)
    weights = weight_of_each(input, target, weight, ignore_index)
    return weighted_reduction(minus_log_probability(input.detach(), target), weights, reduction)


@misconception(
    of="nll_loss",
    hint="Leave the target as it is: replace the ignored classes in a copy, not in place.",
)
def nll_changes_target(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
) -> Tensor:
    refuse_unknown_reduction(reduction)
    weights = weight_of_each(input, target, weight, ignore_index)
    target[target == ignore_index] = 0
    return weighted_reduction(minus_log_probability(input, target), weights, reduction)


@misconception(
    of="nll_loss", hint="Take the classes from dimension 1, also where more dimensions follow."
)
def nll_classes_in_the_last_dimension(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
) -> Tensor:
    refuse_unknown_reduction(reduction)
    classes = input.shape[1 if input.dim() > 1 else 0]
    losses = minus_log_probability(input.reshape(-1, classes), target.reshape(-1))
    weights = weight_of_each(input, target, weight, ignore_index)
    return weighted_reduction(losses.reshape(target.shape), weights, reduction)


@misconception(
    of="nll_loss",
    hint="Take the log-probability of the target's class: the class predicted may be another.",
)
def nll_of_the_prediction(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
) -> Tensor:
    refuse_unknown_reduction(reduction)
    weights = weight_of_each(input, target, weight, ignore_index)
    losses = -input.amax(1 if input.dim() > 1 else 0)
    return weighted_reduction(losses, weights, reduction)


@misconception(
    of="nll_loss",
    hint="Divide by the number of targets: the number of classes has no part in the mean.",
)
def nll_divided_by_classes(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
) -> Tensor:
    refuse_unknown_reduction(reduction)
    weights = weight_of_each(input, target, weight, ignore_index)
    loss = weighted_reduction(minus_log_probability(input, target), weights, reduction)
    classes = input.shape[1 if input.dim() > 1 else 0]
    return loss / classes if reduction == "mean" else loss


@misconception(
    of="nll_loss",
    hint="Divide by the targets that count: an ignored one is in neither the sum nor the divisor.",
)
def nll_divided_by_ignored_too(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
) -> Tensor:
    refuse_unknown_reduction(reduction)
    weights = weight_of_each(input, target, weight, ignore_index)
    losses = minus_log_probability(input, target)
    if reduction == "mean":
        kept_or_not = weight_of_each(input, target.clamp(min=0), weight, -1)
        return weighted_reduction(losses, weights, "sum") / kept_or_not.sum()
    return weighted_reduction(losses, weights, reduction)


@misconception(
    of="nll_loss",
    hint="Let the mean over no target be NaN, as torch has it: 0 divided by 0.",
)
def nll_zero_where_all_ignored(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
) -> Tensor:
    refuse_unknown_reduction(reduction)
    weights = weight_of_each(input, target, weight, ignore_index)
    losses = minus_log_probability(input, target)
    all_ignored = bool((target == ignore_index).all())
    return weighted_reduction(
        losses, weights, "sum" if all_ignored and reduction == "mean" else reduction
    )


@misconception(
    of="nll_loss",
    hint="Replace an ignored target by some class before you look it up: −100 is no position. "
    "Then mask its loss.",
)
def nll_looks_up_ignored(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
) -> Tensor:
    refuse_unknown_reduction(reduction)
    if input.dim() == 1:
        rows = [input]
    else:
        rows = list(input.movedim(1, -1).reshape(-1, input.shape[1]))
    chosen = [row[label] for row, label in zip(rows, target.reshape(-1).tolist(), strict=True)]
    weights = weight_of_each(input, target, weight, ignore_index)
    return weighted_reduction(-torch.stack(chosen).reshape(target.shape), weights, reduction)


@misconception(
    of="nll_loss",
    hint="Mask the ignored targets after the look-up: they count as class 0 now.",
)
def nll_counts_ignored_as_class_zero(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
) -> Tensor:
    refuse_unknown_reduction(reduction)
    target = target.masked_fill(target == ignore_index, 0)
    weights = weight_of_each(input, target, weight, -1)
    return weighted_reduction(minus_log_probability(input, target), weights, reduction)


@misconception(
    of="nll_loss",
    hint="Divide by the summed weight of the targets that count, not by their number.",
)
def nll_weighted_mean_by_number(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
) -> Tensor:
    refuse_unknown_reduction(reduction)
    weights = weight_of_each(input, target, weight, ignore_index)
    losses = minus_log_probability(input, target)
    if reduction == "mean":
        kept = (target != ignore_index).sum()
        return weighted_reduction(losses, weights, "sum") / kept
    return weighted_reduction(losses, weights, reduction)


@misconception(
    of="nll_loss", hint="Use the weight: the loss of each target is weighted by its class."
)
def nll_weight_ignored(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
) -> Tensor:
    refuse_unknown_reduction(reduction)
    weights = weight_of_each(input, target, None, ignore_index)
    return weighted_reduction(minus_log_probability(input, target), weights, reduction)


@misconception(
    of="nll_loss", hint="Mind the sign: the loss is minus the log-probability of the target."
)
def nll_sign_lost(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
) -> Tensor:
    refuse_unknown_reduction(reduction)
    weights = weight_of_each(input, target, weight, ignore_index)
    return weighted_reduction(-minus_log_probability(input, target), weights, reduction)


@misconception(of="nll_loss", hint="Take no logarithm: the input holds log-probabilities already.")
def nll_takes_the_log_again(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
) -> Tensor:
    refuse_unknown_reduction(reduction)
    weights = weight_of_each(input, target, weight, ignore_index)
    return weighted_reduction(minus_log_probability(input.log(), target), weights, reduction)


@misconception(
    of="nll_loss",
    hint="Use the input as it is: a softmax belongs to cross_entropy, and changes the gradient "
    "here.",
)
def nll_normalises_again(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
) -> Tensor:
    refuse_unknown_reduction(reduction)
    weights = weight_of_each(input, target, weight, ignore_index)
    log_probabilities = input.log_softmax(1 if input.dim() > 1 else 0)
    return weighted_reduction(minus_log_probability(log_probabilities, target), weights, reduction)


@misconception(of="nll_loss", hint="Keep the dtype of the input: float64 in, float64 out.")
def nll_in_float32(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
) -> Tensor:
    refuse_unknown_reduction(reduction)
    input = input.float()
    weight = None if weight is None else weight.float()
    weights = weight_of_each(input, target, weight, ignore_index)
    return weighted_reduction(minus_log_probability(input, target), weights, reduction)


@misconception(
    of="nll_loss",
    hint="Make new tensors on the device of the input, not on the CPU.",
    needs_gpu=True,
)
def nll_on_the_cpu(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
) -> Tensor:
    refuse_unknown_reduction(reduction)
    weights = torch.zeros(target.shape, dtype=input.dtype)
    weights[...] = weight_of_each(input, target, weight, ignore_index)
    losses = torch.zeros(target.shape, dtype=input.dtype)
    losses[...] = minus_log_probability(input, target)
    return weighted_reduction(losses, weights, reduction)
