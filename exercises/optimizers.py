"""Optimizers: the step that makes the loss smaller, as often as you take it.

Each one moves every parameter θ against its gradient and differs only in how far:

    θ ← θ − lr · gradient        (SGD, without anything else)

An optimizer is built once from the parameters, which may come as a list or as a generator such as
`model.parameters()`, and is then used after every backward pass: `step()`, then `zero_grad()`.
What it remembers from step to step belongs to the parameter it was computed for, whatever its
place in the list: a dict with the parameters as keys keeps that apart.

Write `Optimizer` first. It is what all the others have in common: each of them is built on it and
adds no more than its settings and its `update`, the formula for one parameter. All products,
squares and roots in the formulas are those of single elements.

Forbidden in all classes: torch.optim, under any name.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch


class Optimizer:
    """What all optimizers have in common: the parameters, and what is done with each of them.

    It is no optimizer by itself: `update(param, grad)`, which moves one parameter along its grad,
    is written in each of the classes below. Those call `super().__init__(params)` to begin with.
    """

    def __init__(self, params: Iterable[torch.Tensor]) -> None:
        """Keep the parameters. A generator can be walked through only once: make a list of it.

        Raises ValueError where there are no parameters.
        """
        raise NotImplementedError("TODO: Optimizer.__init__")

    def step(self) -> None:
        """Move every parameter that has a grad, in place and without a graph; leave the grads.

        Calls `self.update` with each parameter that has a grad. A parameter whose grad is None is
        skipped: neither it nor anything that is kept for it changes.
        """
        raise NotImplementedError("TODO: Optimizer.step")

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Set the grad of every parameter to None; with `set_to_none=False`, fill it with zeros.

        A grad that is None stays None.
        """
        raise NotImplementedError("TODO: Optimizer.zero_grad")


class SGD(Optimizer):
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

    def update(self, param: torch.Tensor, grad: torch.Tensor) -> None:
        """Move `param` in place, and leave `grad` as it is."""
        raise NotImplementedError("TODO: SGD.update")


class Adam(Optimizer):
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

    def update(self, param: torch.Tensor, grad: torch.Tensor) -> None:
        """Move `param` in place, and leave `grad` as it is."""
        raise NotImplementedError("TODO: Adam.update")


class Adagrad(Optimizer):
    """Adagrad: the more gradient an element has seen, the shorter its steps.

    A step does this with each parameter θ that has a grad; s and t are kept for each parameter:

        g = grad + weight_decay · θ
        t ← t + 1               t begins at 0: the steps of this parameter
        s ← s + g²              s begins at initial_accumulator_value, in every element
        θ ← θ − lr / (1 + (t − 1) · lr_decay) · g / (√s + eps)

    so that lr_decay counts from the second step.

    Forbidden: torch.optim, under any name. Source: the documentation of torch.optim.Adagrad; Duchi,
    Hazan and Singer, Journal of Machine Learning Research 12, 2011.

    >>> w = torch.nn.Parameter(torch.tensor([1.0, 2.0]))
    >>> w.grad = torch.tensor([3.0, -4.0])
    >>> optimizer = Adagrad([w], lr=0.5, initial_accumulator_value=16.0)
    >>> optimizer.step()
    >>> w.data
    tensor([0.7000, 2.3536])
    """

    def __init__(
        self,
        params: Iterable[torch.Tensor],
        lr: float = 1e-2,
        lr_decay: float = 0,
        weight_decay: float = 0,
        initial_accumulator_value: float = 0,
        eps: float = 1e-10,
    ) -> None:
        """Keep the parameters and the settings.

        Raises ValueError where there are no parameters, and where one of the settings is negative
        (0 is fine).
        """
        raise NotImplementedError("TODO: Adagrad.__init__")

    def update(self, param: torch.Tensor, grad: torch.Tensor) -> None:
        """Move `param` in place, and leave `grad` as it is."""
        raise NotImplementedError("TODO: Adagrad.update")


class RMSprop(Optimizer):
    """RMSprop: a gradient divided by its usual size, the root of the mean of its square.

    A step does this with each parameter θ that has a grad; v, m and b are kept for each parameter:

        g = grad + weight_decay · θ
        v ← alpha · v + (1 − alpha) · g²          v begins at 0: the mean of g²
        d = √v + eps                              unless centered
        if centered:
            m ← alpha · m + (1 − alpha) · g       m begins at 0: the mean of g
            d = √(v − m²) + eps                   how far g is from its mean
        b ← momentum · b + g / d                  b begins at 0; with momentum 0 it is g / d
        θ ← θ − lr · b

    Forbidden: torch.optim, under any name. Source: the documentation of torch.optim.RMSprop;
    Hinton's lecture notes, Neural Networks for Machine Learning, 6e.

    >>> w = torch.nn.Parameter(torch.tensor([1.0, 2.0]))
    >>> w.grad = torch.tensor([0.5, -100.0])
    >>> RMSprop([w], lr=0.1, alpha=0.75).step()
    >>> w.data
    tensor([0.8000, 2.2000])
    """

    def __init__(
        self,
        params: Iterable[torch.Tensor],
        lr: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum: float = 0,
        centered: bool = False,
    ) -> None:
        """Keep the parameters and the settings.

        Raises ValueError where there are no parameters, and where `lr`, `alpha`, `eps`,
        `weight_decay` or `momentum` is negative (0 is fine).
        """
        raise NotImplementedError("TODO: RMSprop.__init__")

    def update(self, param: torch.Tensor, grad: torch.Tensor) -> None:
        """Move `param` in place, and leave `grad` as it is."""
        raise NotImplementedError("TODO: RMSprop.update")


class Adadelta(Optimizer):
    """Adadelta: the usual size of the moves, over the usual size of the gradients.

    A step does this with each parameter θ that has a grad; v and u are kept for each parameter:

        g = grad + weight_decay · θ
        v ← rho · v + (1 − rho) · g²              v begins at 0: the mean of g²
        d = √(u + eps) / √(v + eps) · g           with the u of the steps before
        u ← rho · u + (1 − rho) · d²              u begins at 0: the mean of d²
        θ ← θ − lr · d

    Note that eps is inside both roots, and that lr scales the move but not what u remembers of it.

    Forbidden: torch.optim, under any name. Source: the documentation of torch.optim.Adadelta;
    Zeiler, arXiv:1212.5701, algorithm 1.

    >>> w = torch.nn.Parameter(torch.tensor([1.0, 2.0]))
    >>> w.grad = torch.tensor([0.5, -100.0])
    >>> Adadelta([w], lr=0.5, rho=0.75, eps=0.25).step()
    >>> w.data
    tensor([0.7764, 2.5000])
    """

    def __init__(
        self,
        params: Iterable[torch.Tensor],
        lr: float = 1.0,
        rho: float = 0.9,
        eps: float = 1e-6,
        weight_decay: float = 0,
    ) -> None:
        """Keep the parameters and the settings.

        Raises ValueError where there are no parameters, where `lr`, `eps` or `weight_decay` is
        negative (0 is fine), and where `rho` is outside of [0, 1] (both ends are fine).
        """
        raise NotImplementedError("TODO: Adadelta.__init__")

    def update(self, param: torch.Tensor, grad: torch.Tensor) -> None:
        """Move `param` in place, and leave `grad` as it is."""
        raise NotImplementedError("TODO: Adadelta.update")


class Adamax(Optimizer):
    """Adamax: Adam with the largest gradient of late in place of the root of the mean square.

    A step does this with each parameter θ that has a grad; m, u and t are kept for each parameter:

        g = grad + weight_decay · θ
        t ← t + 1                                 t begins at 0: the steps of this parameter
        m ← β₁ · m + (1 − β₁) · g                 m begins at 0: the mean of g
        u ← max(β₂ · u, |g| + eps)                u begins at 0: the larger, element by element
        θ ← θ − lr / (1 − β₁ᵗ) · m / u

    with betas = (β₁, β₂). Only the mean is bias-corrected. Steps in which a parameter had no grad
    do not count in its t.

    Forbidden: torch.optim, under any name. Source: the documentation of torch.optim.Adamax; Kingma
    and Ba, arXiv:1412.6980, algorithm 2.

    >>> w = torch.nn.Parameter(torch.tensor([1.0, 2.0]))
    >>> w.grad = torch.tensor([0.5, -100.0])
    >>> Adamax([w], lr=0.1).step()
    >>> w.data
    tensor([0.9000, 2.1000])
    """

    def __init__(
        self,
        params: Iterable[torch.Tensor],
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
    ) -> None:
        """Keep the parameters and the settings.

        Raises ValueError where there are no parameters, where `lr`, `eps` or `weight_decay` is
        negative (0 is fine), and where one of the betas is outside of [0, 1).
        """
        raise NotImplementedError("TODO: Adamax.__init__")

    def update(self, param: torch.Tensor, grad: torch.Tensor) -> None:
        """Move `param` in place, and leave `grad` as it is."""
        raise NotImplementedError("TODO: Adamax.update")


class Rprop(Optimizer):
    """Rprop: only the sign of the gradient counts, and every element has a step of its own size.

    A step does this with each element θ of each parameter that has a grad; s, the size of its step,
    and p, its gradient of the step before, are kept:

        s ← s · η⁺  where grad · p > 0            s begins at lr
        s ← s · η⁻  where grad · p < 0            p begins at 0
        s ← s, but at least the smallest and at most the largest of step_sizes
        g = 0  where grad · p < 0,  else grad
        θ ← θ − sign(g) · s
        p ← g

    with etas = (η⁻, η⁺) and step_sizes = (smallest, largest). So an element whose gradient flips
    its sign has gone too far: its step shrinks, it stays where it is, and its gradient is forgotten
    (the p that it leaves is 0). The bounds hold in every step, the first included. The grad must
    stay as it is, so p needs memory of its own.

    Forbidden: torch.optim, under any name. Source: the documentation of torch.optim.Rprop;
    Riedmiller and Braun, IEEE International Conference on Neural Networks, 1993.

    >>> w = torch.nn.Parameter(torch.tensor([1.0, 2.0]))
    >>> optimizer = Rprop([w], lr=0.1)
    >>> w.grad = torch.tensor([0.5, -100.0])
    >>> optimizer.step()
    >>> w.grad = torch.tensor([3.0, 0.5])
    >>> optimizer.step()
    >>> w.data
    tensor([0.7800, 2.1000])
    """

    def __init__(
        self,
        params: Iterable[torch.Tensor],
        lr: float = 1e-2,
        etas: tuple[float, float] = (0.5, 1.2),
        step_sizes: tuple[float, float] = (1e-6, 50),
    ) -> None:
        """Keep the parameters and the settings.

        Raises ValueError where there are no parameters, where `lr` is negative (0 is fine), and
        unless 0 < η⁻ < 1 < η⁺.
        """
        raise NotImplementedError("TODO: Rprop.__init__")

    def update(self, param: torch.Tensor, grad: torch.Tensor) -> None:
        """Move `param` in place, and leave `grad` as it is."""
        raise NotImplementedError("TODO: Rprop.update")


class ASGD(Optimizer):
    """Averaged SGD: a step that becomes shorter as time goes by, and a parameter that fades.

    A step does this with each parameter θ that has a grad; t is kept for each parameter:

        g = grad + weight_decay · θ
        t ← t + 1                                         t begins at 0: its steps
        η = lr / (1 + lambd · lr · (t − 1))^alpha         so that the first step has η = lr
        θ ← (1 − lambd · η) · θ − η · g

    torch also keeps the average of θ since step t0, for the user to take in the end. It does not
    move θ, and is not asked for here: `t0` is accepted, and that is all.

    Forbidden: torch.optim, under any name. Source: the documentation of torch.optim.ASGD; Polyak
    and Juditsky, SIAM Journal on Control and Optimization 30, 1992.

    >>> w = torch.nn.Parameter(torch.tensor([1.0, 2.0]))
    >>> optimizer = ASGD([w], lr=0.5, lambd=2.0, alpha=1.0)
    >>> w.grad = torch.tensor([0.5, -1.0])
    >>> optimizer.step()
    >>> optimizer.step()
    >>> w.data
    tensor([-0.2500,  0.5000])
    """

    def __init__(
        self,
        params: Iterable[torch.Tensor],
        lr: float = 1e-2,
        lambd: float = 1e-4,
        alpha: float = 0.75,
        t0: float = 1e6,
        weight_decay: float = 0,
    ) -> None:
        """Keep the parameters and the settings.

        Raises ValueError where there are no parameters, and where `lr` or `weight_decay` is
        negative (0 is fine).
        """
        raise NotImplementedError("TODO: ASGD.__init__")

    def update(self, param: torch.Tensor, grad: torch.Tensor) -> None:
        """Move `param` in place, and leave `grad` as it is."""
        raise NotImplementedError("TODO: ASGD.update")


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
