"""Everything flattened to rows, and the target's entry of each row by advanced indexing."""

import torch

REDUCE = {"mean", "sum", "none"}


def nll_loss(
    input: torch.Tensor,
    target: torch.Tensor,
    weight: torch.Tensor | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
) -> torch.Tensor:
    if reduction not in REDUCE:
        raise ValueError(f"{reduction} is none of {sorted(REDUCE)}")
    classes = input.size(1)
    rows = input.transpose(0, 1).reshape(classes, -1).t()
    flat = target.reshape(-1)
    kept = (flat != ignore_index).nonzero().squeeze(1)
    picked = -rows[kept, flat[kept]]
    weights = torch.ones_like(picked) if weight is None else weight[flat[kept]]
    picked = picked * weights
    if reduction == "sum":
        return picked.sum()
    if reduction == "mean":
        return picked.sum().div(weights.sum())
    losses = rows.new_zeros(flat.shape)
    losses[kept] = picked
    return losses.reshape(target.shape)


def cross_entropy(
    input: torch.Tensor,
    target: torch.Tensor,
    weight: torch.Tensor | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> torch.Tensor:
    if not (0.0 <= label_smoothing <= 1.0):
        raise ValueError(label_smoothing)
    if reduction not in REDUCE:
        raise ValueError(reduction)
    batch = input if input.ndim > 1 else input.reshape(1, -1)
    classes = batch.size(1)
    rows = batch.transpose(0, 1).reshape(classes, -1).t()
    flat = target.reshape(-1)
    kept = flat != ignore_index
    rows, wanted = rows[kept], flat[kept]
    each = torch.ones_like(batch[0].reshape(classes, -1)[:, 0]) if weight is None else weight
    log_probabilities = rows - torch.logsumexp(rows, dim=1, keepdim=True)
    sharp = -each[wanted] * log_probabilities[range(len(wanted)), wanted]
    smooth = -(log_probabilities @ each) / classes
    losses = torch.lerp(sharp, smooth, label_smoothing) if label_smoothing else sharp
    if reduction == "none":
        everything = batch.new_zeros(flat.shape)
        everything[kept] = losses
        return everything.view(target.shape)
    return losses.sum() if reduction == "sum" else losses.sum() / each[wanted].sum()
