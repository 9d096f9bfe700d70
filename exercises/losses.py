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
    raise NotImplementedError("TODO: l1_loss")


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
    raise NotImplementedError("TODO: mse_loss")


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
    raise NotImplementedError("TODO: binary_cross_entropy")


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
    raise NotImplementedError("TODO: nll_loss")


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
    raise NotImplementedError("TODO: cross_entropy")
