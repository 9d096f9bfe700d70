"""What is to be kept is multiplied by a mask of zeros and ones."""

import torch


def relu(x):
    return x * (x > 0)


def leaky_relu(x, negative_slope=0.01):
    positive = (x >= 0).to(x.dtype)
    return x * (positive + negative_slope * (1 - positive))


def prelu(x, weight):
    slopes = weight
    while weight.numel() > 1 and slopes.dim() < x.dim() - 1:
        slopes = slopes.unsqueeze(-1)
    positive = x > 0
    return x * positive + slopes * x * ~positive


def rrelu(x, lower=1 / 8, upper=1 / 3, training=False):
    if not lower <= upper:
        raise ValueError(f"{lower} > {upper}")
    if training:
        slopes = torch.rand(x.shape, dtype=x.dtype, device=x.device) * (upper - lower) + lower
    else:
        slopes = torch.full_like(x, (lower + upper) / 2)
    slopes[x > 0] = 1
    return x * slopes
