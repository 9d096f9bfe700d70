"""What goes wrong in `cross_entropy` on the way from logits to log-probabilities."""

import math

import torch
from torch import Tensor

from grader.misconceptions import misconception


def refuse_bad_settings(reduction: str, label_smoothing: float) -> None:
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(f"unknown reduction {reduction!r}")
    if not 0 <= label_smoothing <= 1:
        raise ValueError(f"label_smoothing {label_smoothing} is not in [0, 1]")


def class_dimension(logits: Tensor) -> int:
    return 0 if logits.dim() == 1 else 1


def target_weights(target: Tensor, weight: Tensor, ignore_index: int) -> Tensor:
    """The weight of each target's class, in the target's shape; 0 where the target is ignored."""
    return weight[target.clamp(min=0)].masked_fill(target == ignore_index, 0)


def losses_of_targets(log_probabilities: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """−weight · log p of each target, in the target's shape."""
    class_dim = class_dimension(log_probabilities)
    chosen = target.clamp(min=0)
    picked = log_probabilities.gather(class_dim, chosen.unsqueeze(class_dim)).squeeze(class_dim)
    return -picked * weight[chosen]


def losses_of_all_classes(log_probabilities: Tensor, weight: Tensor) -> Tensor:
    """The mean over the classes of −weight · log p, in the target's shape."""
    return -(log_probabilities.movedim(class_dimension(log_probabilities), -1) * weight).mean(-1)


def ones_unless_given(weight: Tensor | None, logits: Tensor) -> Tensor:
    return logits.new_ones(logits.shape[class_dimension(logits)]) if weight is None else weight


def finish_rightly(
    log_probabilities: Tensor,
    target: Tensor,
    weight: Tensor | None,
    ignore_index: int,
    reduction: str,
    label_smoothing: float,
) -> Tensor:
    """The loss of log-probabilities, right in all that follows them."""
    weight = ones_unless_given(weight, log_probabilities)
    losses = losses_of_targets(log_probabilities, target, weight)
    if label_smoothing:
        of_all = losses_of_all_classes(log_probabilities, weight)
        losses = (1 - label_smoothing) * losses + label_smoothing * of_all
    losses = losses.masked_fill(target == ignore_index, 0)
    if reduction == "mean":
        return losses.sum() / target_weights(target, weight, ignore_index).sum()
    return losses.sum() if reduction == "sum" else losses


@misconception(
    of="cross_entropy",
    hint="Subtract the maximum of each row first: the exponential of a large logit overflows.",
)
def ce_naive_exponential(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:
    refuse_bad_settings(reduction, label_smoothing)
    class_dim = class_dimension(input)
    exponentials = input.exp()
    log_probabilities = (exponentials / exponentials.sum(class_dim, keepdim=True)).log()
    return finish_rightly(
        log_probabilities, target, weight, ignore_index, reduction, label_smoothing
    )


@misconception(
    of="cross_entropy",
    hint="Subtract the maximum of each row from that row: one maximum for the whole batch makes "
    "the "
    "other rows underflow.",
)
def ce_one_maximum_for_the_batch(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:
    refuse_bad_settings(reduction, label_smoothing)
    shifted = input - input.max()
    log_probabilities = shifted - shifted.exp().sum(class_dimension(input), keepdim=True).log()
    return finish_rightly(
        log_probabilities, target, weight, ignore_index, reduction, label_smoothing
    )


@misconception(
    of="cross_entropy",
    hint="Use log-sum-exp instead of adding a small constant in the logarithm: the constant caps "
    "the loss.",
)
def ce_log_with_eps(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:
    refuse_bad_settings(reduction, label_smoothing)
    probabilities = input.softmax(class_dimension(input))
    log_probabilities = (probabilities + 1e-12).log()
    return finish_rightly(
        log_probabilities, target, weight, ignore_index, reduction, label_smoothing
    )


@misconception(
    of="cross_entropy",
    hint="Subtract the log-sum-exp from the logits: a probability that underflows to 0 has no "
    "logarithm.",
)
def ce_log_of_softmax(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:
    refuse_bad_settings(reduction, label_smoothing)
    log_probabilities = input.softmax(class_dimension(input)).log()
    return finish_rightly(
        log_probabilities, target, weight, ignore_index, reduction, label_smoothing
    )


@misconception(
    of="cross_entropy",
    hint="Normalise over the classes, not over the batch: the probabilities of each row sum to 1.",
)
def ce_softmax_over_the_batch(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:
    refuse_bad_settings(reduction, label_smoothing)
    log_probabilities = input.log_softmax(0)
    return finish_rightly(
        log_probabilities, target, weight, ignore_index, reduction, label_smoothing
    )


@misconception(
    of="cross_entropy",
    hint="Normalise over dimension 1: with (N, C, d1, …) the classes are not the last dimension.",
)
def ce_softmax_over_the_last_dimension(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:
    refuse_bad_settings(reduction, label_smoothing)
    log_probabilities = input.log_softmax(-1)
    return finish_rightly(
        log_probabilities, target, weight, ignore_index, reduction, label_smoothing
    )


@misconception(
    of="cross_entropy",
    hint="Move the classes to the last dimension before you flatten the rest: a reshape alone "
    "mixes "
    "positions and classes.",
)
def ce_reshaped_without_moving_classes(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:
    refuse_bad_settings(reduction, label_smoothing)
    rows = input.reshape(-1, input.shape[class_dimension(input)])
    log_probabilities = rows.log_softmax(1)
    loss = finish_rightly(
        log_probabilities, target.reshape(-1), weight, ignore_index, reduction, label_smoothing
    )
    return loss.reshape(target.shape) if reduction == "none" else loss


@misconception(
    of="cross_entropy",
    hint="Pass the raw logits: the softmax is part of this loss and must be taken once.",
)
def ce_softmax_twice(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:
    refuse_bad_settings(reduction, label_smoothing)
    class_dim = class_dimension(input)
    log_probabilities = input.softmax(class_dim).log_softmax(class_dim)
    return finish_rightly(
        log_probabilities, target, weight, ignore_index, reduction, label_smoothing
    )


@misconception(
    of="cross_entropy",
    hint="Normalise the logits first: the loss needs the logarithm of the softmax.",
)
def ce_without_softmax(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:
    refuse_bad_settings(reduction, label_smoothing)
    return finish_rightly(input, target, weight, ignore_index, reduction, label_smoothing)


@misconception(of="cross_entropy", hint="Use the natural logarithm, not that of base 10.")
def ce_base_ten(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:
    refuse_bad_settings(reduction, label_smoothing)
    log_probabilities = input.log_softmax(class_dimension(input)) / math.log(10)
    return finish_rightly(
        log_probabilities, target, weight, ignore_index, reduction, label_smoothing
    )


@misconception(
    of="cross_entropy",
    hint="Mind the sign: the loss is minus the log-probability, so it is never negative.",
)
def ce_sign_lost(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:
    refuse_bad_settings(reduction, label_smoothing)
    log_probabilities = -input.log_softmax(class_dimension(input))
    return finish_rightly(
        log_probabilities, target, weight, ignore_index, reduction, label_smoothing
    )


@misconception(
    of="cross_entropy",
    hint="Take the log-probability of the target's class: the class predicted may be another.",
)
def ce_of_the_prediction(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:
    refuse_bad_settings(reduction, label_smoothing)
    log_probabilities = input.log_softmax(class_dimension(input))
    weight = ones_unless_given(weight, input)
    losses = -log_probabilities.amax(class_dimension(input)) * weight[target.clamp(min=0)]
    losses = (1 - label_smoothing) * losses
    losses = losses + label_smoothing * losses_of_all_classes(log_probabilities, weight)
    losses = losses.masked_fill(target == ignore_index, 0)
    if reduction == "mean":
        return losses.sum() / target_weights(target, weight, ignore_index).sum()
    return losses.sum() if reduction == "sum" else losses


@misconception(
    of="cross_entropy",
    hint="Leave the logits as they are: subtract the maximum in a new tensor, not in place.",
)
def ce_changes_input(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:
    refuse_bad_settings(reduction, label_smoothing)
    with torch.no_grad():
        input -= input.amax(class_dimension(input), keepdim=True)
    log_probabilities = input.log_softmax(class_dimension(input))
    return finish_rightly(
        log_probabilities, target, weight, ignore_index, reduction, label_smoothing
    )


@misconception(
    of="cross_entropy",
    hint="Stay in torch from input to result: what is detached or goes through numpy has no "
    "gradient.",
)
def ce_detached(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:
    refuse_bad_settings(reduction, label_smoothing)
    log_probabilities = input.detach().log_softmax(class_dimension(input))
    return finish_rightly(
        log_probabilities, target, weight, ignore_index, reduction, label_smoothing
    )


@misconception(
    of="cross_entropy",
    hint="Return a tensor, not a Python number: the graph must reach the caller.",
)
def ce_python_number(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Tensor | float:
    refuse_bad_settings(reduction, label_smoothing)
    log_probabilities = input.log_softmax(class_dimension(input))
    loss = finish_rightly(
        log_probabilities, target, weight, ignore_index, reduction, label_smoothing
    )
    return loss if reduction == "none" else loss.item()


@misconception(of="cross_entropy", hint="Keep the dtype of the input: float64 in, float64 out.")
def ce_in_float32(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:
    refuse_bad_settings(reduction, label_smoothing)
    log_probabilities = input.float().log_softmax(class_dimension(input))
    weight = None if weight is None else weight.float()
    return finish_rightly(
        log_probabilities, target, weight, ignore_index, reduction, label_smoothing
    )


@misconception(
    of="cross_entropy",
    hint="Make new tensors on the device of the input, not on the CPU.",
    needs_gpu=True,
)
def ce_on_the_cpu(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:
    refuse_bad_settings(reduction, label_smoothing)
    log_probabilities = torch.zeros(input.shape, dtype=input.dtype)
    log_probabilities[...] = input.log_softmax(class_dimension(input))
    weight = None if weight is None else weight.cpu()
    target = target.cpu()
    return finish_rightly(
        log_probabilities, target, weight, ignore_index, reduction, label_smoothing
    )
