"""The log-sum-exp written out: the detached maximum of each row is taken off and put back."""

import torch


def log_probabilities_of(logits: torch.Tensor, dim: int) -> torch.Tensor:
    highest = logits.amax(dim=dim, keepdim=True).detach()
    shifted = logits - highest
    return shifted - shifted.exp().sum(dim=dim, keepdim=True).log()


def cross_entropy(
    input: torch.Tensor,
    target: torch.Tensor,
    weight: torch.Tensor | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> torch.Tensor:
    if reduction not in ("mean", "sum", "none"):
        raise ValueError("reduction must be mean, sum or none")
    if label_smoothing > 1 or label_smoothing < 0:
        raise ValueError("label_smoothing must lie in [0, 1]")
    dim = min(input.dim() - 1, 1)
    log_p = log_probabilities_of(input, dim)
    classes = input.shape[dim]
    shape = [classes if number == dim else 1 for number in range(input.dim())]
    if weight is not None:
        log_p = log_p * weight.view(shape)
    mask = target == ignore_index
    safe = torch.where(mask, 0, target)
    nll = -log_p.gather(dim, safe.unsqueeze(dim)).squeeze(dim)
    smooth = -log_p.sum(dim=dim)
    nll = nll.masked_fill(mask, 0.0)
    smooth = smooth.masked_fill(mask, 0.0)
    if reduction == "mean":
        if weight is None:
            divisor = (~mask).sum()
        else:
            divisor = weight[target[~mask]].sum()
        nll, smooth = nll.sum() / divisor, smooth.sum() / divisor
    elif reduction == "sum":
        nll, smooth = nll.sum(), smooth.sum()
    return (1.0 - label_smoothing) * nll + (label_smoothing / classes) * smooth
