"""Layers: what a network is made of, a linear map and then a nonlinearity, again and again.

    y = activation(x Wᵀ + b)

First the functions themselves, then why two linear layers in a row are only one, the small network
that they become with a nonlinearity between them, and what stands at its end.

Every function of tensors leaves its inputs as they are and gives a tensor of their dtype and
device; autograd finds its way back through it. `N` is the batch, `C` the channels or classes.
"""

from __future__ import annotations

import torch
from torch import nn


def linear(x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None = None) -> torch.Tensor:
    """The linear map of every row: y = x Wᵀ + b, or x Wᵀ where there is no bias.

    `x` has shape (…, in): any number of dimensions before the last, also none. `weight` has shape
    (out, in), as torch keeps it: row j holds what makes output j. `bias` is None or has shape
    (out,). The result has shape (…, out).

    Forbidden: torch's linear and nn.Linear, under any name.

    >>> weight = torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    >>> linear(torch.tensor([[2.0, 5.0]]), weight, torch.tensor([0.0, 10.0, 0.0]))
    tensor([[ 2., 15.,  7.]])
    """
    raise NotImplementedError("TODO: linear")


def sigmoid(x: torch.Tensor) -> torch.Tensor:
    """The sigmoid of every element, between 0 and 1:

        σ(x) = 1 / (1 + e⁻ˣ) = eˣ / (eˣ + 1)

    `x` has any shape; the result has the same. Value and gradient are right at ±1000 too, where
    e¹⁰⁰⁰ overflows to infinity: the values are 1 and 0, the gradients 0. Mind the gradient:
    torch.where computes both of its branches, and a NaN in the one not taken reaches it.

    Forbidden: torch's sigmoid, under any name (its tanh is allowed).

    >>> sigmoid(torch.tensor([0.0, 1000.0, -1000.0]))
    tensor([0.5000, 1.0000, 0.0000])
    """
    raise NotImplementedError("TODO: sigmoid")


def tanh(x: torch.Tensor) -> torch.Tensor:
    """The hyperbolic tangent of every element, between −1 and 1:

        tanh(x) = (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ)

    `x` has any shape; the result has the same. Value and gradient are right at ±1000 too, where
    e¹⁰⁰⁰ overflows to infinity: the values are 1 and −1, the gradients 0.

    Forbidden: torch's tanh, under any name (your own sigmoid and torch's are allowed).

    >>> tanh(torch.tensor([0.0, 1000.0, -1000.0]))
    tensor([ 0.,  1., -1.])
    """
    raise NotImplementedError("TODO: tanh")


def relu(x: torch.Tensor) -> torch.Tensor:
    """The rectified linear unit of every element: x where x > 0, else 0.

    `x` has any shape; the result is a new tensor of the same. The gradient is 1 where x > 0 and 0
    where x < 0; at 0, where there is none, any finite number will do.

    Forbidden: torch's relu, under any name.

    >>> relu(torch.tensor([-2.0, 0.0, 3.0]))
    tensor([0., 0., 3.])
    """
    raise NotImplementedError("TODO: relu")


def leaky_relu(x: torch.Tensor, negative_slope: float = 0.01) -> torch.Tensor:
    """A relu that lets a little through: x where x > 0, else negative_slope · x.

    `x` has any shape; the result is a new tensor of the same. `negative_slope` is any number, above
    1 too. The gradient is 1 where x > 0 and negative_slope where x < 0; at 0 any finite number will
    do.

    Forbidden: torch's leaky_relu, under any name.

    >>> leaky_relu(torch.tensor([-2.0, 0.0, 3.0]), negative_slope=0.5)
    tensor([-1.,  0.,  3.])
    """
    raise NotImplementedError("TODO: leaky_relu")


def prelu(x: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """A leaky relu whose slopes are learnt: x where x > 0, else slope · x.

    `weight` has shape (1,), one slope for all of `x`, or (C,), a slope for each channel; slopes are
    any numbers. The channels are dimension 1: `x` has shape (N, C) or (N, C, d1, …); with one slope
    also (N,). The result is a new tensor of the shape of `x`, and `weight` gets a gradient as `x`
    does (that of `x` may be any finite number at 0).

    Forbidden: torch's prelu, under any name.

    >>> prelu(torch.tensor([[-1.0, -1.0], [2.0, -2.0]]), torch.tensor([0.5, 0.25]))
    tensor([[-0.5000, -0.2500],
            [ 2.0000, -0.5000]])
    """
    raise NotImplementedError("TODO: prelu")


def rrelu(
    x: torch.Tensor, lower: float = 1 / 8, upper: float = 1 / 3, training: bool = False
) -> torch.Tensor:
    """A leaky relu whose slopes are random while training: x where x > 0, else slope · x.

    Not training (the default), nothing is random: the slope is (lower + upper) / 2 everywhere.
    While training, each element has a slope of its own, drawn uniformly from [lower, upper] and
    anew at every call, from torch's generator, which is not seeded here. Positive elements stay as
    they are either way. `x` has any shape; the result is a new tensor of the same, and the gradient
    is 1 where x > 0 and the element's slope where x < 0.

    Raises ValueError where lower > upper, training or not.

    Forbidden: torch's rrelu, under any name.

    >>> rrelu(torch.tensor([-2.0, 0.0, 3.0]), lower=0.25, upper=0.75)
    tensor([-1.,  0.,  3.])
    """
    raise NotImplementedError("TODO: rrelu")


def softmax(x: torch.Tensor, dim: int) -> torch.Tensor:
    """Turns scores into probabilities, which are positive and sum to 1 along one dimension:

        softmax(x)ᵢ = exp(xᵢ) / Σⱼ exp(xⱼ)        j runs along `dim`

    `x` has at least one dimension, `dim` is any of them and may be negative, counted from the end.
    The result has the shape of `x`. Value and gradient are right for scores of ±1000 too, and where
    one row lies at 1000 and the next at 0: a number subtracted from all scores of a row changes
    nothing.

    Forbidden: torch's softmax, log_softmax and logsumexp, under any name.

    >>> softmax(torch.tensor([[0.0, 0.0], [1000.0, -1000.0]]), dim=1)
    tensor([[0.5000, 0.5000],
            [1.0000, 0.0000]])
    """
    raise NotImplementedError("TODO: softmax")


def log_softmax(x: torch.Tensor, dim: int) -> torch.Tensor:
    """The logarithm of the softmax along one dimension:

        log_softmax(x)ᵢ = xᵢ − log Σⱼ exp(xⱼ)        j runs along `dim`

    `x` has at least one dimension, `dim` is any of them and may be negative, counted from the end.
    The result has the shape of `x`. Value and gradient are right for scores of ±1000 too, and where
    one row lies at 1000 and the next at 0. There exp overflows, and the logarithm of a softmax that
    has become 0 is −∞; with m the largest score, log Σ exp(xⱼ) = m + log Σ exp(xⱼ − m).

    Forbidden: torch's softmax, log_softmax and logsumexp, under any name.

    >>> log_softmax(torch.tensor([0.0, 0.0]), dim=0)
    tensor([-0.6931, -0.6931])
    >>> log_softmax(torch.tensor([1000.0, -1000.0]), dim=0)
    tensor([    0., -2000.])
    """
    raise NotImplementedError("TODO: log_softmax")


def collapse(first: nn.Linear, second: nn.Linear) -> nn.Linear:
    """One layer that computes what two linear layers compute with nothing between them:

        W₂ (W₁ x + b₁) + b₂ = (W₂ W₁) x + (W₂ b₁ + b₂)

    Which is why a network needs a nonlinearity between its layers. `first` maps to as many features
    as `second` takes; both have one dtype and device. Either may have no bias (`bias` is then
    None), which counts as a bias of zeros; where neither has one, the result needs none.

    Returns a new nn.Linear in the same dtype and on the same device, with parameters of its own,
    which can be trained: it shares no memory with the two layers, and those stay as they were.

    >>> first, second = nn.Linear(3, 5), nn.Linear(5, 2, bias=False)
    >>> x = torch.ones(4, 3)
    >>> torch.allclose(collapse(first, second)(x), second(first(x)), atol=1e-6)
    True
    """
    raise NotImplementedError("TODO: collapse")


class TwoLayerNet(nn.Module):
    """A network of two linear layers with a ReLU between them:

        x (N, input_size) → layer1 → ReLU → layer2 → (N, output_size)

    `layer1` and `layer2` are attributes of these names, each an nn.Linear with a bias, the first
    from input_size to hidden_size features, the second from there to output_size. The ReLU has no
    parameters; whether it is a layer of its own or a function is up to you. What layer2 puts out is
    returned as it is, negative numbers too.

    >>> TwoLayerNet(3, 8, 2)(torch.zeros(5, 3)).shape
    torch.Size([5, 2])
    """

    def __init__(self, input_size: int, hidden_size: int, output_size: int) -> None:
        """Make the layers; begin with `super().__init__()`, which registers them."""
        raise NotImplementedError("TODO: TwoLayerNet.__init__")

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Run layer1, the ReLU and layer2: x (N, input_size), N ≥ 1 → (N, output_size)."""
        raise NotImplementedError("TODO: TwoLayerNet.forward")


def output_activation(task: str) -> nn.Module:
    """The layer at the end of a network, which turns its outputs into what the task asks for.

        "regression"   any number                       nn.Identity
        "binary"       the probability of yes           nn.Sigmoid
        "multiclass"   a probability for each class     nn.Softmax over the classes, dimension 1

    Returns the layer itself, ready to be called, not its class. Raises ValueError for any other
    task.

    >>> output_activation("binary")
    Sigmoid()
    """
    raise NotImplementedError("TODO: output_activation")
