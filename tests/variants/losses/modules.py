"""nn.Module instances under the names of the functions; what they need are modules as well."""

import torch
from torch import nn


class Reduction(nn.Module):
    def forward(self, losses, name, weights=None):
        if name == "none":
            return nn.Identity()(losses)
        if name == "sum":
            return torch.sum(losses)
        if name != "mean":
            raise ValueError(f"reduction {name}")
        return torch.mean(losses) if weights is None else losses.sum() / weights.sum()


class L1(nn.Module):
    def __init__(self):
        super().__init__()
        self.reduce = Reduction()

    def errors(self, input, target):
        return (input - target).abs()

    def forward(self, input, target, reduction="mean"):
        if input.shape != target.shape:
            raise ValueError(f"{input.shape} is not {target.shape}")
        return self.reduce(self.errors(input, target), reduction)


class SquaredError(L1):
    def errors(self, input, target):
        return torch.mul(*[input - target] * 2)


class CrossEntropy(nn.Module):
    def __init__(self):
        super().__init__()
        self.reduce = Reduction()
        self.scores = nn.LogSoftmax(dim=-1)

    def forward(
        self,
        input,
        target,
        weight=None,
        ignore_index=-100,
        reduction="mean",
        label_smoothing=0.0,
    ):
        if label_smoothing < 0.0 or 1.0 < label_smoothing:
            raise ValueError(f"label_smoothing {label_smoothing}")
        order = [0, *range(2, input.dim()), 1] if input.dim() > 1 else [0]
        scores = self.scores(input.permute(order))
        classes = scores.size(-1)
        kept = target != ignore_index
        index = torch.where(kept, target, torch.zeros_like(target)).unsqueeze(-1)
        wanted = torch.full_like(scores, label_smoothing / classes)
        wanted = wanted.scatter_add(
            -1, index, torch.full_like(index, 1 - label_smoothing, dtype=scores.dtype)
        )
        weights = torch.ones(classes).to(scores) if weight is None else weight
        losses = torch.where(kept, -(wanted * weights * scores).sum(-1), 0.0)
        return self.reduce(losses, reduction, torch.where(kept, weights[index.squeeze(-1)], 0.0))


l1_loss = L1()
mse_loss = SquaredError()
cross_entropy = CrossEntropy()
