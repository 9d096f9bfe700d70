"""Dataclasses: the settings are fields, and what is remembered is a small dataclass too."""

from dataclasses import dataclass, field
from typing import Any

import torch


@dataclass
class Memory:
    steps: int = 0
    first: Any = 0.0
    second: Any = 0.0
    third: Any = 0.0


class Stepping:
    def __post_init__(self):
        self.params = tuple(self.params)
        self.memories = {p: Memory() for p in self.params}
        negative = [name for name in self.nonnegative() if getattr(self, name) < 0]
        if negative or not self.params or not self.acceptable():
            raise ValueError(f"negative: {negative}, parameters: {len(self.params)}")

    def nonnegative(self):
        asked = "lr momentum weight_decay eps lr_decay initial_accumulator_value"
        return [name for name in asked.split() if hasattr(self, name)]

    def acceptable(self):
        return True

    def zero_grad(self, set_to_none=True):
        for p in self.params:
            match p.grad, set_to_none:
                case None, _:
                    continue
                case _, True:
                    p.grad = None
                case grad, False:
                    grad.fill_(0)

    def step(self):
        for p in filter(lambda p: p.grad is not None, self.params):
            with torch.no_grad():
                self.memories[p].steps += 1
                decay = getattr(self, "weight_decay", 0)
                p += self.change(p, p.grad + decay * p, self.memories[p])


@dataclass
class SGD(Stepping):
    params: Any
    lr: float
    momentum: float = 0
    dampening: float = 0
    weight_decay: float = 0
    nesterov: bool = False

    def acceptable(self):
        return not self.nesterov or (self.momentum > 0 and self.dampening == 0)

    def change(self, p, g, memory):
        if not self.momentum:
            return -self.lr * g
        if memory.steps == 1:
            memory.first = g
        else:
            memory.first = self.momentum * memory.first + (1 - self.dampening) * g
        along = g + self.momentum * memory.first if self.nesterov else memory.first
        return -self.lr * along


@dataclass
class Adam(Stepping):
    params: Any
    lr: float = 1e-3
    betas: tuple = (0.9, 0.999)
    eps: float = 1e-8
    weight_decay: float = 0

    def acceptable(self):
        return all(0 <= beta < 1 for beta in self.betas)

    def change(self, p, g, memory):
        b1, b2 = self.betas
        memory.first += (1 - b1) * (g - memory.first)
        memory.second += (1 - b2) * (g.pow(2) - memory.second)
        m = memory.first / (1 - b1**memory.steps)
        v = memory.second / (1 - b2**memory.steps)
        return -self.lr * m / (v.sqrt() + self.eps)


@dataclass
class Adagrad(Stepping):
    params: Any
    lr: float = 1e-2
    lr_decay: float = 0
    weight_decay: float = 0
    initial_accumulator_value: float = 0
    eps: float = 1e-10

    def change(self, p, g, memory):
        memory.first = memory.first + torch.square(g)
        root = torch.sqrt(self.initial_accumulator_value + memory.first)
        return -self.lr * g / (root + self.eps) / (1 + self.lr_decay * (memory.steps - 1))


@dataclass
class RMSprop(Stepping):
    params: Any
    lr: float = 1e-2
    alpha: float = 0.99
    eps: float = 1e-8
    weight_decay: float = 0
    momentum: float = 0
    centered: bool = False

    def acceptable(self):
        return self.alpha >= 0

    def change(self, p, g, memory):
        memory.first = self.alpha * memory.first + (1 - self.alpha) * g**2
        inside = memory.first
        if self.centered:
            memory.second = self.alpha * memory.second + (1 - self.alpha) * g
            inside = inside - memory.second**2
        memory.third = self.momentum * memory.third - self.lr * g / (inside.sqrt() + self.eps)
        return memory.third


@dataclass
class Adadelta(Stepping):
    params: Any
    lr: float = 1.0
    rho: float = 0.9
    eps: float = 1e-6
    weight_decay: float = 0

    def acceptable(self):
        return 0 <= self.rho <= 1

    def change(self, p, g, memory):
        memory.first = self.rho * memory.first + (1 - self.rho) * g**2
        delta = torch.sqrt((memory.second + self.eps) / (memory.first + self.eps)) * -g
        memory.second = self.rho * memory.second + (1 - self.rho) * delta**2
        return self.lr * delta


@dataclass
class Adamax(Stepping):
    params: Any
    lr: float = 2e-3
    betas: tuple = (0.9, 0.999)
    eps: float = 1e-8
    weight_decay: float = 0

    def acceptable(self):
        return all(0 <= beta < 1 for beta in self.betas)

    def change(self, p, g, memory):
        b1, b2 = self.betas
        memory.first = b1 * memory.first + (1 - b1) * g
        memory.second = (g.abs() + self.eps).max(memory.second + torch.zeros_like(g))
        move = memory.first / memory.second / (1 - b1**memory.steps)
        memory.second = b2 * memory.second
        return -self.lr * move


@dataclass
class Rprop(Stepping):
    params: Any
    lr: float = 1e-2
    etas: tuple = (0.5, 1.2)
    step_sizes: tuple = (1e-6, 50)

    def acceptable(self):
        return 0 < self.etas[0] < 1 < self.etas[1]

    def change(self, p, g, memory):
        agree = torch.sign(g * memory.first)
        factors = {-1: self.etas[0], 0: 1.0, 1: self.etas[1]}
        factor = sum(torch.eq(agree, sign) * by for sign, by in factors.items())
        size = memory.second if memory.steps > 1 else self.lr
        memory.second = torch.clamp(size * factor, min(self.step_sizes), max(self.step_sizes))
        memory.first = g.masked_fill(agree < 0, 0)
        return -memory.first.sign() * memory.second


@dataclass
class ASGD(Stepping):
    params: Any
    lr: float = 1e-2
    lambd: float = 1e-4
    alpha: float = 0.75
    t0: float = 1e6
    weight_decay: float = 0
    kept: dict = field(default_factory=dict)

    def change(self, p, g, memory):
        eta = self.lr / (1 + self.lambd * self.lr * (memory.steps - 1)) ** self.alpha
        return -eta * (self.lambd * p + g)


def make_optimizer(name, params, lr):
    match name:
        case "SGD" | "Adam" | "SparseAdam" | "Adagrad" | "Adadelta" as known:
            pass
        case "Adamax" | "RMSprop" | "Rprop" | "ASGD" | "LBFGS" as known:
            pass
        case other:
            names = "SGD, Adam, SparseAdam, Adagrad, Adadelta, Adamax, RMSprop, Rprop, ASGD, LBFGS"
            raise ValueError(f"{other!r}: known are {names}")
    return getattr(torch.optim, known)(params=params, lr=lr)
