"""One general function, and functools.partial for each of the losses."""

import functools
import operator

import torch
import torch.nn.functional as F


def elementwise(
    input: torch.Tensor, target: torch.Tensor, reduction: str = "mean", *, error=torch.abs
) -> torch.Tensor:
    if input.shape != target.shape:
        raise ValueError("unequal shapes")
    errors = error(operator.sub(input, target))
    if reduction == "none":
        return errors
    if reduction in ("mean", "sum"):
        return getattr(errors, reduction)()
    raise ValueError("mean, sum or none")


def of_classes(
    input: torch.Tensor,
    target: torch.Tensor,
    weight: torch.Tensor | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
    *,
    normalise,
) -> torch.Tensor:
    if not 0 <= label_smoothing <= 1:
        raise ValueError(f"{label_smoothing=}")
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(f"{reduction=}")
    scores = normalise(input if input.dim() == 1 else input.transpose(0, 1))
    weights = scores.new_ones(len(scores)) if weight is None else weight
    weighted = (scores.movedim(0, -1) * weights).movedim(-1, 0)
    counts = (target != ignore_index).to(scores.dtype)
    safe = target.masked_fill(target == ignore_index, 0)
    sharp = weighted.gather(0, safe.unsqueeze(0)).squeeze(0)
    losses = -counts * ((1 - label_smoothing) * sharp + label_smoothing * weighted.mean(0))
    each = counts * weights[safe]
    finish = {"none": lambda: losses, "sum": lambda: losses.sum()}
    finish["mean"] = lambda: losses.sum() / each.sum()
    return finish[reduction]()


l1_loss = functools.partial(elementwise, error=torch.abs)
mse_loss = functools.partial(elementwise, error=lambda difference: difference.pow(2))
nll_loss = functools.partial(of_classes, normalise=lambda scores: scores)
cross_entropy = functools.partial(of_classes, normalise=functools.partial(F.log_softmax, dim=0))
