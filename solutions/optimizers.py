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
        ### BEGIN SOLUTION
        self.params = list(params)
        if not self.params:
            raise ValueError("there are no parameters to optimize")
        if lr < 0 or momentum < 0 or weight_decay < 0:
            raise ValueError("lr, momentum and weight_decay must not be negative")
        if nesterov and (momentum == 0 or dampening != 0):
            raise ValueError("nesterov needs momentum and no dampening")
        self.lr = lr
        self.momentum = momentum
        self.dampening = dampening
        self.weight_decay = weight_decay
        self.nesterov = nesterov
        self.buffers: dict[torch.Tensor, torch.Tensor] = {}
        ### END SOLUTION

    def step(self) -> None:
        """Move every parameter that has a grad, in place and without a graph; leave the grads.

        A parameter whose grad is None is skipped: neither it nor its buffer changes.
        """
        ### BEGIN SOLUTION
        with torch.no_grad():
            for param in self.params:
                if param.grad is None:
                    continue
                grad = param.grad
                if self.weight_decay != 0:
                    grad = grad + self.weight_decay * param
                if self.momentum != 0:
                    if param not in self.buffers:
                        self.buffers[param] = grad.clone()
                    else:
                        self.buffers[param].mul_(self.momentum).add_(grad, alpha=1 - self.dampening)
                    buffer = self.buffers[param]
                    grad = grad + self.momentum * buffer if self.nesterov else buffer
                param -= self.lr * grad
        ### END SOLUTION

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Set the grad of every parameter to None; with `set_to_none=False`, fill it with zeros.

        A grad that is None stays None.
        """
        ### BEGIN SOLUTION
        for param in self.params:
            if set_to_none:
                param.grad = None
            elif param.grad is not None:
                param.grad = torch.zeros_like(param.grad)
        ### END SOLUTION


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
        ### BEGIN SOLUTION
        self.params = list(params)
        if not self.params:
            raise ValueError("there are no parameters to optimize")
        if lr < 0 or eps < 0 or weight_decay < 0:
            raise ValueError("lr, eps and weight_decay must not be negative")
        if not all(0 <= beta < 1 for beta in betas):
            raise ValueError(f"both betas must lie in [0, 1), but are {betas}")
        self.lr = lr
        self.betas = betas
        self.eps = eps
        self.weight_decay = weight_decay
        self.steps: dict[torch.Tensor, int] = {}
        self.means: dict[torch.Tensor, torch.Tensor] = {}
        self.squares: dict[torch.Tensor, torch.Tensor] = {}
        ### END SOLUTION

    def step(self) -> None:
        """Move every parameter that has a grad, in place and without a graph; leave the grads.

        A parameter whose grad is None is skipped: neither it nor its m, v and t change.
        """
        ### BEGIN SOLUTION
        beta1, beta2 = self.betas
        with torch.no_grad():
            for param in self.params:
                if param.grad is None:
                    continue
                grad = param.grad
                if self.weight_decay != 0:
                    grad = grad + self.weight_decay * param
                if param not in self.steps:
                    self.steps[param] = 0
                    self.means[param] = torch.zeros_like(param)
                    self.squares[param] = torch.zeros_like(param)
                self.steps[param] += 1
                mean = self.means[param].mul_(beta1).add_(grad, alpha=1 - beta1)
                square = self.squares[param].mul_(beta2).add_(grad.square(), alpha=1 - beta2)
                mean_hat = mean / (1 - beta1 ** self.steps[param])
                square_hat = square / (1 - beta2 ** self.steps[param])
                param -= self.lr * mean_hat / (square_hat.sqrt() + self.eps)
        ### END SOLUTION

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Set the grad of every parameter to None; with `set_to_none=False`, fill it with zeros.

        A grad that is None stays None.
        """
        ### BEGIN SOLUTION
        for param in self.params:
            if set_to_none:
                param.grad = None
            elif param.grad is not None:
                param.grad = torch.zeros_like(param.grad)
        ### END SOLUTION


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
    ### BEGIN SOLUTION
    names = ["SGD", "Adam", "SparseAdam", "Adagrad", "Adadelta"]
    names += ["Adamax", "RMSprop", "Rprop", "ASGD", "LBFGS"]
    if name not in names:
        raise ValueError(f"there is no optimizer {name!r}; choose one of: {', '.join(names)}")
    return getattr(torch.optim, name)(params, lr=lr)
    ### END SOLUTION
