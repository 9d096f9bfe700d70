"""Classes with __call__, whose instances are given the names of the functions."""

from dataclasses import dataclass

import torch


class BadReduction(ValueError):
    """No reduction of this course."""


class ShapeMismatch(ValueError, TypeError):
    """Two tensors that should be of one shape."""


class Elementwise:
    """A loss with one value for each element."""

    def values(self, input, target):
        raise NotImplementedError

    def __call__(self, input, target, reduction="mean"):
        if input.shape != target.shape:
            raise ShapeMismatch
        return Reduced(self.values(input, target))(reduction)


@dataclass
class Reduced:
    losses: torch.Tensor
    weights: torch.Tensor | None = None

    def __call__(self, reduction):
        method = {"mean": self.mean, "sum": self.losses.sum, "none": lambda: self.losses}
        if reduction not in method:
            raise BadReduction(reduction)
        return method[reduction]()

    def mean(self):
        if self.weights is None:
            return self.losses.mean()
        return self.losses.sum() / self.weights.sum()


class Absolute(Elementwise):
    def values(self, input, target):
        difference = input - target
        return difference * difference.sign()


class Squared(Elementwise):
    def values(self, input, target):
        return torch.square(target - input)


class NegativeLogLikelihood:
    def parts(self, input, target, weight, ignore_index):
        weights = [1.0] * input.shape[1] if weight is None else weight
        kept = target != ignore_index
        losses = torch.zeros_like(target, dtype=input.dtype)
        each = torch.zeros_like(losses)
        for number in range(input.shape[1]):
            here = kept & (target == number)
            each = torch.where(here, weights[number], each)
            losses = torch.where(here, -weights[number] * input[:, number], losses)
        return losses, each

    def __call__(self, input, target, weight=None, ignore_index=-100, reduction="mean"):
        return Reduced(*self.parts(input, target, weight, ignore_index))(reduction)


l1_loss = Absolute()
mse_loss = Squared()
nll_loss = NegativeLogLikelihood()
