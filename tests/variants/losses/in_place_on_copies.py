"""In-place operations throughout, on tensors of one's own only."""

import torch


def total_of(losses, reduction, divisor):
    if reduction == "none":
        return losses
    if reduction not in ("sum", "mean"):
        raise ValueError(f"{reduction} is no reduction")
    total = losses.sum()
    return total.div_(divisor) if reduction == "mean" else total


def l1_loss(input, target, reduction="mean"):
    if input.shape != target.shape:
        raise ValueError(f"{input.shape} and {target.shape}")
    errors = input.clone()
    errors -= target
    return total_of(errors.abs_(), reduction, errors.numel())


def mse_loss(input, target, reduction="mean"):
    if input.shape != target.shape:
        raise ValueError(f"{input.shape} and {target.shape}")
    errors = target.clone().neg_().add_(input)
    return total_of(errors.pow(2), reduction, errors.numel())


def binary_cross_entropy(input, target, weight=None, reduction="mean"):
    if input.shape != target.shape:
        raise ValueError(f"{input.shape} and {target.shape}")
    losses = torch.zeros_like(input)
    losses -= target * torch.log(input).clamp_(min=-100)
    losses -= (1 - target) * torch.log1p(-input).clamp_(min=-100)
    if weight is not None:
        losses *= weight
    return total_of(losses, reduction, losses.numel())


def nll_loss(input, target, weight=None, ignore_index=-100, reduction="mean"):
    wanted = torch.zeros_like(input)
    kept = target != ignore_index
    index = target.clone()
    index[~kept] = 0
    wanted.scatter_(1, index.unsqueeze(1), kept.unsqueeze(1).to(input.dtype))
    if weight is not None:
        wanted *= weight.view(-1, *(1,) * (input.dim() - 2))
    losses = (input * wanted).sum(1).neg_()
    return total_of(losses, reduction, wanted.sum())
