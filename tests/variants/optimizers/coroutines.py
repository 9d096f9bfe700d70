"""A generator for each parameter: it is sent the gradients, and remembers in its locals."""

import itertools

import torch


class Sent:
    def __init__(self, params, decay, rule, *nonnegative):
        if min(decay, *nonnegative) < 0:
            raise ValueError("a negative hyperparameter")
        self.decay = decay
        self.rules = []
        for p in params:
            running = rule(p)
            next(running)
            self.rules.append((p, running))
        if not self.rules:
            raise ValueError("no parameters")

    @torch.no_grad()
    def step(self):
        for p, running in self.rules:
            if p.grad is not None:
                p -= running.send(torch.add(p.grad, p, alpha=self.decay))

    def zero_grad(self, set_to_none=True):
        for p, _ in self.rules:
            if p.grad is not None:
                p.grad = None if set_to_none else torch.zeros_like(p)


def betas_or_error(betas):
    for beta in betas:
        if beta < 0 or beta >= 1:
            raise ValueError(f"beta {beta}")
    return betas


class SGD(Sent):
    def __init__(self, params, lr, momentum=0, dampening=0, weight_decay=0, nesterov=False):
        def rule(p):
            g = yield
            b = g
            while True:
                along = g + momentum * b if nesterov else b
                g = yield lr * (along if momentum else g)
                b = momentum * b + (1 - dampening) * g

        if nesterov and (not momentum or dampening):
            raise ValueError("nesterov")
        super().__init__(params, weight_decay, rule, lr, momentum)


class Adam(Sent):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0):
        b1, b2 = betas_or_error(betas)

        def rule(p):
            m, v, move = torch.zeros_like(p), torch.zeros_like(p), None
            for t in itertools.count(1):
                g = yield move
                m = torch.lerp(g, m, b1)
                v = torch.lerp(g * g, v, b2)
                move = lr * m / (1 - b1**t) / (torch.sqrt(v / (1 - b2**t)) + eps)

        super().__init__(params, weight_decay, rule, lr, eps)


class Adagrad(Sent):
    def __init__(
        self, params, lr=1e-2, lr_decay=0, weight_decay=0, initial_accumulator_value=0, eps=1e-10
    ):
        def rule(p):
            total, move = torch.zeros_like(p) + initial_accumulator_value, None
            for t in itertools.count():
                g = yield move
                total = total + g**2
                move = lr / (1 + t * lr_decay) * g / (total.sqrt() + eps)

        more = lr_decay, initial_accumulator_value, eps
        super().__init__(params, weight_decay, rule, lr, *more)


class RMSprop(Sent):
    def __init__(
        self, params, lr=1e-2, alpha=0.99, eps=1e-8, weight_decay=0, momentum=0, centered=False
    ):
        def rule(p):
            v = m = b = torch.zeros_like(p)
            while True:
                g = yield lr * b
                v = alpha * v + (1 - alpha) * g**2
                m = alpha * m + (1 - alpha) * g
                spread = v - m**2 if centered else v
                b = momentum * b + g / (spread.sqrt() + eps)

        super().__init__(params, weight_decay, rule, lr, alpha, eps, momentum)


class Adadelta(Sent):
    def __init__(self, params, lr=1.0, rho=0.9, eps=1e-6, weight_decay=0):
        def rule(p):
            v = u = d = torch.zeros_like(p)
            while True:
                g = yield lr * d
                v = rho * v + (1 - rho) * g**2
                d = (u + eps).sqrt() * g * (v + eps).rsqrt()
                u = rho * u + (1 - rho) * d**2

        if rho != min(max(rho, 0), 1):
            raise ValueError("rho")
        super().__init__(params, weight_decay, rule, lr, eps)


class Adamax(Sent):
    def __init__(self, params, lr=2e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0):
        b1, b2 = betas_or_error(betas)

        def rule(p):
            m, u, move, power = torch.zeros_like(p), torch.zeros_like(p), None, 1.0
            while True:
                g = yield move
                power *= b1
                m = b1 * m + (1 - b1) * g
                u = torch.max(b2 * u, g.abs() + eps)
                move = lr / (1 - power) * m / u

        super().__init__(params, weight_decay, rule, lr, eps)


class Rprop(Sent):
    def __init__(self, params, lr=1e-2, etas=(0.5, 1.2), step_sizes=(1e-6, 50)):
        low, high = etas
        if not (0 < low < 1 and high > 1):
            raise ValueError("etas")

        def rule(p):
            size, previous, move = torch.ones_like(p) * lr, torch.zeros_like(p), None
            while True:
                g = yield move
                product = torch.sign(g) * torch.sign(previous)
                size = torch.where(product == 1, size * high, size)
                size = torch.where(product == -1, size * low, size)
                size = torch.clamp(size, step_sizes[0], step_sizes[1])
                previous = torch.where(product == -1, torch.zeros_like(g), g)
                move = size * torch.sign(previous)

        super().__init__(params, 0, rule, lr)


class ASGD(Sent):
    def __init__(self, params, lr=1e-2, lambd=1e-4, alpha=0.75, t0=1e6, weight_decay=0):
        def rule(p):
            move, eta = None, lr
            for t in itertools.count(1):
                g = yield move
                move = eta * lambd * p + eta * g
                eta = lr / (1 + lambd * lr * t) ** alpha

        super().__init__(params, weight_decay, rule, lr)
