"""Everything is cut with clamp."""

import torch


def sigmoid(x):
    return 1 / (1 + torch.exp(-x.clamp(-80, 80)))


def tanh(x):
    squared = torch.exp(2 * x.clamp(-40, 40))
    return (squared - 1) / (squared + 1)


def relu(x):
    return x.clamp(min=0)


def leaky_relu(x, negative_slope=0.01):
    return x.clamp(min=0) + negative_slope * x.clamp(max=0)


def prelu(x, weight):
    shape = [1] * x.dim()
    if weight.numel() > 1:
        shape[1] = -1
    return x.clamp(min=0) + weight.view(shape) * x.clamp(max=0)


def rrelu(x, lower=1 / 8, upper=1 / 3, training=False):
    if lower > upper:
        raise ValueError("the bounds are in the wrong order")
    slope = (lower + upper) / 2
    if training:
        slope = lower + (upper - lower) * torch.rand_like(x)
    return x.clamp(min=0) + slope * x.clamp(max=0)
