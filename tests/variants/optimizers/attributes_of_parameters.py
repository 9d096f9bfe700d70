"""What is remembered is written on the parameter itself, under names of the optimizer's own."""

import torch


class Annotating:
    def __init__(self, params):
        self.params = list(params)
        assert_or_raise(self.params)

    def zero_grad(self, set_to_none=True):
        for p in self.params:
            if p.grad is None:
                continue
            if set_to_none:
                del p.grad
            else:
                p.grad.mul_(0)

    def step(self):
        for p in self.params:
            if p.grad is not None:
                self.update_one(p)


def assert_or_raise(*conditions):
    if not all(conditions):
        raise ValueError("no parameters, or bad hyperparameters")


class SGD(Annotating):
    def __init__(self, params, lr, momentum=0, dampening=0, weight_decay=0, nesterov=False):
        super().__init__(params)
        assert_or_raise(lr >= 0, momentum >= 0, weight_decay >= 0)
        assert_or_raise(not nesterov or (momentum and not dampening))
        self.settings = lr, momentum, dampening, weight_decay, nesterov

    @torch.no_grad()
    def update_one(self, p):
        lr, momentum, dampening, decay, nesterov = self.settings
        g = torch.add(p.grad, p, alpha=decay)
        if momentum:
            damped = g if not hasattr(p, "_buffer") else (1 - dampening) * g
            p._buffer = momentum * getattr(p, "_buffer", 0) + damped
            g = g.add(p._buffer, alpha=momentum) if nesterov else p._buffer
        p.subtract_(g, alpha=lr)


class Adam(Annotating):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0):
        super().__init__(params)
        assert_or_raise(lr >= 0, eps >= 0, weight_decay >= 0)
        assert_or_raise(*[0 <= beta < 1 for beta in betas])
        self.settings = lr, *betas, eps, weight_decay
        for p in self.params:
            p._t, p._m, p._v = 0, torch.zeros_like(p), torch.zeros_like(p)

    @torch.no_grad()
    def update_one(self, p):
        lr, b1, b2, eps, decay = self.settings
        g = p.grad.add(p, alpha=decay)
        p._t += 1
        p._m.mul_(b1).add_((1 - b1) * g)
        p._v.mul_(b2).add_((1 - b2) * g.pow(2))
        p.sub_(lr * p._m.div(1 - b1**p._t) / p._v.div(1 - b2**p._t).sqrt().add(eps))


class Adagrad(Annotating):
    def __init__(
        self, params, lr=1e-2, lr_decay=0, weight_decay=0, initial_accumulator_value=0, eps=1e-10
    ):
        super().__init__(params)
        settings = lr, lr_decay, weight_decay, initial_accumulator_value, eps
        assert_or_raise(*[value >= 0 for value in settings])
        self.settings = settings

    @torch.no_grad()
    def update_one(self, p):
        lr, lr_decay, decay, initial, eps = self.settings
        g = p.grad.add(p, alpha=decay)
        p._times = getattr(p, "_times", -1) + 1
        p._sum = getattr(p, "_sum", torch.tensor(initial).to(p)) + g.square()
        p.sub_(lr * g.div(p._sum.sqrt().add(eps)).div(1 + p._times * lr_decay))


class RMSprop(Annotating):
    def __init__(
        self, params, lr=1e-2, alpha=0.99, eps=1e-8, weight_decay=0, momentum=0, centered=False
    ):
        super().__init__(params)
        settings = lr, alpha, eps, weight_decay, momentum
        assert_or_raise(*[value >= 0 for value in settings])
        self.settings = *settings, centered
        for p in self.params:
            p._v, p._m, p._b = torch.zeros(3, *p.shape, dtype=p.dtype, device=p.device)

    @torch.no_grad()
    def update_one(self, p):
        lr, alpha, eps, decay, momentum, centered = self.settings
        g = p.grad.add(p, alpha=decay)
        p._v.mul_(alpha).addcmul_(g, g, value=1 - alpha)
        p._m.lerp_(g, 1 - alpha)
        below = torch.sqrt(p._v - centered * p._m**2) + eps
        p._b.mul_(momentum).addcdiv_(g, below)
        p.sub_(p._b, alpha=lr)


class Adadelta(Annotating):
    def __init__(self, params, lr=1.0, rho=0.9, eps=1e-6, weight_decay=0):
        super().__init__(params)
        assert_or_raise(lr >= 0, 0 <= rho <= 1, eps >= 0, weight_decay >= 0)
        self.settings = lr, rho, eps, weight_decay

    @torch.no_grad()
    def update_one(self, p):
        lr, rho, eps, decay = self.settings
        g = p.grad.add(p, alpha=decay)
        p._v = rho * getattr(p, "_v", 0) + (1 - rho) * g.square()
        d = g * torch.sqrt((getattr(p, "_u", 0) + eps) / (p._v + eps))
        p._u = rho * getattr(p, "_u", 0) + (1 - rho) * d.square()
        p.sub_(d, alpha=lr)


class Adamax(Annotating):
    def __init__(self, params, lr=2e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0):
        super().__init__(params)
        assert_or_raise(lr >= 0, eps >= 0, weight_decay >= 0)
        assert_or_raise(*[0 <= beta < 1 for beta in betas])
        self.settings = lr, *betas, eps, weight_decay

    @torch.no_grad()
    def update_one(self, p):
        lr, b1, b2, eps, decay = self.settings
        g = p.grad.add(p, alpha=decay)
        p._t = getattr(p, "_t", 0) + 1
        p._m = b1 * getattr(p, "_m", 0) + (1 - b1) * g
        p._u = torch.fmax(torch.as_tensor(b2 * getattr(p, "_u", 0)).to(g), g.abs() + eps)
        p.sub_(p._m / p._u, alpha=lr / (1 - b1**p._t))


class ASGD(Annotating):
    def __init__(self, params, lr=1e-2, lambd=1e-4, alpha=0.75, t0=1e6, weight_decay=0):
        super().__init__(params)
        assert_or_raise(lr >= 0, weight_decay >= 0)
        self.settings = lr, lambd, alpha, t0, weight_decay

    @torch.no_grad()
    def update_one(self, p):
        lr, lambd, alpha, t0, decay = self.settings
        p._t = getattr(p, "_t", 0) + 1
        eta = lr / (1 + lambd * lr * (p._t - 1)) ** alpha
        g = p.grad.add(p, alpha=decay)
        p.mul_(1 - lambd * eta).sub_(g, alpha=eta)
        weight = 1 / max(1, p._t - t0)  # the average: no one asks for it
        p._average = getattr(p, "_average", 0) * (1 - weight) + weight * p
