"""Functions that return an object of two closures; what is remembered is in their cells."""

from types import SimpleNamespace

import torch


def _made(params, rule_for, **nonnegative):
    if any(value < 0 for value in nonnegative.values()):
        raise ValueError(nonnegative)
    rules = [(p, rule_for(p)) for p in params]
    if not rules:
        raise ValueError("nothing to optimize")

    def step():
        with torch.no_grad():
            for p, rule in rules:
                if p.grad is not None:
                    rule(p.grad.clone())

    def zero_grad(set_to_none=True):
        for p, _ in rules:
            p.grad = None if set_to_none or p.grad is None else p.grad * 0

    return SimpleNamespace(step=step, zero_grad=zero_grad)


def SGD(params, lr, momentum=0, dampening=0, weight_decay=0, nesterov=False):
    def rule_for(p):
        b = None

        def rule(g):
            nonlocal b
            g += weight_decay * p
            if momentum:
                b = g.clone() if b is None else momentum * b + (1 - dampening) * g
                g = g + momentum * b if nesterov else b
            p.sub_(lr * g)

        return rule

    if nesterov and not (momentum and dampening == 0):
        raise ValueError("nesterov")
    return _made(params, rule_for, lr=lr, momentum=momentum, weight_decay=weight_decay)


def Adam(params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0):
    b1, b2 = betas

    def rule_for(p):
        m = v = t = 0

        def rule(g):
            nonlocal m, v, t
            g += weight_decay * p
            t += 1
            m = b1 * m + (1 - b1) * g
            v = b2 * v + (1 - b2) * g * g
            p.sub_(lr * (m / (1 - b1**t)) / (torch.sqrt(v / (1 - b2**t)) + eps))

        return rule

    if not (0 <= b1 < 1 and 0 <= b2 < 1):
        raise ValueError("betas")
    return _made(params, rule_for, lr=lr, eps=eps, weight_decay=weight_decay)


def Adagrad(params, lr=0.01, lr_decay=0, weight_decay=0, initial_accumulator_value=0, eps=1e-10):
    def rule_for(p):
        s, t = initial_accumulator_value, 0

        def rule(g):
            nonlocal s, t
            g += weight_decay * p
            s = s + g * g
            p.sub_(lr / (1 + t * lr_decay) * g / (s**0.5 + eps))
            t += 1

        return rule

    settings = {"a": lr_decay, "b": weight_decay, "c": initial_accumulator_value, "d": eps}
    return _made(params, rule_for, lr=lr, **settings)


def RMSprop(params, lr=0.01, alpha=0.99, eps=1e-8, weight_decay=0, momentum=0, centered=False):
    def rule_for(p):
        v = m = b = 0

        def rule(g):
            nonlocal v, m, b
            g += weight_decay * p
            v = alpha * v + (1 - alpha) * g * g
            m = alpha * m + (1 - alpha) * g if centered else 0
            b = momentum * b + lr * g / ((v - m * m) ** 0.5 + eps)  # with lr inside
            p.sub_(b)

        return rule

    settings = {"alpha": alpha, "eps": eps, "weight_decay": weight_decay, "momentum": momentum}
    return _made(params, rule_for, lr=lr, **settings)


def Adadelta(params, lr=1.0, rho=0.9, eps=1e-6, weight_decay=0):
    def rule_for(p):
        v = u = 0

        def rule(g):
            nonlocal v, u
            g += weight_decay * p
            v = rho * v + (1 - rho) * g * g
            d = ((u + eps) / (v + eps)) ** 0.5 * g
            u = rho * u + (1 - rho) * d * d
            p.sub_(lr * d)

        return rule

    if rho < 0 or rho > 1:
        raise ValueError("rho")
    return _made(params, rule_for, lr=lr, eps=eps, weight_decay=weight_decay)


def Adamax(params, lr=2e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0):
    b1, b2 = betas

    def rule_for(p):
        m, u, t = 0, torch.zeros_like(p), 0

        def rule(g):
            nonlocal m, u, t
            g += weight_decay * p
            t += 1
            m = b1 * m + (1 - b1) * g
            size = abs(g) + eps
            u = torch.where(b2 * u > size, b2 * u, size)
            p.sub_(lr / (1 - b1**t) * m / u)

        return rule

    if min(betas) < 0 or max(betas) >= 1:
        raise ValueError("betas")
    return _made(params, rule_for, lr=lr, eps=eps, weight_decay=weight_decay)


def Rprop(params, lr=0.01, etas=(0.5, 1.2), step_sizes=(1e-6, 50)):
    def rule_for(p):
        s, before = torch.full_like(p, lr), torch.zeros_like(p)

        def rule(g):
            nonlocal s, before
            same, flipped = g * before > 0, g * before < 0
            s = s * (1 + same * (etas[1] - 1) + flipped * (etas[0] - 1))
            s = s.clip(*step_sizes)
            g[flipped] = 0
            p.sub_(s * g.sgn())
            before = g

        return rule

    if not 0 < etas[0] < 1 or not etas[1] > 1:
        raise ValueError("etas")
    return _made(params, rule_for, lr=lr)


def ASGD(params, lr=0.01, lambd=1e-4, alpha=0.75, t0=1e6, weight_decay=0):
    def rule_for(p):
        t = 0

        def rule(g):
            nonlocal t
            eta = lr * (1 + lambd * lr * t) ** -alpha
            t += 1
            p.sub_(eta * (g + (weight_decay + lambd) * p))

        return rule

    return _made(params, rule_for, lr=lr, weight_decay=weight_decay)


def make_optimizer(name, params, lr):
    known = "SGD Adam SparseAdam Adagrad Adadelta Adamax RMSprop Rprop ASGD LBFGS"
    if name in known.split():
        return vars(torch.optim)[name](params, lr)
    raise ValueError(f"{name} is none of {known}")
