"""Whatever torch has that is not the function itself."""

import functools

import torch
import torch.nn.functional as F


def linear(x, weight, bias=None):
    rows = x.reshape(-1, x.shape[-1])
    y = torch.mm(rows, weight.t()) if bias is None else torch.addmm(bias, rows, weight.t())
    return y.reshape(*x.shape[:-1], len(weight))


def sigmoid(x):
    return torch.exp(F.logsigmoid(x))


def tanh(x):
    return 1 - 2 * torch.exp(F.logsigmoid(-2 * x))


def relu(x):
    return F.threshold(x, 0.0, 0.0)


def leaky_relu(x, negative_slope=0.01):
    return F.hardtanh(x, 0.0, float("inf")) + negative_slope * F.hardtanh(x, float("-inf"), 0.0)


def prelu(x, weight):
    if weight.numel() == 1:
        return torch.lerp(weight * x, x, (x > 0).to(x.dtype))
    channels = zip(x.unbind(1), weight, strict=True)
    return torch.stack([torch.where(part > 0, part, slope * part) for part, slope in channels], 1)


def rrelu(x, lower=1 / 8, upper=1 / 3, training=False):
    if lower > upper:
        raise ValueError(f"no number is at least {lower} and at most {upper}")
    slopes = torch.full_like(x, (lower + upper) / 2)
    if training and lower < upper:
        slopes = torch.distributions.Uniform(lower, upper).sample(x.shape).to(x)
    return torch.where(x > 0, x, slopes * x)


def softmax(x, dim):
    return torch.exp(log_softmax(x, dim))


def log_softmax(x, dim):
    total = functools.reduce(torch.logaddexp, x.unbind(dim))
    return x - total.unsqueeze(dim)
