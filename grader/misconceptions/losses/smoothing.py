"""What goes wrong in `cross_entropy` after the log-probabilities: weights, masks, the mean."""

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


def mixed_losses(
    log_probabilities: Tensor, target: Tensor, weight: Tensor, label_smoothing: float
) -> Tensor:
    """The smoothed and weighted loss of each target, not yet masked."""
    losses = losses_of_targets(log_probabilities, target, weight)
    if not label_smoothing:
        return losses
    of_all = losses_of_all_classes(log_probabilities, weight)
    return (1 - label_smoothing) * losses + label_smoothing * of_all


def mask_and_reduce(
    losses: Tensor, target: Tensor, weight: Tensor, ignore_index: int, reduction: str
) -> Tensor:
    losses = losses.masked_fill(target == ignore_index, 0)
    if reduction == "mean":
        return losses.sum() / target_weights(target, weight, ignore_index).sum()
    return losses.sum() if reduction == "sum" else losses


@misconception(
    of="cross_entropy",
    hint="Divide by every target that counts: with (N, C, d1, …) each position has one, not each "
    "image.",
)
def ce_mean_over_batch(
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
    losses = mixed_losses(log_probabilities, target, weight, label_smoothing)
    loss = mask_and_reduce(losses, target, weight, ignore_index, reduction)
    positions = target[0].numel() if target.dim() else 1
    return loss * positions if reduction == "mean" else loss


@misconception(
    of="cross_entropy",
    hint='Obey the reduction: "none" keeps the shape of the target, "sum" adds up, "mean" '
    "averages.",
)
def ce_reduction_ignored(
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
    losses = mixed_losses(log_probabilities, target, weight, label_smoothing)
    return mask_and_reduce(losses, target, weight, ignore_index, "mean")


@misconception(of="cross_entropy", hint="This is the sum. Make the mean the default reduction.")
def ce_sum_by_default(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    ignore_index: int = -100,
    reduction: str = "sum",
    label_smoothing: float = 0.0,
) -> Tensor:
    refuse_bad_settings(reduction, label_smoothing)
    log_probabilities = input.log_softmax(class_dimension(input))
    weight = ones_unless_given(weight, input)
    losses = mixed_losses(log_probabilities, target, weight, label_smoothing)
    return mask_and_reduce(losses, target, weight, ignore_index, reduction)


@misconception(
    of="cross_entropy",
    hint="Divide by the number of targets: the number of classes has no part in the mean.",
)
def ce_divided_by_classes(
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
    losses = mixed_losses(log_probabilities, target, weight, label_smoothing)
    loss = mask_and_reduce(losses, target, weight, ignore_index, reduction)
    return loss / weight.numel() if reduction == "mean" else loss


@misconception(
    of="cross_entropy",
    hint="Divide by the targets that count: an ignored one is in neither the sum nor the divisor.",
)
def ce_divided_by_ignored_too(
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
    losses = mixed_losses(log_probabilities, target, weight, label_smoothing)
    if reduction == "mean":
        total = mask_and_reduce(losses, target, weight, ignore_index, "sum")
        return total / weight[target.clamp(min=0)].sum()
    return mask_and_reduce(losses, target, weight, ignore_index, reduction)


@misconception(
    of="cross_entropy", hint="Let the mean over no target be NaN, as torch has it: 0 divided by 0."
)
def ce_zero_where_all_ignored(
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
    losses = mixed_losses(log_probabilities, target, weight, label_smoothing)
    if reduction == "mean" and bool((target == ignore_index).all()):
        reduction = "sum"
    return mask_and_reduce(losses, target, weight, ignore_index, reduction)


@misconception(
    of="cross_entropy",
    hint="Replace an ignored target by some class before you look it up: −100 is no position. "
    "Then mask its loss.",
)
def ce_looks_up_ignored(
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
    rows = log_probabilities.movedim(class_dimension(input), -1).reshape(-1, weight.numel())
    labels = target.reshape(-1).tolist()
    chosen = [row[label] * weight[label] for row, label in zip(rows, labels, strict=True)]
    losses = -(1 - label_smoothing) * torch.stack(chosen).reshape(target.shape)
    losses = losses + label_smoothing * losses_of_all_classes(log_probabilities, weight)
    return mask_and_reduce(losses, target, weight, ignore_index, reduction)


@misconception(
    of="cross_entropy",
    hint="Mask the ignored targets after the look-up: they count as class 0 now.",
)
def ce_counts_ignored_as_class_zero(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:
    refuse_bad_settings(reduction, label_smoothing)
    target = target.masked_fill(target == ignore_index, 0)
    log_probabilities = input.log_softmax(class_dimension(input))
    weight = ones_unless_given(weight, input)
    losses = mixed_losses(log_probabilities, target, weight, label_smoothing)
    return mask_and_reduce(losses, target, weight, -1, reduction)


@misconception(
    of="cross_entropy",
    hint="Divide by the summed weight of the targets that count, not by their number.",
)
def ce_weighted_mean_by_number(
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
    losses = mixed_losses(log_probabilities, target, weight, label_smoothing)
    if reduction == "mean":
        total = mask_and_reduce(losses, target, weight, ignore_index, "sum")
        return total / (target != ignore_index).sum()
    return mask_and_reduce(losses, target, weight, ignore_index, reduction)


@misconception(
    of="cross_entropy", hint="Use the weight: the loss of each target is weighted by its class."
)
def ce_weight_ignored(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:
    refuse_bad_settings(reduction, label_smoothing)
    log_probabilities = input.log_softmax(class_dimension(input))
    weight = ones_unless_given(None, input)
    losses = mixed_losses(log_probabilities, target, weight, label_smoothing)
    return mask_and_reduce(losses, target, weight, ignore_index, reduction)


@misconception(
    of="cross_entropy",
    hint="Use label_smoothing: it moves that share of each target evenly to all the classes.",
)
def ce_smoothing_ignored(
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
    losses = mixed_losses(log_probabilities, target, weight, 0.0)
    return mask_and_reduce(losses, target, weight, ignore_index, reduction)


@misconception(
    of="cross_entropy",
    hint="Spread the smoothing over all the classes, the target's own included: each gets ε/C.",
)
def ce_smoothing_spares_the_target(
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
    others = weight.numel() - 1
    of_targets = losses_of_targets(log_probabilities, target, weight)
    of_others = losses_of_all_classes(log_probabilities, weight) * weight.numel() - of_targets
    losses = (1 - label_smoothing) * of_targets + label_smoothing * of_others / max(others, 1)
    return mask_and_reduce(losses, target, weight, ignore_index, reduction)


@misconception(
    of="cross_entropy",
    hint="Take from the target's share what the smoothing spreads: its own term counts 1 − ε.",
)
def ce_smoothing_added_on_top(
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
    losses = losses_of_targets(log_probabilities, target, weight)
    losses = losses + label_smoothing * losses_of_all_classes(log_probabilities, weight)
    return mask_and_reduce(losses, target, weight, ignore_index, reduction)


@misconception(
    of="cross_entropy",
    hint="Weigh the smoothing term too: each class counts with its weight there.",
)
def ce_smoothing_drops_the_weight(
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
    unweighted = ones_unless_given(None, input)
    losses = (1 - label_smoothing) * losses_of_targets(log_probabilities, target, weight)
    losses = losses + label_smoothing * losses_of_all_classes(log_probabilities, unweighted)
    return mask_and_reduce(losses, target, weight, ignore_index, reduction)


@misconception(
    of="cross_entropy",
    hint="Mask the smoothing term too: an ignored target adds nothing to the sum.",
)
def ce_smoothing_drops_the_mask(
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
    losses = losses_of_targets(log_probabilities, target, weight)
    losses = losses.masked_fill(target == ignore_index, 0)
    if label_smoothing:
        of_all = losses_of_all_classes(log_probabilities, weight)
        losses = (1 - label_smoothing) * losses + label_smoothing * of_all
    if reduction == "mean":
        return losses.sum() / target_weights(target, weight, ignore_index).sum()
    return losses.sum() if reduction == "sum" else losses
