"""A family: each class is one before it with a method changed; make_optimizer by an enumeration."""

from enum import Enum

import torch


class Descent:
    def __init__(self, params, lr, weight_decay=0, **others):
        self.params = list(params)
        checked = {"lr": lr, "weight_decay": weight_decay, **others}
        wrong = [name for name, value in checked.items() if value < 0]
        if wrong or not self.params:
            raise ValueError(", ".join(wrong) or "no parameters")
        vars(self).update(checked)
        self.memory = {}

    def zero_grad(self, set_to_none=True):
        for p in self.params:
            if not set_to_none and p.grad is not None:
                torch.zero_(p.grad)
            if set_to_none:
                p.grad = None

    def step(self):
        for p in self.params:
            if p.grad is not None:
                with torch.no_grad():
                    g = p.grad + self.weight_decay * p
                    self.memory[p] = self.memory.get(p, ()) or self.first(p)
                    move, self.memory[p] = self.turn(g, *self.memory[p])
                    p -= self.lr * move

    def first(self, p):
        return (0, 0, 0)

    def refuse(self, wrong, name):
        if wrong:
            raise ValueError(name)


class SGD(Descent):
    def __init__(self, params, lr, momentum=0, dampening=0, weight_decay=0, nesterov=False):
        super().__init__(params, lr, weight_decay, momentum=momentum)
        self.refuse(nesterov and (not momentum or dampening), "nesterov")
        self.dampening, self.nesterov = dampening, nesterov

    def turn(self, g, t, b, _):
        if not self.momentum:
            return g, (t, b, _)
        b = self.momentum * b + (1 - self.dampening if t else 1) * g
        return (g + self.momentum * b if self.nesterov else b), (t + 1, b, _)


class Adam(Descent):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0):
        super().__init__(params, lr, weight_decay, eps=eps)
        self.refuse(not all(0 <= beta < 1 for beta in betas), "betas")
        self.betas = betas

    def turn(self, g, t, m, v):
        m = self.betas[0] * m + (1 - self.betas[0]) * g
        v = self.seen(v, g)
        return m / (1 - self.betas[0] ** (t + 1)) / self.size(v, t + 1), (t + 1, m, v)

    def seen(self, v, g):
        return self.betas[1] * v + (1 - self.betas[1]) * g**2

    def size(self, v, t):
        return (v / (1 - self.betas[1] ** t)).sqrt() + self.eps


class Adamax(Adam):
    def __init__(self, params, lr=2e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0):
        super().__init__(params, lr, betas, eps, weight_decay)

    def seen(self, v, g):
        return (torch.zeros_like(g) + self.betas[1] * v).maximum(g.abs() + self.eps)

    def size(self, v, t):
        return v


class Adagrad(Descent):
    def __init__(
        self, params, lr=1e-2, lr_decay=0, weight_decay=0, initial_accumulator_value=0, eps=1e-10
    ):
        more = {"eps": eps, "lr_decay": lr_decay}
        super().__init__(params, lr, weight_decay, start=initial_accumulator_value, **more)

    def first(self, p):
        return (0, torch.full_like(p, self.start), 0)

    def turn(self, g, t, v, b):
        v = self.seen(v, g)
        return g / (v.sqrt() + self.eps) / (1 + t * self.lr_decay), (t + 1, v, b)

    def seen(self, v, g):
        return v + g**2


class RMSprop(Adagrad):
    def __init__(
        self, params, lr=1e-2, alpha=0.99, eps=1e-8, weight_decay=0, momentum=0, centered=False
    ):
        super().__init__(params, lr, weight_decay=weight_decay, eps=eps)
        self.refuse(min(alpha, momentum) < 0, "alpha or momentum")
        self.alpha, self.momentum, self.centered = alpha, momentum, centered

    def first(self, p):
        return (0, (0, 0), 0)

    def turn(self, g, t, averages, b):
        v, m = (
            self.alpha * old + (1 - self.alpha) * new
            for old, new in zip(averages, (g**2, g), strict=True)
        )
        scaled = g / ((v - m**2 if self.centered else v).sqrt() + self.eps)
        b = self.momentum * b + scaled
        return b, (t, (v, m), b)


class Adadelta(Descent):
    def __init__(self, params, lr=1.0, rho=0.9, eps=1e-6, weight_decay=0):
        super().__init__(params, lr, weight_decay, eps=eps)
        self.refuse(not 0 <= rho <= 1, "rho")
        self.rho = rho

    def turn(self, g, t, v, u):
        v = self.rho * v + (1 - self.rho) * g**2
        move = (u + self.eps) ** 0.5 * (v + self.eps) ** -0.5 * g
        return move, (t, v, self.rho * u + (1 - self.rho) * move**2)


class ASGD(SGD):
    def __init__(self, params, lr=1e-2, lambd=1e-4, alpha=0.75, t0=1e6, weight_decay=0):
        super().__init__(params, lr, weight_decay=weight_decay)
        self.lambd, self.alpha = lambd, alpha
        self.counts = dict.fromkeys(self.params, 0)

    def step(self):
        with torch.no_grad():
            for p in self.params:
                if p.grad is not None:
                    slower = (1 + self.lambd * self.lr * self.counts[p]) ** self.alpha
                    eta = self.lr / slower
                    g = p.grad + self.weight_decay * p
                    p.mul_(1 - self.lambd * eta).add_(g, alpha=-eta)
                    self.counts[p] += 1


class Known(Enum):
    SGD = torch.optim.SGD
    Adam = torch.optim.Adam
    SparseAdam = torch.optim.SparseAdam
    Adagrad = torch.optim.Adagrad
    Adadelta = torch.optim.Adadelta
    Adamax = torch.optim.Adamax
    RMSprop = torch.optim.RMSprop
    Rprop = torch.optim.Rprop
    ASGD = torch.optim.ASGD
    LBFGS = torch.optim.LBFGS


def make_optimizer(name, params, lr):
    if name not in Known.__members__:
        raise ValueError(f"{name!r} is not in {[*Known.__members__]}")
    return Known[name].value(params, lr=lr)
