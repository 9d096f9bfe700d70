"""What goes wrong in `binary_cross_entropy`."""

import torch
from torch import Tensor

from grader.misconceptions import misconception


def refuse_bad_probabilities(input: Tensor, target: Tensor, reduction: str) -> None:
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(f"unknown reduction {reduction!r}")
    if input.shape != target.shape:
        raise ValueError(f"shapes differ: {tuple(input.shape)} and {tuple(target.shape)}")


def clamped_log(probabilities: Tensor) -> Tensor:
    return probabilities.log().clamp(min=-100)


def binary_losses(input: Tensor, target: Tensor) -> Tensor:
    return -(target * clamped_log(input) + (1 - target) * clamped_log(1 - input))


def weigh_and_reduce(losses: Tensor, weight: Tensor | None, reduction: str) -> Tensor:
    if weight is not None:
        losses = losses * weight
    if reduction == "mean":
        return losses.mean()
    return losses.sum() if reduction == "sum" else losses


@misconception(
    of="binary_cross_entropy",
    hint="Divide the sum by the number of all elements: the mean is not over the batch alone.",
)
def bce_mean_over_batch(
    input: Tensor, target: Tensor, weight: Tensor | None = None, reduction: str = "mean"
) -> Tensor:
    refuse_bad_probabilities(input, target, reduction)
    losses = binary_losses(input, target)
    if reduction == "mean":
        batch = losses.shape[0] if losses.dim() else 1
        return weigh_and_reduce(losses, weight, "sum") / batch
    return weigh_and_reduce(losses, weight, reduction)


@misconception(
    of="binary_cross_entropy",
    hint='Obey the reduction: "none" keeps the shape, "sum" adds up, "mean" averages.',
)
def bce_reduction_ignored(
    input: Tensor, target: Tensor, weight: Tensor | None = None, reduction: str = "mean"
) -> Tensor:
    refuse_bad_probabilities(input, target, reduction)
    return weigh_and_reduce(binary_losses(input, target), weight, "mean")


@misconception(
    of="binary_cross_entropy", hint="This is the sum. Make the mean the default reduction."
)
def bce_sum_by_default(
    input: Tensor, target: Tensor, weight: Tensor | None = None, reduction: str = "sum"
) -> Tensor:
    refuse_bad_probabilities(input, target, reduction)
    return weigh_and_reduce(binary_losses(input, target), weight, reduction)


@misconception(
    of="binary_cross_entropy",
    hint="Raise ValueError where the shapes of input and target differ: torch would broadcast "
    "them. "
    "Print both shapes.",
)
def bce_broadcasts(
    input: Tensor, target: Tensor, weight: Tensor | None = None, reduction: str = "mean"
) -> Tensor:
    refuse_bad_probabilities(input, input, reduction)
    return weigh_and_reduce(binary_losses(input, target), weight, reduction)


@misconception(
    of="binary_cross_entropy",
    hint="Return a tensor, not a Python number: the graph must reach the caller.",
)
def bce_python_number(
    input: Tensor, target: Tensor, weight: Tensor | None = None, reduction: str = "mean"
) -> Tensor | float:
    refuse_bad_probabilities(input, target, reduction)
    loss = weigh_and_reduce(binary_losses(input, target), weight, reduction)
    return loss if reduction == "none" else loss.item()


@misconception(
    of="binary_cross_entropy",
    hint="Stay in torch from input to result: what is detached or goes through numpy has no "
    "gradient.",
)
def bce_detached(
    input: Tensor, target: Tensor, weight: Tensor | None = None, reduction: str = "mean"
) -> Tensor:
    refuse_bad_probabilities(input, target, reduction)
    return weigh_and_reduce(binary_losses(input.detach(), target), weight, reduction)


@misconception(
    of="binary_cross_entropy",
    hint="Clamp each logarithm at −100, as torch does: the losses of probabilities 0 and 1 stay "
    "finite.",
)
def bce_not_clamped(
    input: Tensor, target: Tensor, weight: Tensor | None = None, reduction: str = "mean"
) -> Tensor:
    refuse_bad_probabilities(input, target, reduction)
    losses = -(target * input.log() + (1 - target) * (1 - input).log())
    return weigh_and_reduce(losses, weight, reduction)


@misconception(
    of="binary_cross_entropy",
    hint="Clamp each logarithm at −100 and add nothing to the probability: a small constant in the "
    "logarithm caps the loss elsewhere.",
)
def bce_log_with_eps(
    input: Tensor, target: Tensor, weight: Tensor | None = None, reduction: str = "mean"
) -> Tensor:
    refuse_bad_probabilities(input, target, reduction)
    eps = 1e-12
    losses = -(target * (input + eps).log() + (1 - target) * (1 - input + eps).log())
    return weigh_and_reduce(losses, weight, reduction)


@misconception(
    of="binary_cross_entropy",
    hint="Count both classes: where the target is 0, the logarithm of 1 − p is the loss.",
)
def bce_target_term_only(
    input: Tensor, target: Tensor, weight: Tensor | None = None, reduction: str = "mean"
) -> Tensor:
    refuse_bad_probabilities(input, target, reduction)
    return weigh_and_reduce(-target * clamped_log(input), weight, reduction)


@misconception(
    of="binary_cross_entropy",
    hint="Multiply both terms by the target as it is: targets may lie between 0 and 1.",
)
def bce_rounds_the_target(
    input: Tensor, target: Tensor, weight: Tensor | None = None, reduction: str = "mean"
) -> Tensor:
    refuse_bad_probabilities(input, target, reduction)
    losses = -torch.where(target > 0.5, clamped_log(input), clamped_log(1 - input))
    return weigh_and_reduce(losses, weight, reduction)


@misconception(
    of="binary_cross_entropy", hint="Multiply each element's loss by its weight first, then reduce."
)
def bce_weight_after_reduction(
    input: Tensor, target: Tensor, weight: Tensor | None = None, reduction: str = "mean"
) -> Tensor:
    refuse_bad_probabilities(input, target, reduction)
    loss = weigh_and_reduce(binary_losses(input, target), None, reduction)
    if weight is None:
        return loss
    return loss * weight if reduction == "none" else (loss * weight).mean()


@misconception(
    of="binary_cross_entropy",
    hint="Divide by the number of elements, weighted or not: only the class losses divide by "
    "weights.",
)
def bce_divided_by_weights(
    input: Tensor, target: Tensor, weight: Tensor | None = None, reduction: str = "mean"
) -> Tensor:
    refuse_bad_probabilities(input, target, reduction)
    losses = binary_losses(input, target)
    if weight is not None and reduction == "mean":
        return (losses * weight).sum() / weight.expand_as(losses).sum()
    return weigh_and_reduce(losses, weight, reduction)


@misconception(of="binary_cross_entropy", hint="Use the weight: it multiplies each element's loss.")
def bce_weight_ignored(
    input: Tensor, target: Tensor, weight: Tensor | None = None, reduction: str = "mean"
) -> Tensor:
    refuse_bad_probabilities(input, target, reduction)
    return weigh_and_reduce(binary_losses(input, target), None, reduction)


@misconception(
    of="binary_cross_entropy",
    hint="Take the input as it is: it holds probabilities already, so no sigmoid is needed.",
)
def bce_sigmoid_first(
    input: Tensor, target: Tensor, weight: Tensor | None = None, reduction: str = "mean"
) -> Tensor:
    refuse_bad_probabilities(input, target, reduction)
    return weigh_and_reduce(binary_losses(input.sigmoid(), target), weight, reduction)


@misconception(of="binary_cross_entropy", hint="Use the natural logarithm, not that of base 2.")
def bce_base_two(
    input: Tensor, target: Tensor, weight: Tensor | None = None, reduction: str = "mean"
) -> Tensor:
    refuse_bad_probabilities(input, target, reduction)
    log_yes, log_no = input.log2().clamp(min=-100), (1 - input).log2().clamp(min=-100)
    losses = -(target * log_yes + (1 - target) * log_no)
    return weigh_and_reduce(losses, weight, reduction)


@misconception(
    of="binary_cross_entropy",
    hint="Mind the sign: the loss is minus the logarithm, so it is never negative.",
)
def bce_sign_lost(
    input: Tensor, target: Tensor, weight: Tensor | None = None, reduction: str = "mean"
) -> Tensor:
    refuse_bad_probabilities(input, target, reduction)
    return weigh_and_reduce(-binary_losses(input, target), weight, reduction)


@misconception(
    of="binary_cross_entropy", hint="Keep the dtype of the input: float64 in, float64 out."
)
def bce_in_float32(
    input: Tensor, target: Tensor, weight: Tensor | None = None, reduction: str = "mean"
) -> Tensor:
    refuse_bad_probabilities(input, target, reduction)
    weight = None if weight is None else weight.float()
    return weigh_and_reduce(binary_losses(input.float(), target.float()), weight, reduction)
