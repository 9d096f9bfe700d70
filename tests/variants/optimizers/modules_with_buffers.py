"""nn.Modules that keep what they remember in buffers; one module for each parameter."""

import torch
from torch import nn


class OfOne(nn.Module):
    """The rule for one parameter: `forward` gives what is subtracted from it."""

    def __init__(self, parameter, settings, buffers):
        super().__init__()
        self.settings = settings
        for name, fill in buffers.items():
            self.register_buffer(name, torch.full_like(parameter.detach(), fill))
        self.t = 0

    def forward(self, x, g):
        self.t += 1
        return self.rule(g + self.settings.get("weight_decay", 0) * x, **self.settings)


class OfMany:
    kind, buffers = OfOne, {}

    def __init__(self, params, **settings):
        for name, value in settings.items():
            if name in ("lr", "eps", "weight_decay", "alpha", "momentum", "lr_decay") and value < 0:
                raise ValueError(name)
        self.pairs = [(p, self.kind(p, settings, self.begin(settings))) for p in params]
        if len(self.pairs) < 1:
            raise ValueError("no parameters")

    def begin(self, settings):
        return dict.fromkeys(self.buffers, 0.0)

    def step(self):
        with torch.no_grad():
            for p, rule in self.pairs:
                if p.grad is not None:
                    p.add_(rule(p, p.grad), alpha=-1)

    def zero_grad(self, set_to_none=True):
        for p, _ in self.pairs:
            if set_to_none:
                p.grad = None
            elif p.grad is not None:
                p.grad.zero_()


class RMSpropRule(OfOne):
    def rule(self, g, lr, alpha, eps, weight_decay, momentum, centered):
        self.v.lerp_(g * g, 1 - alpha)
        self.m.lerp_(g, 1 - alpha)
        below = (self.v - self.m * self.m).sqrt() if centered else self.v.sqrt()
        self.b.mul_(momentum).add_(g / (below + eps))
        return lr * self.b


class RMSprop(OfMany):
    kind, buffers = RMSpropRule, "vmb"

    def __init__(
        self, params, lr=1e-2, alpha=0.99, eps=1e-8, weight_decay=0, momentum=0, centered=False
    ):
        more = {"weight_decay": weight_decay, "momentum": momentum, "centered": centered}
        super().__init__(params, lr=lr, alpha=alpha, eps=eps, **more)


class AdadeltaRule(OfOne):
    def rule(self, g, lr, rho, eps, weight_decay):
        self.v.mul_(rho).add_(g * g, alpha=1 - rho)
        d = self.u.add(eps).div(self.v.add(eps)).sqrt().mul(g)
        self.u.mul_(rho).add_(d * d, alpha=1 - rho)
        return lr * d


class Adadelta(OfMany):
    kind, buffers = AdadeltaRule, "vu"

    def __init__(self, params, lr=1.0, rho=0.9, eps=1e-6, weight_decay=0):
        if not 0 <= rho <= 1:
            raise ValueError("rho")
        super().__init__(params, lr=lr, rho=rho, eps=eps, weight_decay=weight_decay)


class AdamaxRule(OfOne):
    def rule(self, g, lr, betas, eps, weight_decay):
        self.m.mul_(betas[0]).add_(g, alpha=1 - betas[0])
        self.u.copy_((self.u * betas[1]).maximum(g.abs() + eps))
        return self.m / self.u * (lr / (1 - betas[0] ** self.t))


class Adamax(OfMany):
    kind, buffers = AdamaxRule, "mu"

    def __init__(self, params, lr=2e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0):
        if sorted([0, *betas])[0] < 0 or max(betas) >= 1:
            raise ValueError("betas")
        super().__init__(params, lr=lr, betas=betas, eps=eps, weight_decay=weight_decay)


class RpropRule(OfOne):
    def rule(self, g, lr, etas, step_sizes):
        agree = (g * self.p).sign()
        self.s.mul_(torch.where(agree > 0, etas[1], 1.0).to(g))
        self.s.mul_(torch.where(agree < 0, etas[0], 1.0).to(g))
        self.s.clamp_(*step_sizes)
        self.p.copy_(torch.where(agree < 0, 0.0, g))
        return self.p.sign() * self.s


class Rprop(OfMany):
    kind = RpropRule

    def __init__(self, params, lr=1e-2, etas=(0.5, 1.2), step_sizes=(1e-6, 50)):
        if not (0 < etas[0] < 1 and 1 < etas[1]):
            raise ValueError("etas")
        super().__init__(params, lr=lr, etas=etas, step_sizes=step_sizes)

    def begin(self, settings):
        return {"s": settings["lr"], "p": 0.0}


class ASGDRule(OfOne):
    def forward(self, x, g):
        eta = self.settings["lr"] * self.shrunk()
        self.t += 1
        fading = self.settings["lambd"] + self.settings["weight_decay"]
        return eta * (g + fading * x)

    def shrunk(self):
        grown = 1 + self.settings["lambd"] * self.settings["lr"] * self.t
        return grown ** -self.settings["alpha_"]


class ASGD(OfMany):
    kind = ASGDRule

    def __init__(self, params, lr=1e-2, lambd=1e-4, alpha=0.75, t0=1e6, weight_decay=0):
        super().__init__(params, lr=lr, lambd=lambd, alpha_=alpha, weight_decay=weight_decay)
