"""Optimizers: the step that makes the loss smaller, as often as you take it.

Each one moves every parameter θ against its gradient and differs only in how far:

    θ ← θ − lr · gradient        (SGD, without anything else)

An optimizer is built once from the parameters, which may come as a list or as a generator such as
`model.parameters()`, and is then used after every backward pass: `step()`, then `zero_grad()`.
What it remembers from step to step belongs to the parameter it was computed for.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch


class SGD:
    """Stochastic gradient descent, with momentum and weight decay.

    A step does this with each parameter θ that has a grad; b is its buffer, kept between steps:

        g = grad + weight_decay · θ
        if momentum is not 0:
            b ← g                                          the first time (undamped)
            b ← momentum · b + (1 − dampening) · g         ever after
            g = g + momentum · b  if nesterov,  else b
        θ ← θ − lr · g

    "The first time" is the first step in which this parameter had a grad. The grad must stay as it
    is, so a buffer needs memory of its own.

    Forbidden: torch.optim, under any name. Source: the documentation of torch.optim.SGD.

    >>> w = torch.nn.Parameter(torch.tensor([1.0, 2.0]))
    >>> w.grad = torch.tensor([0.5, -0.5])
    >>> optimizer = SGD([w], lr=0.1, momentum=0.9)
    >>> optimizer.step()
    >>> optimizer.step()
    >>> w.data
    tensor([0.8550, 2.1450])
    """

    def __init__(
        self,
        params: Iterable[torch.Tensor],
        lr: float,
        momentum: float = 0,
        dampening: float = 0,
        weight_decay: float = 0,
        nesterov: bool = False,
    ) -> None:
        """Keep the parameters (a generator can be walked through only once) and the settings.

        Raises ValueError where there are no parameters, where `lr`, `momentum` or `weight_decay` is
        negative (0 is fine), and where `nesterov` comes without momentum or with dampening.
        """
        raise NotImplementedError("TODO: SGD.__init__")

    def step(self) -> None:
        """Move every parameter that has a grad, in place and without a graph; leave the grads.

        A parameter whose grad is None is skipped: neither it nor its buffer changes.
        """
        raise NotImplementedError("TODO: SGD.step")

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Set the grad of every parameter to None; with `set_to_none=False`, fill it with zeros.

        A grad that is None stays None.
        """
        raise NotImplementedError("TODO: SGD.zero_grad")


class Adam:
    """Adam: a step of about `lr` for every element, whatever the size of its gradient.

    A step does this with each parameter θ that has a grad; m, v and t are kept for each parameter:

        g = grad + weight_decay · θ
        t ← t + 1                                 t begins at 0: the steps of this parameter
        m ← β₁ · m + (1 − β₁) · g                 m begins at 0: the mean of g
        v ← β₂ · v + (1 − β₂) · g²                v begins at 0: the mean of its square
        m̂ = m / (1 − β₁ᵗ),  v̂ = v / (1 − β₂ᵗ)     without the zeros that they began with
        θ ← θ − lr · m̂ / (√v̂ + eps)

    with betas = (β₁, β₂). Steps in which a parameter had no grad do not count in its t.

    Forbidden: torch.optim, under any name. Source: Kingma and Ba, arXiv:1412.6980, algorithm 1.

    >>> w = torch.nn.Parameter(torch.tensor([1.0, 2.0]))
    >>> w.grad = torch.tensor([0.5, -100.0])
    >>> Adam([w], lr=0.1).step()
    >>> w.data
    tensor([0.9000, 2.1000])
    """

    def __init__(
        self,
        params: Iterable[torch.Tensor],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
    ) -> None:
        """Keep the parameters (a generator can be walked through only once) and the settings.

        Raises ValueError where there are no parameters, where `lr`, `eps` or `weight_decay` is
        negative (0 is fine), and where one of the betas is outside of [0, 1).
        """
        raise NotImplementedError("TODO: Adam.__init__")

    def step(self) -> None:
        """Move every parameter that has a grad, in place and without a graph; leave the grads.

        A parameter whose grad is None is skipped: neither it nor its m, v and t change.
        """
        raise NotImplementedError("TODO: Adam.step")

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Set the grad of every parameter to None; with `set_to_none=False`, fill it with zeros.

        A grad that is None stays None.
        """
        raise NotImplementedError("TODO: Adam.zero_grad")


def make_optimizer(name: str, params: Iterable[torch.Tensor], lr: float) -> torch.optim.Optimizer:
    """Torch's own optimizer of that name, over `params` and with learning rate `lr`.

    The names are those of the classes: "SGD", "Adam", "SparseAdam", "Adagrad", "Adadelta",
    "Adamax", "RMSprop", "Rprop", "ASGD" and "LBFGS". All else is left as torch has it. Here, and
    only here, torch.optim is allowed.

    Raises ValueError for any other name; its message lists all ten, for the reader to choose from.

    >>> w = torch.nn.Parameter(torch.tensor([1.0, 2.0]))
    >>> type(make_optimizer("Adam", [w], lr=0.1))
    <class 'torch.optim.adam.Adam'>
    """
    raise NotImplementedError("TODO: make_optimizer")
