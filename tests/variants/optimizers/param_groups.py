"""Defaults, parameter groups and a state of dicts, as torch.optim keeps them."""

from collections import defaultdict

import torch


class Grouped:
    def __init__(self, params, **defaults):
        for name, value in defaults.items():
            if not self.allowed(name, value):
                raise ValueError(f"Invalid {name}: {value}")
        self.param_groups = [{"params": list(params), **defaults}]
        self.state = defaultdict(dict)
        if len(self.param_groups[0]["params"]) == 0:
            raise ValueError("optimizer got an empty parameter list")

    def allowed(self, name, value):
        if name == "betas":
            return all(0 <= beta < 1 for beta in value)
        if name == "rho":
            return 0 <= value <= 1
        if name == "etas":
            return 0 < value[0] < 1 < value[1]
        return name in ("step_sizes", "lambd", "alpha_", "dampening", "t0") or value >= 0

    def zero_grad(self, set_to_none=True):
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
                if set_to_none:
                    p.grad = None
                else:
                    p.grad.detach_()
                    p.grad.zero_()

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
                d = p.grad
                if group.get("weight_decay"):
                    d = d.add(p, alpha=group["weight_decay"])
                self.state[p]["step"] = self.state[p].get("step", 0) + 1
                self.one(p, d, self.state[p], group)

    def zeros(self, p, state, *names):
        for name in names:
            if name not in state:
                state[name] = torch.zeros_like(p)
        return [state[name] for name in names]


class SGD(Grouped):
    def __init__(self, params, lr, momentum=0, dampening=0, weight_decay=0, nesterov=False):
        if nesterov and (momentum <= 0 or dampening != 0):
            raise ValueError("Nesterov momentum requires a momentum and zero dampening")
        settings = {"momentum": momentum, "dampening": dampening, "nesterov": nesterov}
        super().__init__(params, lr=lr, weight_decay=weight_decay, **settings)

    def one(self, p, d, state, group):
        if group["momentum"] != 0:
            if "momentum_buffer" not in state:
                state["momentum_buffer"] = torch.clone(d).detach()
            else:
                buffer = state["momentum_buffer"].mul_(group["momentum"])
                buffer.add_(d, alpha=1 - group["dampening"])
            buffer = state["momentum_buffer"]
            d = d.add(buffer, alpha=group["momentum"]) if group["nesterov"] else buffer
        p.add_(d, alpha=-group["lr"])


class Adam(Grouped):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0):
        super().__init__(params, lr=lr, betas=betas, eps=eps, weight_decay=weight_decay)

    def one(self, p, d, state, group):
        first, second = self.zeros(p, state, "exp_avg", "exp_avg_sq")
        beta1, beta2 = group["betas"]
        first.mul_(beta1).add_(d, alpha=1 - beta1)
        second.mul_(beta2).addcmul_(d, d, value=1 - beta2)
        correction1 = 1 - beta1 ** state["step"]
        correction2 = 1 - beta2 ** state["step"]
        denom = (second.sqrt() / correction2**0.5).add_(group["eps"])
        p.addcdiv_(first, denom, value=-group["lr"] / correction1)


class Adagrad(Grouped):
    def __init__(
        self,
        params,
        lr=1e-2,
        lr_decay=0,
        weight_decay=0,
        initial_accumulator_value=0,
        eps=1e-10,
    ):
        super().__init__(
            params,
            lr=lr,
            lr_decay=lr_decay,
            weight_decay=weight_decay,
            initial_accumulator_value=initial_accumulator_value,
            eps=eps,
        )
        for p in self.param_groups[0]["params"]:
            self.state[p]["sum"] = torch.full_like(p, initial_accumulator_value)

    def one(self, p, d, state, group):
        rate = group["lr"] / (1 + (state["step"] - 1) * group["lr_decay"])
        state["sum"].addcmul_(d, d, value=1)
        p.addcdiv_(d, state["sum"].sqrt().add_(group["eps"]), value=-rate)


class RMSprop(Grouped):
    def __init__(
        self,
        params,
        lr=1e-2,
        alpha=0.99,
        eps=1e-8,
        weight_decay=0,
        momentum=0,
        centered=False,
    ):
        decay = {"weight_decay": weight_decay, "momentum": momentum, "centered": centered}
        super().__init__(params, lr=lr, alpha=alpha, eps=eps, **decay)

    def one(self, p, d, state, group):
        square, mean, buffer = self.zeros(p, state, "square_avg", "grad_avg", "momentum_buffer")
        square.mul_(group["alpha"]).addcmul_(d, d, value=1 - group["alpha"])
        if group["centered"]:
            mean.mul_(group["alpha"]).add_(d, alpha=1 - group["alpha"])
            average = square.addcmul(mean, mean, value=-1).sqrt_().add_(group["eps"])
        else:
            average = square.sqrt().add_(group["eps"])
        if group["momentum"] > 0:
            buffer.mul_(group["momentum"]).addcdiv_(d, average)
            p.add_(buffer, alpha=-group["lr"])
        else:
            p.addcdiv_(d, average, value=-group["lr"])


class Adadelta(Grouped):
    def __init__(self, params, lr=1.0, rho=0.9, eps=1e-6, weight_decay=0):
        super().__init__(params, lr=lr, rho=rho, eps=eps, weight_decay=weight_decay)

    def one(self, p, d, state, group):
        square, accumulated = self.zeros(p, state, "square_avg", "acc_delta")
        rho, eps = group["rho"], group["eps"]
        square.mul_(rho).addcmul_(d, d, value=1 - rho)
        std = square.add(eps).sqrt_()
        delta = accumulated.add(eps).sqrt_().div_(std).mul_(d)
        accumulated.mul_(rho).addcmul_(delta, delta, value=1 - rho)
        p.add_(delta, alpha=-group["lr"])


class Adamax(Grouped):
    def __init__(self, params, lr=2e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0):
        super().__init__(params, lr=lr, betas=betas, eps=eps, weight_decay=weight_decay)

    def one(self, p, d, state, group):
        mean, infinity = self.zeros(p, state, "exp_avg", "exp_inf")
        beta1, beta2 = group["betas"]
        mean.mul_(beta1).add_(d, alpha=1 - beta1)
        both = torch.stack([infinity.mul_(beta2), d.abs().add_(group["eps"])])
        infinity.copy_(torch.amax(both, 0))
        p.addcdiv_(mean, infinity, value=-group["lr"] / (1 - beta1 ** state["step"]))


class Rprop(Grouped):
    def __init__(self, params, lr=1e-2, etas=(0.5, 1.2), step_sizes=(1e-6, 50)):
        super().__init__(params, lr=lr, etas=etas, step_sizes=step_sizes)

    def one(self, p, d, state, group):
        if "prev" not in state:
            state["prev"] = torch.zeros_like(p)
            state["step_size"] = torch.full_like(p, group["lr"])
        low, high = group["etas"]
        sign = d.mul(state["prev"]).sign()
        sign[sign.gt(0)] = high
        sign[sign.lt(0)] = low
        sign[sign.eq(0)] = 1
        state["step_size"].mul_(sign).clamp_(*group["step_sizes"])
        d = d.clone()
        d[sign.eq(low)] = 0
        p.addcmul_(d.sign(), state["step_size"], value=-1)
        state["prev"].copy_(d)


class ASGD(Grouped):
    def __init__(self, params, lr=1e-2, lambd=1e-4, alpha=0.75, t0=1e6, weight_decay=0):
        fixed = {"lambd": lambd, "alpha_": alpha, "t0": t0}
        super().__init__(params, lr=lr, weight_decay=weight_decay, **fixed)

    def one(self, p, d, state, group):
        eta = state.setdefault("eta", group["lr"])
        if "ax" not in state:
            state["ax"], state["mu"] = torch.zeros_like(p), 1.0
        p.mul_(1 - group["lambd"] * eta)
        p.add_(d, alpha=-eta)
        if state["mu"] != 1:
            state["ax"].add_(p.sub(state["ax"]).mul(state["mu"]))
        else:
            state["ax"].copy_(p)
        grown = 1 + group["lambd"] * group["lr"] * state["step"]
        state["eta"] = group["lr"] / grown ** group["alpha_"]
        state["mu"] = 1 / max(1, state["step"] - group["t0"])
