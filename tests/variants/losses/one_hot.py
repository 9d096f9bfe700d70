"""One-hot targets, multiplied with the log-probabilities and summed over the classes."""

import torch
import torch.nn.functional as F


def one_hot_like(scores: torch.Tensor, target: torch.Tensor, counts: torch.Tensor) -> torch.Tensor:
    """One-hot rows in dimension 1, all zeros for what does not count."""
    hot = F.one_hot(target.where(counts, 0), num_classes=scores.shape[1])
    hot = hot.movedim(-1, 1).to(scores.dtype)
    return hot * counts.unsqueeze(1)


def along_classes(weight: torch.Tensor | None, scores: torch.Tensor) -> torch.Tensor:
    if weight is None:
        weight = torch.ones(scores.shape[1], dtype=scores.dtype, device=scores.device)
    return weight.reshape(1, -1, *[1] * (scores.dim() - 2))


def reduced(losses: torch.Tensor, divisor: torch.Tensor, reduction: str) -> torch.Tensor:
    if reduction not in {"mean", "sum", "none"}:
        raise ValueError("reduction")
    if reduction == "none":
        return losses
    total = losses.sum()
    return total / divisor.sum() if reduction == "mean" else total


def nll_loss(
    input: torch.Tensor,
    target: torch.Tensor,
    weight: torch.Tensor | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
) -> torch.Tensor:
    hot = one_hot_like(input, target, target != ignore_index) * along_classes(weight, input)
    return reduced((-hot * input).sum(1), hot, reduction)


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
    if input.dim() == 1:
        options = {"weight": weight, "ignore_index": ignore_index}
        options |= {"reduction": reduction, "label_smoothing": label_smoothing}
        loss = cross_entropy(input[None], target[None], **options)
        return loss[0] if reduction == "none" else loss
    counts = target != ignore_index
    hot, weights = one_hot_like(input, target, counts), along_classes(weight, input)
    spread = counts.unsqueeze(1) * (label_smoothing / input.shape[1])
    wanted = hot * (1 - label_smoothing) + spread
    losses = -(wanted * weights * F.log_softmax(input, dim=1)).sum(dim=1)
    return reduced(losses, hot * weights, reduction)
