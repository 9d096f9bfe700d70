"""More dimensions, one sample and smoothing are each brought down to the plain case by a call."""

import torch


def nll_of_each(input, target):
    """The unweighted losses of (N, C, d1, …), one slice along the last dimension at a time."""
    if input.dim() == 1:
        return -input[target]
    if input.dim() == 2:
        rows = [nll_of_each(row, y) for row, y in zip(input, target, strict=True)]
        return torch.stack(rows)
    pairs = zip(input.unbind(-1), target.unbind(-1), strict=True)
    return torch.stack([nll_of_each(*pair) for pair in pairs], dim=-1)


def nll_loss(input, target, weight=None, ignore_index=-100, reduction="mean"):
    if weight is None:
        return nll_loss(input, target, input.new_ones(input.shape[1]), ignore_index, reduction)
    ignored = target == ignore_index
    if ignored.any():
        target = target.masked_fill(ignored, 0)
    each = weight[target].masked_fill(ignored, 0)
    losses = nll_of_each(input, target) * each
    if reduction == "none":
        return losses
    if reduction == "sum":
        return losses.sum()
    if reduction == "mean":
        return losses.sum() / each.sum()
    raise ValueError(f"{reduction=}")


def cross_entropy(
    input, target, weight=None, ignore_index=-100, reduction="mean", label_smoothing=0.0
):
    if not 0 <= label_smoothing <= 1:
        raise ValueError(f"{label_smoothing=}")
    if input.dim() == 1:
        more = weight, ignore_index, reduction, label_smoothing
        loss = cross_entropy(input.unsqueeze(0), target.unsqueeze(0), *more)
        return loss.squeeze(0) if reduction == "none" else loss
    log_probabilities = input.log_softmax(1)
    losses = nll_loss(log_probabilities, target, weight, ignore_index, reduction)
    if label_smoothing == 0:
        return losses
    weights = input.new_ones(input.shape[1]) if weight is None else weight
    kept = target != ignore_index
    level = sum(
        kept * w * nll_of_each(log_probabilities, torch.full_like(target, c))
        for c, w in enumerate(weights)
    )
    if reduction != "none":
        level = level.sum()
    if reduction == "mean":
        level = level / (weights[target.masked_fill(~kept, 0)] * kept).sum()
    return (1 - label_smoothing) * losses + label_smoothing / len(weights) * level
