"""Each function is one expression: a lambda under its name."""

import torch


def refuse_with(reason):
    raise ValueError(reason)


reduce_with = lambda losses, reduction, count=None: (
    losses
    if reduction == "none"
    else losses.sum()
    if reduction == "sum"
    else losses.sum() / (losses.numel() if count is None else count)
    if reduction == "mean"
    else refuse_with(reduction)
)

difference_of = lambda input, target: (
    input - target if input.shape == target.shape else refuse_with("shapes")
)

l1_loss = lambda input, target, reduction="mean": reduce_with(
    difference_of(input, target).abs(), reduction
)

mse_loss = lambda input, target, reduction="mean": reduce_with(
    difference_of(input, target).square(), reduction
)

binary_cross_entropy = lambda input, target, weight=None, reduction="mean": reduce_with(
    (0 * difference_of(input, target) + (1 if weight is None else weight))
    * (-target * input.log().clamp(min=-100) - (1 - target) * input.neg().log1p().clamp(min=-100)),
    reduction,
)

nll_loss = lambda input, target, weight=None, ignore_index=-100, reduction="mean": (
    lambda each: reduce_with(-(each * input).sum(1), reduction, each.sum())
)(
    torch.stack(
        [
            ((target == c) & (target != ignore_index)) * (1 if weight is None else weight[c])
            for c in range(input.shape[1])
        ],
        dim=1,
    ).to(input.dtype)
)
