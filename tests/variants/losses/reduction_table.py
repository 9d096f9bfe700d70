"""A dictionary of reductions; a KeyError turned into a ValueError; logarithms from xlogy."""

import torch

REDUCTIONS_BY_NAME = {
    "mean": lambda losses, divisor: losses.sum() / divisor,
    "sum": lambda losses, divisor: losses.sum(),
    "none": lambda losses, divisor: losses,
}


def reduction_called(name):
    try:
        return REDUCTIONS_BY_NAME[name]
    except KeyError:
        raise ValueError(f"{name!r} is none of {', '.join(REDUCTIONS_BY_NAME)}") from None


def l1_loss(input, target, reduction="mean"):
    reduce = reduction_called(reduction)
    if input.size() != target.size():
        raise ValueError
    return reduce(torch.maximum(input, target) - torch.minimum(input, target), input.numel())


def mse_loss(input, target, reduction="mean"):
    reduce = reduction_called(reduction)
    if input.size() != target.size():
        raise ValueError
    return reduce(torch.pow(torch.sub(input, target), 2), input.numel())


def binary_cross_entropy(input, target, weight=None, reduction="mean"):
    reduce = reduction_called(reduction)
    if input.size() != target.size():
        raise ValueError
    outcomes = torch.stack([input, 1 - input]).log().clamp(-100, 0)
    losses = -(torch.stack([target, 1 - target]) * outcomes).sum(0)
    return reduce(losses * (1.0 if weight is None else weight), input.numel())


def nll_loss(input, target, weight=None, ignore_index=-100, reduction="mean"):
    reduce = reduction_called(reduction)
    table = input.new_ones(input.shape[1]) if weight is None else weight
    ignored = target == ignore_index
    classes = target.clone()
    classes[ignored] = 0
    weights = table.index_select(0, classes.flatten()).reshape(target.shape)
    weights = weights.masked_fill(ignored, 0.0)
    picked = input.take_along_dim(classes.unsqueeze(1), dim=1).squeeze(1)
    return reduce(weights * picked.neg(), weights.sum())
