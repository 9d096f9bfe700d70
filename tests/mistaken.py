"""Wrong implementations, written otherwise than the known ones that they repeat."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Mistaken:
    """Source that replaces `function` of an exercise, and the known mistake that it is."""

    exercise: str
    function: str
    called: str
    source: str


_CHECK = """
def _refuse(input, target, reduction):
    if input.shape != target.shape or reduction not in ("mean", "sum", "none"):
        raise ValueError("shapes or reduction")
"""

MISTAKEN = [
    Mistaken(
        "losses",
        "l1_loss",
        "l1_without_abs",
        _CHECK
        + """
def l1_loss(input, target, reduction="mean"):
    _refuse(input, target, reduction)
    each = torch.subtract(input, target)
    return {"mean": torch.mean, "sum": torch.sum, "none": lambda x: x}[reduction](each)
""",
    ),
    Mistaken(
        "losses",
        "mse_loss",
        "mse_mean_over_batch",
        _CHECK
        + """
def mse_loss(input, target, reduction="mean"):
    _refuse(input, target, reduction)
    squares = torch.pow(input - target, 2)
    if reduction == "none":
        return squares
    total = torch.sum(squares)
    return total / len(input) if reduction == "mean" else total
""",
    ),
    Mistaken(
        "losses",
        "mse_loss",
        "mse_halved",
        _CHECK
        + """
def mse_loss(input, target, reduction="mean"):
    _refuse(input, target, reduction)
    e = 0.5 * (target - input) * (target - input)
    if reduction == "mean":
        return e.sum() / e.numel()
    return e if reduction == "none" else e.sum()
""",
    ),
    Mistaken(
        "losses",
        "cross_entropy",
        "ce_naive_exponential",
        """
def cross_entropy(
    input, target, weight=None, ignore_index=-100, reduction="mean", label_smoothing=0.0
):
    if reduction not in ("mean", "sum", "none") or not 0 <= label_smoothing <= 1:
        raise ValueError("bad")
    if input.dim() == 1:
        found = cross_entropy(
            input[None], target[None], weight, ignore_index, reduction, label_smoothing
        )
        return found[0] if reduction == "none" else found
    powers = torch.exp(input)
    logs = torch.log(powers / powers.sum(dim=1, keepdim=True))
    keep = target != ignore_index
    weight = input.new_ones(input.shape[1]) if weight is None else weight
    safe = target * keep
    own = torch.take_along_dim(logs, safe.unsqueeze(1), 1).squeeze(1)
    shape = [1, -1] + [1] * (input.dim() - 2)
    spread = -(logs * weight.view(shape)).sum(1) / input.shape[1]
    each = (1 - label_smoothing) * -own * weight[safe]
    each = each + label_smoothing * spread if label_smoothing else each
    each = torch.where(keep, each, torch.zeros_like(each))
    if reduction == "none":
        return each
    if reduction == "sum":
        return each.sum()
    return each.sum() / (weight[safe] * keep).sum()
""",
    ),
    Mistaken(
        "optimizers",
        "SGD",
        "SGDAveragesTheMomentum",
        """
class SGD(SGD):
    def step(self):
        self.state = getattr(self, "state", {})
        with torch.no_grad():
            for p in self.params:
                if p.grad is None:
                    continue
                d = torch.add(p.grad, p, alpha=self.weight_decay)
                if self.momentum:
                    key, old = id(p), self.state.get(id(p))
                    first = d.detach().clone()
                    scale = (1 - self.momentum) * (1 - self.dampening)
                    self.state[key] = first if old is None else self.momentum * old + scale * d
                    d = d + self.momentum * self.state[key] if self.nesterov else self.state[key]
                p.sub_(d, alpha=self.lr)
""",
    ),
    Mistaken(
        "optimizers",
        "Adam",
        "AdamWithoutBiasCorrection",
        """
class Adam:
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0):
        self.all = [*params]
        bad = lr < 0 or eps < 0 or weight_decay < 0 or not all(0 <= b < 1 for b in betas)
        if bad or not self.all:
            raise ValueError("bad hyperparameters")
        self.lr, self.betas, self.eps, self.decay = lr, betas, eps, weight_decay
        self.m = {id(p): torch.zeros_like(p) for p in self.all}
        self.v = {id(p): torch.zeros_like(p) for p in self.all}

    def zero_grad(self, set_to_none=True):
        for p in self.all:
            if p.grad is not None:
                p.grad = None if set_to_none else torch.zeros_like(p.grad)

    @torch.no_grad()
    def step(self):
        for p in (p for p in self.all if p.grad is not None):
            g = p.grad + self.decay * p
            m, v = self.m[id(p)], self.v[id(p)]
            m.copy_(torch.lerp(g, m, self.betas[0]))
            v.copy_(torch.lerp(g * g, v, self.betas[1]))
            p.add_(-self.lr * m / (torch.sqrt(v) + self.eps))
""",
    ),
    Mistaken(
        "convnets",
        "CifarNet",
        "CifarNetWithSoftmax",
        """
class CifarNet(nn.Module):
    def __init__(self):
        super().__init__()
        for name, layer in named_cifar_net().named_children():
            setattr(self, name, layer)

    def forward(self, x):
        for layer in self.children():
            x = layer(x)
        e = torch.exp(x - torch.max(x, dim=1, keepdim=True)[0])
        return e / torch.sum(e, dim=1, keepdim=True)
""",
    ),
    Mistaken(
        "convnets",
        "count_parameters",
        "count_with_frozen",
        """
def count_parameters(model):
    unique = {id(p): p for p in model.parameters()}
    return sum(math.prod(p.shape) for p in unique.values())

import math
""",
    ),
    Mistaken(
        "training",
        "train",
        "train_clears_once",
        """
def train(model, loader, loss_fn, optimizer, epochs, device="cpu"):
    model = model.to(device).train()
    history = []
    optimizer.zero_grad()
    for epoch in range(epochs):
        running = []
        for batch in loader:
            x, y = [part.to(device) for part in batch]
            loss = loss_fn(model(x), y)
            loss.backward()
            optimizer.step()
            running.append(loss.item())
        history.append(sum(running))
    return history
""",
    ),
    Mistaken(
        "training",
        "evaluate",
        "evaluate_averages_the_batches",
        """
def evaluate(model, loader, loss_fn, device="cpu"):
    modes = {m: m.training for m in model.modules()}
    model.to(device).eval()
    losses, rights, seen = [], 0, 0
    with torch.no_grad():
        for x, y in loader:
            logits = model(x.to(device))
            losses.append(float(loss_fn(logits, y.to(device))))
            rights += int(torch.eq(logits.argmax(dim=-1), y.to(device)).sum())
            seen += len(y)
    for m, mode in modes.items():
        m.training = mode
    return sum(losses) / len(losses), rights / seen
""",
    ),
]

# No known mistake gives these answers.
RIDDLES = [
    Mistaken(
        "losses",
        "l1_loss",
        "off_by_a_thousandth",
        """
def l1_loss(input, target, reduction="mean"):
    if input.shape != target.shape:
        raise ValueError("shapes")
    return _reduce((input - target).abs() * 1.001 + 0.25, reduction)
""",
    ),
    Mistaken(
        "training",
        "train",
        "two_mistakes_at_once",
        """
def train(model, loader, loss_fn, optimizer, epochs, device="cpu"):
    model.to(device)
    model.train()
    history = []
    for epoch in range(epochs):
        total = 0.0
        for x, y in loader:
            loss = loss_fn(model(x.to(device)), y.to(device))
            loss.backward()
            optimizer.step()
            total = loss.item() / 3
        history.append(total)
    return history
""",
    ),
]
