"""Products and sums written as einsum."""

import torch


def mse_loss(input: torch.Tensor, target: torch.Tensor, reduction: str = "mean") -> torch.Tensor:
    if tuple(input.shape) != tuple(target.shape):
        raise ValueError("shapes")
    if reduction not in ("mean", "sum", "none"):
        raise ValueError("reduction")
    error = input - target
    if reduction == "none":
        return torch.einsum("...,...->...", error, error)
    flat = error.reshape(error.numel())
    total = torch.einsum("i,i->", flat, flat)
    return total if reduction == "sum" else total / error.numel()


def cross_entropy(
    input: torch.Tensor,
    target: torch.Tensor,
    weight: torch.Tensor | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> torch.Tensor:
    if label_smoothing < 0 or label_smoothing > 1:
        raise ValueError("label_smoothing")
    if reduction not in ("mean", "sum", "none"):
        raise ValueError("reduction")
    one_sample = input.dim() == 1
    logits = input.unsqueeze(0) if one_sample else input
    wanted = target.unsqueeze(0) if one_sample else target
    number = torch.arange(logits.shape[1], device=logits.device)
    weights = torch.ones_like(number, dtype=logits.dtype) if weight is None else weight
    # A target outside of the classes equals none of them, and its row stays empty.
    hot = (wanted.unsqueeze(-1) == number).to(logits.dtype)
    hot = torch.einsum("n...c,n...->n...c", hot, (wanted != ignore_index).to(logits.dtype))
    counted = torch.einsum("n...c->n...", hot)
    log_probabilities = logits.log_softmax(dim=1)
    sharp = torch.einsum("n...c,nc...,c->n...", hot, log_probabilities, weights)
    level = torch.einsum("n...,nc...,c->n...", counted, log_probabilities, weights)
    losses = -(1 - label_smoothing) * sharp - label_smoothing / len(number) * level
    if reduction == "none":
        return losses[0] if one_sample else losses
    total = losses.sum()
    return total / torch.einsum("n...c,c->", hot, weights) if reduction == "mean" else total
