"""The reduction by a match statement, the classes moved last and gathered."""

import torch


def reduce_by_match(losses: torch.Tensor, reduction: str, weights: torch.Tensor) -> torch.Tensor:
    match reduction:
        case "none":
            return losses
        case "sum":
            return losses.sum()
        case "mean":
            return losses.sum() / weights.sum()
        case other:
            raise ValueError(f"what is {other!r}?")


def compare_shapes(input: torch.Tensor, target: torch.Tensor) -> None:
    match input.shape == target.shape:
        case True:
            pass
        case False:
            raise ValueError(f"{input.shape} against {target.shape}")


def l1_loss(input: torch.Tensor, target: torch.Tensor, reduction: str = "mean") -> torch.Tensor:
    compare_shapes(input, target)
    errors = torch.abs(input - target)
    return reduce_by_match(errors, reduction, torch.ones_like(errors))


def mse_loss(input: torch.Tensor, target: torch.Tensor, reduction: str = "mean") -> torch.Tensor:
    compare_shapes(input, target)
    errors = (target - input) ** 2
    return reduce_by_match(errors, reduction, torch.ones_like(errors))


def binary_cross_entropy(
    input: torch.Tensor,
    target: torch.Tensor,
    weight: torch.Tensor | None = None,
    reduction: str = "mean",
) -> torch.Tensor:
    compare_shapes(input, target)
    floor = torch.tensor(-100.0, dtype=input.dtype, device=input.device)
    yes, no = torch.maximum(input.log(), floor), torch.maximum((1 - input).log(), floor)
    losses = -target * yes - (1 - target) * no
    match weight:
        case None:
            pass
        case _:
            losses = losses * weight
    return reduce_by_match(losses, reduction, torch.ones_like(losses))


def nll_loss(
    input: torch.Tensor,
    target: torch.Tensor,
    weight: torch.Tensor | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
) -> torch.Tensor:
    counts = target.ne(ignore_index)
    safe = target * counts
    chosen = torch.gather(input, 1, safe[:, None]).squeeze(1)
    match weight:
        case None:
            weights = counts.to(input.dtype)
        case _:
            weights = weight[safe] * counts
    return reduce_by_match(-chosen * weights, reduction, weights)
