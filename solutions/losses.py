"""Losses: how far a prediction is from the truth, as one number that can be differentiated.

`input` is what the network says, `target` what is true. Every element, or every sample, has a loss
of its own, and `reduction` says what becomes of them:

    "none" → losses        "sum" → Σ losses        "mean" → Σ losses / their number

In all five functions the inputs are never changed, and the result is a tensor with the dtype and
device of `input`. Stay in torch from input to result (no `.item()`, `.detach()` or numpy), so that
autograd finds its way back. `N` is the batch, `C` the classes, `d1, …` more dimensions, such as
the rows and columns of an image.
"""

from __future__ import annotations

import torch


### BEGIN SOLUTION
def _reduce(
    losses: torch.Tensor, reduction: str, weights: torch.Tensor | None = None
) -> torch.Tensor:
    """Apply the reduction; "mean" divides by the sum of `weights`, or else by the number."""
    if reduction == "none":
        return losses
    if reduction == "sum":
        return losses.sum()
    if reduction == "mean":
        return losses.mean() if weights is None else losses.sum() / weights.sum()
    raise ValueError(f'reduction must be "mean", "sum" or "none", not {reduction!r}')


def _refuse_unequal_shapes(input: torch.Tensor, target: torch.Tensor) -> None:
    if input.shape != target.shape:
        raise ValueError(f"shapes differ: {tuple(input.shape)} and {tuple(target.shape)}")


def _classes_last(input: torch.Tensor) -> torch.Tensor:
    """(C,) stays, (N, C) stays, (N, C, d1, …) becomes (N, d1, …, C)."""
    return input if input.dim() == 1 else input.movedim(1, -1)


def _class_losses(
    log_probabilities: torch.Tensor,
    target: torch.Tensor,
    weight: torch.Tensor | None,
    ignore_index: int,
    label_smoothing: float = 0.0,
) -> tuple[torch.Tensor, torch.Tensor]:
    """The loss and the weight of every target, both 0 where it is ignored; the classes are last."""
    _refuse_unequal_shapes(log_probabilities[..., 0], target)
    classes = log_probabilities.shape[-1]
    if weight is None:
        weight = log_probabilities.new_ones(classes)
    ignored = target == ignore_index
    target = target.masked_fill(ignored, 0)  # any class will do, its loss is set to 0 below
    picked = log_probabilities.gather(-1, target.unsqueeze(-1)).squeeze(-1)
    losses = -weight[target] * picked
    if label_smoothing > 0:
        spread = -(weight * log_probabilities).sum(-1) / classes
        losses = (1 - label_smoothing) * losses + label_smoothing * spread
    return losses.masked_fill(ignored, 0), weight[target].masked_fill(ignored, 0)


### END SOLUTION


def l1_loss(input: torch.Tensor, target: torch.Tensor, reduction: str = "mean") -> torch.Tensor:
    """The absolute error: |input − target| of every element.

    `input` and `target` have the same shape, whatever it is. `reduction` is "mean" (over all
    elements), "sum" (both give a scalar) or "none" (the losses, in the shape of the input). Where
    input and target are equal, any finite gradient is right; √((input − target)²) has NaN there.

    Raises ValueError where the two shapes differ, for torch would broadcast them in silence, and
    for any other reduction.

    Forbidden: torch's l1_loss, smooth_l1_loss and huber_loss, under any name.

    >>> l1_loss(torch.tensor([1.0, 2.0, 3.0]), torch.tensor([1.0, 2.0, 5.0]))
    tensor(0.6667)
    """
    ### BEGIN SOLUTION
    _refuse_unequal_shapes(input, target)
    return _reduce((input - target).abs(), reduction)
    ### END SOLUTION


def mse_loss(input: torch.Tensor, target: torch.Tensor, reduction: str = "mean") -> torch.Tensor:
    """The squared error: (input − target)² of every element.

    `input` and `target` have the same shape, whatever it is. `reduction` is "mean" (over all
    elements), "sum" (both give a scalar) or "none" (the losses, in the shape of the input).

    Raises ValueError where the two shapes differ, for torch would broadcast them in silence, and
    for any other reduction.

    Forbidden: torch's mse_loss and nn.PairwiseDistance, under any name.

    >>> mse_loss(torch.tensor([1.0, 2.0, 3.0]), torch.tensor([1.0, 2.0, 5.0]), reduction="sum")
    tensor(4.)
    """
    ### BEGIN SOLUTION
    _refuse_unequal_shapes(input, target)
    return _reduce((input - target).square(), reduction)
    ### END SOLUTION


def binary_cross_entropy(
    input: torch.Tensor,
    target: torch.Tensor,
    weight: torch.Tensor | None = None,
    reduction: str = "mean",
) -> torch.Tensor:
    """The loss of a yes-or-no question, for a probability p of "yes" and a target y:

        −(y · log p + (1 − y) · log(1 − p)),        each logarithm at least −100

    `input` holds the probabilities, each in [0, 1]: the sigmoid is already done. `target`, of the
    same shape, holds numbers in [0, 1], not only 0 and 1. Because no logarithm goes below −100,
    p = 0 and p = 1 have finite losses; the gradient is asked for from p = 0.001 to 0.999 alone.
    `weight`, if given, multiplies the losses; it has the shape of the input or one that broadcasts
    to it.

    `reduction` is "mean" (the sum divided by the number of elements, with a weight too), "sum"
    (both give a scalar) or "none" (the losses, in the shape of the input).

    Raises ValueError where the shapes of input and target differ and for any other reduction.

    Forbidden: torch's binary_cross_entropy and binary_cross_entropy_with_logits, under any name.

    >>> binary_cross_entropy(torch.tensor([0.5, 0.0]), torch.tensor([1.0, 1.0]), reduction="none")
    tensor([  0.6931, 100.0000])
    """
    ### BEGIN SOLUTION
    _refuse_unequal_shapes(input, target)
    log_yes = torch.log(input).clamp(min=-100)
    log_no = torch.log1p(-input).clamp(min=-100)
    losses = -(target * log_yes + (1 - target) * log_no)
    return _reduce(losses if weight is None else weight * losses, reduction)
    ### END SOLUTION


def nll_loss(
    input: torch.Tensor,
    target: torch.Tensor,
    weight: torch.Tensor | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
) -> torch.Tensor:
    """The negative log-likelihood: −weight[y] · (the log-probability of the target's class y).

    `input` holds log-probabilities, of shape (N, C) or (N, C, d1, …): the log_softmax is already
    done. `target` holds classes, int64 from 0 to C − 1, of shape (N,) or (N, d1, …), one for each
    sample or pixel. `weight`, if given, has shape (C,), a weight for each class; otherwise all
    weigh 1. A target equal to `ignore_index` (which may lie outside of 0 to C − 1) does not count:
    its loss is 0 and so is its weight.

    `reduction` is "mean", "sum" (both give a scalar) or "none" (the losses, in the target's shape).
    "mean" divides by the weights of the targets that count, not by their number:

        Σ losses / Σ weight[y]        NaN where all targets are ignored

    Raises ValueError for any other reduction.

    Forbidden: torch's nll_loss and cross_entropy, under any name.

    >>> log_probabilities = torch.tensor([[0.5, 0.5], [0.25, 0.75]]).log()
    >>> nll_loss(log_probabilities, torch.tensor([0, 1]), reduction="none")
    tensor([0.6931, 0.2877])
    >>> nll_loss(log_probabilities, torch.tensor([0, -100]))
    tensor(0.6931)
    """
    ### BEGIN SOLUTION
    losses, weights = _class_losses(_classes_last(input), target, weight, ignore_index)
    return _reduce(losses, reduction, weights)
    ### END SOLUTION


def cross_entropy(
    input: torch.Tensor,
    target: torch.Tensor,
    weight: torch.Tensor | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> torch.Tensor:
    """The loss of a classifier: the negative log-likelihood of the softmax of its logits.

    With p = softmax(input) over the classes, y the target's class, w the weights and s the
    label smoothing, one target's loss is

        −(1 − s) · w[y] · log p[y]  −  s / C · Σ_c w[c] · log p[c]

    `input` holds logits, of shape (C,), (N, C) or (N, C, d1, …). `target` holds classes, int64 from
    0 to C − 1, of shape (), (N,) or (N, d1, …), one for each sample or pixel. `weight`, if given,
    has shape (C,), a weight for each class; otherwise all weigh 1. A target equal to `ignore_index`
    (which may lie outside of 0 to C − 1) does not count: its loss is 0, the smoothed part too, and
    so is its weight.

    `reduction` is "mean", "sum" (both give a scalar) or "none" (the losses, in the target's shape).
    "mean" divides by the weights of the targets that count, smoothed or not:

        Σ losses / Σ w[y]        NaN where all targets are ignored

    Loss and gradient are right for logits of ±1000 too. There exp overflows, and log(softmax(x))
    is −inf; `log_softmax` is stable and allowed.

    Raises ValueError for a label_smoothing outside of [0, 1] and for any other reduction.

    Forbidden: torch's cross_entropy and nll_loss, under any name.

    >>> cross_entropy(torch.tensor([[0.1, 0.2, 0.3]]), torch.tensor([1]))
    tensor(1.1019)
    >>> cross_entropy(torch.tensor([[1000.0, -1000.0]]), torch.tensor([1]))
    tensor(2000.)
    """
    ### BEGIN SOLUTION
    if not 0 <= label_smoothing <= 1:
        raise ValueError(f"label_smoothing must lie in [0, 1], but is {label_smoothing}")
    log_probabilities = _classes_last(input).log_softmax(dim=-1)
    losses, weights = _class_losses(
        log_probabilities, target, weight, ignore_index, label_smoothing
    )
    return _reduce(losses, reduction, weights)
    ### END SOLUTION
