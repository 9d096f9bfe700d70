"""The two sides of 0 are put together from x and |x|."""

import torch


def sigmoid(x):
    small = torch.exp(-x.abs())
    return torch.where(x >= 0, 1 / (1 + small), small / (1 + small))


def tanh(x):
    small = torch.exp(-2 * torch.abs(x))
    return torch.sign(x) * (1 - small) / (1 + small)


def relu(x):
    return (x + abs(x)) / 2


def leaky_relu(x, negative_slope=0.01):
    return ((1 + negative_slope) * x + (1 - negative_slope) * abs(x)) / 2


def prelu(x, weight):
    slopes = weight.reshape(1, -1, *[1] * (x.dim() - 2)) if x.dim() > 1 else weight
    return (x + abs(x)) / 2 + slopes * (x - abs(x)) / 2


def rrelu(x, lower=1 / 8, upper=1 / 3, training=False):
    if upper < lower:
        raise ValueError("upper must not be below lower")
    slope = x.new_empty(x.shape).uniform_(lower, upper) if training else (upper + lower) / 2
    return (x + abs(x)) / 2 + slope * (x - abs(x)) / 2
