"""No no_grad but `.data`, no class in common, and state in lists by the parameter's place."""

import math

import torch


def _clear(params, set_to_none):
    for p in params:
        if set_to_none:
            p.grad = None
        elif p.grad is not None:
            p.grad.data.zero_()


class SGD:
    def __init__(self, params, lr, momentum=0, dampening=0, weight_decay=0, nesterov=False):
        self.ps = list(params)
        if len(self.ps) == 0:
            raise ValueError("no parameters")
        if lr < 0 or momentum < 0 or weight_decay < 0:
            raise ValueError("negative")
        if nesterov and (momentum <= 0 or dampening != 0):
            raise ValueError("nesterov")
        self.lr, self.mu, self.tau, self.wd = lr, momentum, dampening, weight_decay
        self.nesterov = nesterov
        self.bufs = [None] * len(self.ps)

    def zero_grad(self, set_to_none=True):
        _clear(self.ps, set_to_none)

    def step(self):
        for i, p in enumerate(self.ps):
            if p.grad is None:
                continue
            g = p.grad.data
            if self.wd != 0:
                g = g.add(p.data, alpha=self.wd)
            if self.mu != 0:
                if self.bufs[i] is None:
                    self.bufs[i] = g.clone()
                else:
                    self.bufs[i].mul_(self.mu).add_(g, alpha=1 - self.tau)
                g = g.add(self.bufs[i], alpha=self.mu) if self.nesterov else self.bufs[i]
            p.data.add_(g, alpha=-self.lr)


class Adam:
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0):
        self.ps = list(params)
        if len(self.ps) == 0:
            raise ValueError("no parameters")
        for name, value in [("lr", lr), ("eps", eps), ("weight_decay", weight_decay)]:
            if value < 0:
                raise ValueError(name)
        if not 0 <= betas[0] < 1 or not 0 <= betas[1] < 1:
            raise ValueError("betas")
        self.lr, (self.b1, self.b2), self.eps, self.wd = lr, betas, eps, weight_decay
        self.ms = [torch.zeros_like(p.data) for p in self.ps]
        self.vs = [torch.zeros_like(p.data) for p in self.ps]
        self.ts = [0 for _ in self.ps]

    def zero_grad(self, set_to_none=True):
        _clear(self.ps, set_to_none)

    def step(self):
        for i, (p, m, v) in enumerate(zip(self.ps, self.ms, self.vs, strict=True)):
            if p.grad is None:
                continue
            g = p.grad.data + self.wd * p.data
            self.ts[i] += 1
            m.copy_(self.b1 * m + (1 - self.b1) * g)
            v.copy_(self.b2 * v + (1 - self.b2) * g * g)
            correction = math.sqrt(1 - self.b2 ** self.ts[i])
            rate = self.lr * correction / (1 - self.b1 ** self.ts[i])
            p.data -= rate * m / (v.sqrt() + self.eps * correction)


class Rprop:
    def __init__(self, params, lr=1e-2, etas=(0.5, 1.2), step_sizes=(1e-6, 50)):
        self.ps = list(params)
        if len(self.ps) == 0 or lr < 0:
            raise ValueError("parameters or lr")
        if not 0 < etas[0] < 1 < etas[1]:
            raise ValueError("etas")
        self.etas, self.bounds = etas, step_sizes
        self.sizes = [torch.full_like(p.data, lr) for p in self.ps]
        self.olds = [torch.zeros_like(p.data) for p in self.ps]

    def zero_grad(self, set_to_none=True):
        _clear(self.ps, set_to_none)

    def step(self):
        for p, size, old in zip(self.ps, self.sizes, self.olds, strict=True):
            if p.grad is None:
                continue
            g = p.grad.data.clone()
            flipped = g * old < 0
            size[g * old > 0] *= self.etas[1]
            size[flipped] *= self.etas[0]
            size.clamp_(*self.bounds)
            g[flipped] = 0
            p.data -= torch.sign(g) * size
            old.copy_(g)


class ASGD:
    def __init__(self, params, lr=1e-2, lambd=1e-4, alpha=0.75, t0=1e6, weight_decay=0):
        self.ps = list(params)
        if len(self.ps) == 0 or lr < 0 or weight_decay < 0:
            raise ValueError("no parameters, or a negative setting")
        self.settings = lr, lambd, alpha, weight_decay
        self.etas = [lr for _ in self.ps]
        self.ts = [0 for _ in self.ps]

    def zero_grad(self, set_to_none=True):
        _clear(self.ps, set_to_none)

    def step(self):
        lr, lambd, alpha, decay = self.settings
        for i, p in enumerate(self.ps):
            if p.grad is not None:
                g = p.grad.data + decay * p.data
                p.data.mul_(1 - lambd * self.etas[i]).sub_(self.etas[i] * g)
                self.ts[i] += 1
                self.etas[i] = lr / math.pow(1 + lambd * lr * self.ts[i], alpha)


def make_optimizer(name, params, lr):
    classes = {
        "SGD": torch.optim.SGD,
        "Adam": torch.optim.Adam,
        "SparseAdam": torch.optim.SparseAdam,
        "Adagrad": torch.optim.Adagrad,
        "Adadelta": torch.optim.Adadelta,
        "Adamax": torch.optim.Adamax,
        "RMSprop": torch.optim.RMSprop,
        "Rprop": torch.optim.Rprop,
        "ASGD": torch.optim.ASGD,
        "LBFGS": torch.optim.LBFGS,
    }
    try:
        return classes[name](params, lr=lr)
    except KeyError:
        raise ValueError("choose from " + " ".join(classes)) from None
