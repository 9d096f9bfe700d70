"""One element at a time, in Python floats; torch only reads and writes the numbers."""

import math

import torch


class Scalars:
    """`begin()` makes the memory of one element; `next(x, g, memory)` gives its new value."""

    def __init__(self, params, decay, *nonnegative):
        self.params = [*params]
        self.decay = decay
        if not self.params:
            raise ValueError("no parameters")
        for number in (decay, *nonnegative):
            if number < 0:
                raise ValueError(f"{number} is negative")
        self.memories = {}

    def step(self):
        for p in self.params:
            if p.grad is None:
                continue
            found = self.memories.setdefault(id(p), [self.begin() for _ in range(p.numel())])
            values, grads = p.detach().flatten().tolist(), p.grad.flatten().tolist()
            moved = [
                self.next(x, g + self.decay * x, memory)
                for x, g, memory in zip(values, grads, found, strict=True)
            ]
            with torch.no_grad():
                p.copy_(torch.tensor(moved, dtype=p.dtype).reshape(p.shape))

    def zero_grad(self, set_to_none=True):
        for p in self.params:
            if p.grad is not None:
                p.grad = p.grad.new_zeros(p.grad.shape) if not set_to_none else None


class SGD(Scalars):
    def __init__(self, params, lr, momentum=0, dampening=0, weight_decay=0, nesterov=False):
        super().__init__(params, weight_decay, lr, momentum)
        if nesterov and (momentum == 0 or dampening != 0):
            raise ValueError("nesterov")
        self.lr, self.momentum, self.dampening, self.nesterov = lr, momentum, dampening, nesterov

    def begin(self):
        return [None]

    def next(self, x, g, memory):
        if self.momentum:
            (b,) = memory
            b = g if b is None else self.momentum * b + (1 - self.dampening) * g
            memory[0] = b
            g = g + self.momentum * b if self.nesterov else b
        return x - self.lr * g


class Adam(Scalars):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0):
        super().__init__(params, weight_decay, lr, eps)
        if any(not 0 <= beta < 1 for beta in betas):
            raise ValueError("betas")
        self.lr, self.betas, self.eps = lr, betas, eps

    def begin(self):
        return [0.0, 0.0, 0]

    def next(self, x, g, memory):
        (b1, b2), (m, v, t) = self.betas, memory
        m, v, t = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g * g, t + 1
        memory[:] = m, v, t
        return x - self.lr * (m / (1 - b1**t)) / (math.sqrt(v / (1 - b2**t)) + self.eps)


class Adagrad(Scalars):
    def __init__(
        self, params, lr=1e-2, lr_decay=0, weight_decay=0, initial_accumulator_value=0, eps=1e-10
    ):
        super().__init__(params, weight_decay, lr, lr_decay, initial_accumulator_value, eps)
        self.lr, self.lr_decay, self.eps = lr, lr_decay, eps
        self.initial = initial_accumulator_value

    def begin(self):
        return [self.initial, 0]

    def next(self, x, g, memory):
        memory[0] += g * g
        memory[1] += 1
        below = (1 + (memory[1] - 1) * self.lr_decay) * (math.sqrt(memory[0]) + self.eps)
        return x - self.lr * g / below


class RMSprop(Scalars):
    def __init__(
        self, params, lr=1e-2, alpha=0.99, eps=1e-8, weight_decay=0, momentum=0, centered=False
    ):
        super().__init__(params, weight_decay, lr, alpha, eps, momentum)
        self.lr, self.alpha, self.eps = lr, alpha, eps
        self.momentum, self.centered = momentum, centered

    def begin(self):
        return [0.0, 0.0, 0.0]

    def next(self, x, g, memory):
        v, m, b = memory
        v = self.alpha * v + (1 - self.alpha) * g * g
        m = self.alpha * m + (1 - self.alpha) * g
        spread = v - m * m if self.centered else v
        b = self.momentum * b + g / (math.sqrt(spread) + self.eps)
        memory[:] = v, m, b
        return x - self.lr * b


class Adadelta(Scalars):
    def __init__(self, params, lr=1.0, rho=0.9, eps=1e-6, weight_decay=0):
        super().__init__(params, weight_decay, lr, eps, rho, 1 - rho)
        self.lr, self.rho, self.eps = lr, rho, eps

    def begin(self):
        return [0.0, 0.0]

    def next(self, x, g, memory):
        v, u = memory
        v = self.rho * v + (1 - self.rho) * g * g
        d = math.sqrt(u + self.eps) / math.sqrt(v + self.eps) * g
        memory[:] = v, self.rho * u + (1 - self.rho) * d * d
        return x - self.lr * d


class Adamax(Scalars):
    def __init__(self, params, lr=2e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0):
        super().__init__(params, weight_decay, lr, eps)
        if any(not 0 <= beta < 1 for beta in betas):
            raise ValueError("betas")
        self.lr, self.betas, self.eps = lr, betas, eps

    def begin(self):
        return [0.0, 0.0, 1.0]

    def next(self, x, g, memory):
        (b1, b2), (m, u, power) = self.betas, memory
        m, u, power = b1 * m + (1 - b1) * g, max(b2 * u, abs(g) + self.eps), power * b1
        memory[:] = m, u, power
        return x - self.lr * m / ((1 - power) * u)


class Rprop(Scalars):
    def __init__(self, params, lr=1e-2, etas=(0.5, 1.2), step_sizes=(1e-6, 50)):
        super().__init__(params, 0, lr)
        if etas[0] <= 0 or etas[0] >= 1 or etas[1] <= 1:
            raise ValueError("etas")
        self.lr, self.etas, self.step_sizes = lr, etas, step_sizes

    def begin(self):
        return [self.lr, 0.0]

    def next(self, x, g, memory):
        size, previous = memory
        least, most = self.step_sizes
        if g * previous > 0:
            size *= self.etas[1]
        elif g * previous < 0:
            size *= self.etas[0]
            g = 0.0
        size = min(max(size, least), most)
        memory[:] = size, g
        return x - size if g > 0 else x + size if g < 0 else x


class ASGD(Scalars):
    def __init__(self, params, lr=1e-2, lambd=1e-4, alpha=0.75, t0=1e6, weight_decay=0):
        super().__init__(params, weight_decay, lr)
        self.lr, self.lambd, self.alpha = lr, lambd, alpha

    def begin(self):
        return [0]

    def next(self, x, g, memory):
        eta = self.lr / (1 + self.lambd * self.lr * memory[0]) ** self.alpha
        memory[0] += 1
        return (1 - self.lambd * eta) * x - eta * g
