"""Backpropagation by hand: what `loss.backward()` does, one layer at a time.

L is the loss, a single number. A layer is told how L changes with its output, and says how L
changes with its inputs: the chain rule, one step back.

    grad_output = ∂L/∂output        →        grad_x = ∂L/∂x = grad_output · ∂output/∂x

A gradient has the shape, dtype and device of what it is the gradient of, and inputs are never
changed. In all functions but the last, autograd is forbidden: no `backward`, no `torch.autograd`,
no `torch.func`, no `requires_grad`, under any name (`torch.no_grad` is allowed). Check them with
`numerical_gradient`. `N` is the batch, `C` the classes.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import torch
from torch import nn


def numerical_gradient(
    f: Callable[[torch.Tensor], torch.Tensor], x: torch.Tensor, eps: float = 1e-6
) -> torch.Tensor:
    """The gradient of f at x without any derivation: move one element a little, see what f does.

    For each element, with e the tensor that is 1 there and 0 elsewhere, the central difference is

        (f(x + eps · e) − f(x − eps · e)) / (2 · eps)

    `x` is a float64 tensor of any shape, contiguous or not; the result is float64 too, of the same
    shape: in float32 a step of 1e-6 drowns in rounding errors. `f` takes such a tensor and returns
    a tensor with a single number. You may hand it x itself, changed for the moment, or a copy; but
    afterwards x must be what it was, bit by bit: x + eps − eps is not always x. f may return a part
    of the very tensor that it was given, so take the number out (`.item()`) before you change that
    tensor again.

    Forbidden: autograd.

    >>> x = torch.tensor([1.0, 2.0, 3.0], dtype=torch.float64)
    >>> numerical_gradient(lambda x: (x**2).sum(), x)
    tensor([2.0000, 4.0000, 6.0000], dtype=torch.float64)
    """
    raise NotImplementedError("TODO: numerical_gradient")


def linear_backward(
    x: torch.Tensor, weight: torch.Tensor, grad_output: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """One step back through a linear layer, whose output is x Wᵀ + b: the three gradients.

    `x` has shape (…, in): (N, in), or with more dimensions in front, or with none: (in,). `weight`
    W has shape (out, in), and `grad_output`, the gradient of the output, (…, out). The result is
    the tuple (grad_x, grad_weight, grad_bias), of the shapes (…, in), (out, in) and (out,). The
    same weight and bias serve every sample, so their gradients are sums over all of them:

        grad_x = grad_output W      grad_weight = Σ grad_outputᵀ x      grad_bias = Σ grad_output

    Forbidden: autograd.

    >>> x, weight = torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.tensor([[5.0, 6.0]])
    >>> linear_backward(x, weight, torch.tensor([[1.0], [10.0]]))
    (tensor([[ 5.,  6.],
            [50., 60.]]), tensor([[31., 42.]]), tensor([11.]))
    """
    raise NotImplementedError("TODO: linear_backward")


def relu_backward(x: torch.Tensor, grad_output: torch.Tensor) -> torch.Tensor:
    """One step back through max(x, 0): the gradient passes where x > 0, and is 0 where x ≤ 0.

    `x` is what the ReLU was given, of any shape; `grad_output`, of the same shape, is the gradient
    of what it returned. At x = 0, where ReLU has a kink, the gradient is 0 by convention.

    Raises ValueError where the two shapes differ, for torch would broadcast them in silence.

    Forbidden: autograd.

    >>> relu_backward(torch.tensor([-1.0, 0.0, 2.0]), torch.tensor([10.0, 20.0, 30.0]))
    tensor([ 0.,  0., 30.])
    """
    raise NotImplementedError("TODO: relu_backward")


def mse_backward(input: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """The gradient of the mean squared error, (1/n) · Σ (input − target)², by its input.

    n is the number of all elements. `input` and `target` have the same shape, whatever it is, and
    so has the result. It is where backpropagation starts: nothing comes from above but 1.

    Raises ValueError where the two shapes differ, for torch would broadcast them in silence.

    Forbidden: autograd.

    >>> mse_backward(torch.tensor([1.0, 2.0, 3.0, 4.0]), torch.tensor([1.0, 2.0, 5.0, 0.0]))
    tensor([ 0.,  0., -1.,  2.])
    """
    raise NotImplementedError("TODO: mse_backward")


def cross_entropy_backward(logits: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """The gradient of the cross entropy, the mean over the batch, by the logits.

        (softmax(logits) − one-hot(target)) / N

    `logits` has shape (N, C), and so has the result. `target` holds classes, int64 from 0 to C − 1,
    of shape (N,); one-hot(target) is 1 at each sample's class and 0 at all others. The softmax is
    over the classes, and right for logits of ±1000 too, where exp overflows: torch's own `softmax`
    is allowed.

    Forbidden: autograd.

    >>> logits = torch.tensor([[0.0, 0.0], [1000.0, -1000.0]])
    >>> cross_entropy_backward(logits, torch.tensor([0, 1]))
    tensor([[-0.2500,  0.2500],
            [ 0.5000, -0.5000]])
    """
    raise NotImplementedError("TODO: cross_entropy_backward")


Gradients = list[torch.Tensor | None]


def gradient_lifecycle(
    model: nn.Module,
    loss_fn: Callable[[torch.Tensor, torch.Tensor], torch.Tensor],
    inputs: torch.Tensor,
    targets: torch.Tensor,
) -> dict[str, Gradients]:
    """What becomes of `.grad` when backward is called twice: four snapshots of all gradients.

    Clear the gradients, whatever the model comes with, and take the snapshot "before". Then
    compute the loss, `loss_fn(model(inputs), targets)`, call backward and take "after_backward". Do
    both once more, a forward pass of its own included, but clear nothing before: gradients add up.
    That is "after_second_backward". Clear the gradients, and take "after_zero_grad".

    The result is a dict of these four, in any order. Each is a list with one entry for each
    parameter, in the order of `model.parameters()`: a detached copy of its `.grad`, or None where
    that is None, as it is after clearing, for a frozen parameter (one that requires no gradient)
    and for one that the loss does not depend on. A snapshot must stay what it was: backward adds to
    `.grad` in place. The parameters keep their values, and a frozen one stays frozen.

    Here autograd is allowed: it is what you watch.

    >>> model = nn.Linear(1, 1)
    >>> ones = torch.ones(4, 1)
    >>> seen = gradient_lifecycle(model, lambda output, target: output.sum(), ones, ones)
    >>> seen["after_backward"][1], seen["after_second_backward"][1]  # of the bias
    (tensor([4.]), tensor([8.]))
    """
    raise NotImplementedError("TODO: gradient_lifecycle")
