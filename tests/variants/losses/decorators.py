"""The checks of the arguments and the reduction as decorators around the bare formula."""

import functools
import inspect

import torch


def of_equal_shapes(function):
    @functools.wraps(function)
    def wrapper(input, target, *args, **kwargs):
        if input.shape != target.shape:
            raise ValueError(f"{function.__name__} needs equal shapes")
        return function(input, target, *args, **kwargs)

    return wrapper


def reducing(function):
    """The function returns losses, or losses and weights; the last parameter is `reduction`."""
    signature = inspect.signature(function)

    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        reduction = bound.arguments["reduction"]
        if reduction not in ("mean", "sum", "none"):
            raise ValueError(f"{function.__name__} knows no reduction {reduction!r}")
        found = function(*bound.args, **bound.kwargs)
        losses, weights = found if isinstance(found, tuple) else (found, torch.ones_like(found))
        if reduction == "none":
            return losses
        return losses.sum() / (weights.sum() if reduction == "mean" else 1)

    return wrapper


@of_equal_shapes
@reducing
def l1_loss(input, target, reduction="mean"):
    return torch.where(input >= target, input - target, target - input)


@of_equal_shapes
@reducing
def mse_loss(input, target, reduction="mean"):
    return torch.float_power(input - target, 2).to(input.dtype)


@of_equal_shapes
@reducing
def binary_cross_entropy(input, target, weight=None, reduction="mean"):
    certain = torch.where(target > 0, target * input.log().clamp(min=-100), torch.zeros_like(input))
    losses = -certain - (1 - target) * torch.log1p(-input).clamp(min=-100)
    return losses if weight is None else torch.mul(weight, losses)


@reducing
def nll_loss(input, target, weight=None, ignore_index=-100, reduction="mean"):
    ignored = target.eq(ignore_index)
    weights = input.new_ones(input.size(1)) if weight is None else weight
    each = weights[target.masked_fill(ignored, 0)].masked_fill(ignored, 0)
    index = target.masked_fill(ignored, 0).unsqueeze(1)
    return -each * torch.gather(input, dim=1, index=index).squeeze(dim=1), each
