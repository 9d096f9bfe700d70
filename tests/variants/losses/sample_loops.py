"""Plain Python loops over elements and samples, collected in lists and stacked at the end."""

import torch


def gather_up(found: list[torch.Tensor], shape: torch.Size, reduction: str) -> torch.Tensor:
    if reduction == "none":
        return torch.stack(found).reshape(shape)
    total = found[0]
    for number in found[1:]:
        total = total + number
    if reduction == "sum":
        return total
    if reduction == "mean":
        return total / len(found)
    raise ValueError(f"unknown reduction: {reduction}")


def l1_loss(input: torch.Tensor, target: torch.Tensor, reduction: str = "mean") -> torch.Tensor:
    if input.shape != target.shape:
        raise ValueError("the shapes differ")
    found = []
    for x, y in zip(input.reshape(-1), target.reshape(-1), strict=True):
        found.append(x - y if x > y else y - x)
    return gather_up(found, input.shape, reduction)


def mse_loss(input: torch.Tensor, target: torch.Tensor, reduction: str = "mean") -> torch.Tensor:
    if input.shape != target.shape:
        raise ValueError("the shapes differ")
    found = []
    for x, y in zip(input.flatten(), target.flatten(), strict=True):
        found.append((x - y) * (x - y))
    return gather_up(found, input.shape, reduction)


def binary_cross_entropy(
    input: torch.Tensor,
    target: torch.Tensor,
    weight: torch.Tensor | None = None,
    reduction: str = "mean",
) -> torch.Tensor:
    if input.shape != target.shape:
        raise ValueError("the shapes differ")
    weights = torch.ones_like(input) if weight is None else weight.expand_as(input)
    found = []
    triples = zip(input.flatten(), target.flatten(), weights.flatten(), strict=True)
    for p, y, w in triples:
        yes, no = p.log().clamp_min(-100), (1 - p).log().clamp_min(-100)
        found.append(-w * (y * yes + (1 - y) * no))
    return gather_up(found, input.shape, reduction)


def cross_entropy(
    input: torch.Tensor,
    target: torch.Tensor,
    weight: torch.Tensor | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> torch.Tensor:
    if not 0 <= label_smoothing <= 1:
        raise ValueError("label_smoothing lies in [0, 1]")
    rows = input.movedim(1, -1).flatten(0, -2) if input.dim() > 1 else [input]
    losses, weights = [], []
    for row, y in zip(rows, target.flatten().tolist(), strict=True):
        if y == ignore_index:
            losses.append(row.sum() * 0)
            weights.append(row.new_zeros(()))
            continue
        w = torch.ones_like(row) if weight is None else weight
        log_p = row.log_softmax(0)
        smoothed = sum(w[c] * log_p[c] for c in range(len(row))) / len(row)
        losses.append(-(1 - label_smoothing) * w[y] * log_p[y] - label_smoothing * smoothed)
        weights.append(w[y])
    if reduction == "none":
        return torch.stack(losses).reshape(target.shape)
    if reduction == "sum":
        return torch.stack(losses).sum()
    if reduction == "mean":
        return torch.stack(losses).sum() / torch.stack(weights).sum()
    raise ValueError(f"unknown reduction: {reduction}")
