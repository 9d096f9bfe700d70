"""Weights as Python numbers, sums by the built-in sum."""

import torch


def check(condition: bool, message: str) -> None:
    if not condition:
        raise ValueError(message)


def mse_loss(input: torch.Tensor, target: torch.Tensor, reduction: str = "mean") -> torch.Tensor:
    check(reduction in ["mean", "sum", "none"], "reduction")
    check(input.shape == target.shape, "shape")
    error = input.detach() - target + (input - input.detach())  # the graph through one term only
    if reduction == "none":
        return error * error
    flat = error.ravel()
    return torch.dot(flat, flat) * {"sum": 1.0, "mean": 1 / max(len(flat), 1)}[reduction]


def nll_loss(
    input: torch.Tensor,
    target: torch.Tensor,
    weight: torch.Tensor | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
) -> torch.Tensor:
    check(reduction in ["mean", "sum", "none"], "reduction")
    numbers = [1.0] * input.shape[1] if weight is None else weight.tolist()
    flat = target.flatten().tolist()
    each = [0.0 if y == ignore_index else numbers[y] for y in flat]
    rows = input.movedim(1, -1).flatten(0, -2)
    losses = [
        -w * row[y] if y != ignore_index else 0 * row[0]
        for row, y, w in zip(rows, flat, each, strict=True)
    ]
    if reduction == "none":
        return torch.stack(losses).view(target.shape)
    total = sum(losses)
    if reduction == "sum":
        return total
    return total / sum(each) if any(each) else total * float("nan")
