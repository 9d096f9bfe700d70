"""All parameters of a step at once, by torch._foreach functions."""

import torch


class ForEach:
    decay = 0

    def __init__(self, params, decay, **nonnegative):
        self.params = [*params]
        self.decay = decay
        if min(decay, *nonnegative.values()) < 0 or not self.params:
            raise ValueError("bad hyperparameters, or no parameters")
        self.kept = {}

    def zero_grad(self, set_to_none=True):
        if set_to_none:
            for p in self.params:
                p.grad = None
        else:
            grads = [p.grad for p in self.params if p.grad is not None]
            if grads:
                torch._foreach_zero_(grads)

    def step(self):
        moving = [p for p in self.params if p.grad is not None]
        if not moving:
            return
        with torch.no_grad():
            grads = [p.grad for p in moving]
            if self.decay:
                grads = torch._foreach_add(grads, moving, alpha=self.decay)
            self.move(moving, list(grads))

    def states(self, name, params, fill=0.0):
        for p in params:
            if (name, p) not in self.kept:
                self.kept[name, p] = torch.full_like(p, fill)
        return [self.kept[name, p] for p in params]

    def counted(self, params):
        for p in params:
            self.kept["t", p] = self.kept.get(("t", p), 0) + 1
        return [self.kept["t", p] for p in params]


class SGD(ForEach):
    def __init__(self, params, lr, momentum=0, dampening=0, weight_decay=0, nesterov=False):
        super().__init__(params, weight_decay, lr=lr, momentum=momentum)
        if nesterov and (momentum == 0 or dampening):
            raise ValueError("nesterov")
        self.lr, self.momentum, self.dampening, self.nesterov = lr, momentum, dampening, nesterov

    def move(self, params, grads):
        if self.momentum:
            known = [("b", p) in self.kept for p in params]
            buffers = self.states("b", params)
            torch._foreach_mul_(buffers, self.momentum)
            scale = [1 - self.dampening if old else 1.0 for old in known]
            torch._foreach_add_(buffers, torch._foreach_mul(grads, scale))
            if self.nesterov:
                grads = torch._foreach_add(grads, buffers, alpha=self.momentum)
            else:
                grads = buffers
        torch._foreach_add_(params, grads, alpha=-self.lr)


class Adam(ForEach):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0):
        super().__init__(params, weight_decay, lr=lr, eps=eps)
        if not all(0 <= beta < 1 for beta in betas):
            raise ValueError("betas")
        self.lr, self.betas, self.eps = lr, betas, eps

    def move(self, params, grads):
        beta1, beta2 = self.betas
        counts = self.counted(params)
        means, squares = self.states("m", params), self.states("v", params)
        torch._foreach_lerp_(means, grads, 1 - beta1)
        torch._foreach_mul_(squares, beta2)
        torch._foreach_addcmul_(squares, grads, grads, 1 - beta2)
        roots = torch._foreach_sqrt(squares)
        torch._foreach_div_(roots, [(1 - beta2**t) ** 0.5 for t in counts])
        torch._foreach_add_(roots, self.eps)
        steps = [-self.lr / (1 - beta1**t) for t in counts]
        torch._foreach_addcdiv_(params, means, roots, steps)


class Adagrad(ForEach):
    def __init__(
        self, params, lr=1e-2, lr_decay=0, weight_decay=0, initial_accumulator_value=0, eps=1e-10
    ):
        more = {"lr_decay": lr_decay, "initial": initial_accumulator_value}
        super().__init__(params, weight_decay, lr=lr, eps=eps, **more)
        self.lr, self.lr_decay, self.eps = lr, lr_decay, eps
        self.initial = initial_accumulator_value

    def move(self, params, grads):
        rates = [-self.lr / (1 + (t - 1) * self.lr_decay) for t in self.counted(params)]
        sums = self.states("s", params, self.initial)
        torch._foreach_addcmul_(sums, grads, grads)
        roots = torch._foreach_add(torch._foreach_sqrt(sums), self.eps)
        torch._foreach_addcdiv_(params, grads, roots, rates)


class RMSprop(ForEach):
    def __init__(
        self, params, lr=1e-2, alpha=0.99, eps=1e-8, weight_decay=0, momentum=0, centered=False
    ):
        super().__init__(params, weight_decay, lr=lr, alpha=alpha, eps=eps, momentum=momentum)
        self.lr, self.alpha, self.eps = lr, alpha, eps
        self.momentum, self.centered = momentum, centered

    def move(self, params, grads):
        squares = self.states("v", params)
        torch._foreach_mul_(squares, self.alpha)
        torch._foreach_addcmul_(squares, grads, grads, 1 - self.alpha)
        if self.centered:
            means = self.states("m", params)
            torch._foreach_lerp_(means, grads, 1 - self.alpha)
            squares = torch._foreach_addcmul(squares, means, means, -1)
        roots = torch._foreach_add(torch._foreach_sqrt(squares), self.eps)
        moves = torch._foreach_div(grads, roots)
        if self.momentum:
            buffers = self.states("b", params)
            torch._foreach_mul_(buffers, self.momentum)
            torch._foreach_add_(buffers, moves)
            moves = buffers
        torch._foreach_add_(params, moves, alpha=-self.lr)


class Adadelta(ForEach):
    def __init__(self, params, lr=1.0, rho=0.9, eps=1e-6, weight_decay=0):
        super().__init__(params, weight_decay, lr=lr, eps=eps)
        if not 0 <= rho <= 1:
            raise ValueError("rho")
        self.lr, self.rho, self.eps = lr, rho, eps

    def move(self, params, grads):
        squares, deltas = self.states("v", params), self.states("u", params)
        torch._foreach_mul_(squares, self.rho)
        torch._foreach_addcmul_(squares, grads, grads, 1 - self.rho)
        below = torch._foreach_sqrt(torch._foreach_add(squares, self.eps))
        moves = torch._foreach_sqrt(torch._foreach_add(deltas, self.eps))
        torch._foreach_div_(moves, below)
        torch._foreach_mul_(moves, grads)
        torch._foreach_mul_(deltas, self.rho)
        torch._foreach_addcmul_(deltas, moves, moves, 1 - self.rho)
        torch._foreach_add_(params, moves, alpha=-self.lr)


class Adamax(ForEach):
    def __init__(self, params, lr=2e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0):
        super().__init__(params, weight_decay, lr=lr, eps=eps)
        if not all(0 <= beta < 1 for beta in betas):
            raise ValueError("betas")
        self.lr, self.betas, self.eps = lr, betas, eps

    def move(self, params, grads):
        beta1, beta2 = self.betas
        rates = [-self.lr / (1 - beta1**t) for t in self.counted(params)]
        means, largest = self.states("m", params), self.states("u", params)
        torch._foreach_lerp_(means, grads, 1 - beta1)
        torch._foreach_mul_(largest, beta2)
        sizes = torch._foreach_add(torch._foreach_abs(grads), self.eps)
        torch._foreach_maximum_(largest, sizes)
        torch._foreach_addcdiv_(params, means, largest, rates)


class Rprop(ForEach):
    def __init__(self, params, lr=1e-2, etas=(0.5, 1.2), step_sizes=(1e-6, 50)):
        super().__init__(params, 0, lr=lr)
        if not 0 < etas[0] < 1 < etas[1]:
            raise ValueError("etas")
        self.lr, self.etas, self.step_sizes = lr, etas, step_sizes

    def move(self, params, grads):
        sizes, previous = self.states("s", params, self.lr), self.states("p", params)
        signs = torch._foreach_sign(torch._foreach_mul(grads, previous))
        for sign in signs:
            sign.copy_(torch.where(sign > 0, self.etas[1], torch.where(sign < 0, self.etas[0], 1)))
        torch._foreach_mul_(sizes, signs)
        torch._foreach_clamp_min_(sizes, self.step_sizes[0])
        torch._foreach_clamp_max_(sizes, self.step_sizes[1])
        kept = torch._foreach_mul(grads, [(sign >= 1).to(sign.dtype) for sign in signs])
        torch._foreach_addcmul_(params, torch._foreach_sign(kept), sizes, -1)
        torch._foreach_copy_(previous, kept)


class ASGD(ForEach):
    def __init__(self, params, lr=1e-2, lambd=1e-4, alpha=0.75, t0=1e6, weight_decay=0):
        super().__init__(params, weight_decay, lr=lr)
        self.lr, self.lambd, self.alpha = lr, lambd, alpha

    def move(self, params, grads):
        counts = self.counted(params)
        rates = [self.lr / (1 + self.lambd * self.lr * (t - 1)) ** self.alpha for t in counts]
        torch._foreach_mul_(params, [1 - self.lambd * rate for rate in rates])
        torch._foreach_sub_(params, torch._foreach_mul(grads, rates))
