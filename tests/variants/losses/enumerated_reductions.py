"""An Enum of the reductions, whose look-up raises the ValueError; selection by masks."""

import enum

import torch


class Reduce(enum.Enum):
    NONE = "none"
    SUM = "sum"
    MEAN = "mean"

    def apply(self, losses, weights=None):
        if self is Reduce.NONE:
            return losses
        if self is Reduce.SUM:
            return losses.sum()
        return losses.mean() if weights is None else losses.sum() / weights.sum()


def l1_loss(input, target, reduction="mean"):
    how = Reduce(reduction)
    if input.shape != target.shape:
        raise ValueError("shapes")
    return how.apply(torch.complex(input - target, torch.zeros_like(input)).abs())


def binary_cross_entropy(input, target, weight=None, reduction="mean"):
    how = Reduce(reduction)
    if input.shape != target.shape:
        raise ValueError("shapes")
    log_odds = [torch.log(p).clamp(min=-100) for p in (1 - input, input)]
    return how.apply(-torch.lerp(*log_odds, target) * (1 if weight is None else weight))


def nll_loss(input, target, weight=None, ignore_index=-100, reduction="mean"):
    how = Reduce(reduction)
    classes = range(input.shape[1])
    weights = [1.0 for _ in classes] if weight is None else weight
    losses = each = torch.zeros_like(input[:, 0])
    for number, scores in zip(classes, input.unbind(1), strict=True):
        if number != ignore_index:
            here = target == number
            each = each + here * weights[number]
            losses = losses - here * weights[number] * scores
    return how.apply(losses, each)
