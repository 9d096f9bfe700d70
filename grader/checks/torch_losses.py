"""Torch itself as a submission: it only checks its arguments."""

import torch
import torch.nn.functional as F

REDUCTIONS = ("mean", "sum", "none")


def check(reduction, *same):
    if reduction not in REDUCTIONS:
        raise ValueError(reduction)
    if len({tensor.shape for tensor in same}) > 1:
        raise ValueError("shapes differ")


def l1_loss(input, target, reduction="mean"):
    check(reduction, input, target)
    return F.l1_loss(input, target, reduction=reduction)


def mse_loss(input, target, reduction="mean"):
    check(reduction, input, target)
    return torch.nn.MSELoss(reduction=reduction)(input, target)


def binary_cross_entropy(input, target, weight=None, reduction="mean"):
    check(reduction, input, target)
    return F.binary_cross_entropy(input, target, weight, reduction=reduction)


def nll_loss(input, target, weight=None, ignore_index=-100, reduction="mean"):
    check(reduction)
    return torch.nn.NLLLoss(weight, ignore_index=ignore_index, reduction=reduction)(input, target)


def cross_entropy(
    input, target, weight=None, ignore_index=-100, reduction="mean", label_smoothing=0.0
):
    check(reduction)
    if not 0 <= label_smoothing <= 1:
        raise ValueError(label_smoothing)
    return F.cross_entropy(
        input,
        target,
        weight,
        ignore_index=ignore_index,
        reduction=reduction,
        label_smoothing=label_smoothing,
    )
