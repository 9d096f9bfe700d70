"""Everything in float64, the parameters' own dtype only in the end; make_optimizer by a partial."""

from functools import partial

import torch


class Precise:
    def __init__(self, params, lr, weight_decay=0, eps=0.0):
        self.params = list(params)
        if not self.params or lr < 0 or weight_decay < 0 or eps < 0:
            raise ValueError("bad arguments")
        self.lr, self.weight_decay, self.eps = lr, weight_decay, eps
        self.exact = [{"t": 0} for _ in self.params]

    def zero_grad(self, set_to_none=True):
        for p in self.params:
            if p.grad is not None:
                p.grad = None if set_to_none else torch.zeros_like(p.grad)

    @torch.no_grad()
    def step(self):
        for p, kept in zip(self.params, self.exact, strict=True):
            if p.grad is None:
                continue
            x, g = p.double(), p.grad.double()
            kept["t"] += 1
            p.copy_(self.moved(x, g + self.weight_decay * x, kept))


class SGD(Precise):
    def __init__(self, params, lr, momentum=0, dampening=0, weight_decay=0, nesterov=False):
        if momentum < 0 or (nesterov and not (momentum > 0 and dampening == 0)):
            raise ValueError("momentum or nesterov")
        super().__init__(params, lr, weight_decay)
        self.momentum, self.dampening, self.nesterov = momentum, dampening, nesterov

    def moved(self, x, g, kept):
        if self.momentum == 0:
            return x - self.lr * g
        kept["b"] = self.momentum * kept["b"] + (1 - self.dampening) * g if "b" in kept else g
        return x - self.lr * (g + self.momentum * kept["b"] if self.nesterov else kept["b"])


class Adam(Precise):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0):
        super().__init__(params, lr, weight_decay, eps)
        if {beta for beta in betas if not 0 <= beta < 1}:
            raise ValueError("betas")
        self.betas = betas

    def moved(self, x, g, kept):
        t = kept["t"]
        for name, new, beta in zip("mv", (g, g**2), self.betas, strict=True):
            kept[name] = beta * kept.get(name, 0) + (1 - beta) * new
        m, v = (kept[name] / (1 - beta**t) for name, beta in zip("mv", self.betas, strict=True))
        return x - self.lr * m / (v**0.5 + self.eps)


class Adagrad(Precise):
    def __init__(
        self, params, lr=1e-2, lr_decay=0, weight_decay=0, initial_accumulator_value=0, eps=1e-10
    ):
        super().__init__(params, lr, weight_decay, eps)
        if lr_decay < 0 or initial_accumulator_value < 0:
            raise ValueError("lr_decay or initial_accumulator_value")
        self.lr_decay, self.initial = lr_decay, initial_accumulator_value

    def moved(self, x, g, kept):
        kept["s"] = kept.get("s", self.initial) + g**2
        return x - self.lr / (1 + (kept["t"] - 1) * self.lr_decay) * g / (
            kept["s"] ** 0.5 + self.eps
        )


class RMSprop(Precise):
    def __init__(
        self, params, lr=1e-2, alpha=0.99, eps=1e-8, weight_decay=0, momentum=0, centered=False
    ):
        super().__init__(params, lr, weight_decay, eps)
        if alpha < 0 or momentum < 0:
            raise ValueError("alpha or momentum")
        self.alpha, self.momentum, self.centered = alpha, momentum, centered

    def moved(self, x, g, kept):
        for name, new in (("v", g**2), ("m", g)):
            kept[name] = self.alpha * kept.get(name, 0) + (1 - self.alpha) * new
        inside = kept["v"] - kept["m"] ** 2 if self.centered else kept["v"]
        kept["b"] = self.momentum * kept.get("b", 0) + g / (inside**0.5 + self.eps)
        return x - self.lr * kept["b"]


class Rprop(Precise):
    def __init__(self, params, lr=1e-2, etas=(0.5, 1.2), step_sizes=(1e-6, 50)):
        super().__init__(params, lr)
        if not 0 < etas[0] < 1 < etas[1]:
            raise ValueError("etas")
        self.etas, self.step_sizes = etas, step_sizes

    def moved(self, x, g, kept):
        product = g * kept.get("g", 0)
        factor = torch.ones_like(g).masked_fill(product > 0, self.etas[1])
        factor.masked_fill_(product < 0, self.etas[0])
        kept["s"] = (kept.get("s", self.lr) * factor).clamp(*self.step_sizes)
        kept["g"] = g * (product >= 0)
        return x - kept["s"] * kept["g"].sign()


def make_optimizer(name, params, lr):
    optim = torch.optim
    first = [optim.SGD, optim.Adam, optim.SparseAdam, optim.Adagrad, optim.Adadelta]
    second = [optim.Adamax, optim.RMSprop, optim.Rprop, optim.ASGD, optim.LBFGS]
    made = {kind.__name__: partial(kind, lr=lr) for kind in first + second}
    if name not in made:
        raise ValueError(f"{name}: {list(made)}")
    return made[name](params)
