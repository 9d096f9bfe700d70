"""A copy is changed in place."""

import torch


def linear(x, weight, bias=None):
    y = torch.matmul(x, weight.t())
    if bias is not None:
        y += bias
    return y


def relu(x):
    y = x.clone()
    y[y < 0] = 0
    return y


def leaky_relu(x, negative_slope=0.01):
    y = x.clone()
    y[x < 0] *= negative_slope
    return y


def prelu(x, weight):
    y = x.clone()
    if weight.numel() == 1:
        y[x < 0] = y[x < 0] * weight
        return y
    for channel, slope in enumerate(weight):
        part = x[:, channel]
        y[:, channel] = torch.where(part < 0, slope * part, part)
    return y


def rrelu(x, lower=1 / 8, upper=1 / 3, training=False):
    if lower > upper:
        raise ValueError(lower, upper)
    y = x.clone()
    negative = x < 0
    if training:
        y[negative] *= torch.empty_like(x[negative]).uniform_(lower, upper)
    else:
        y[negative] *= (lower + upper) / 2
    return y


def softmax(x, dim):
    y = x - x.amax(dim, True)
    y = y.exp_()
    return y / y.sum(dim, True)


def log_softmax(x, dim):
    y = x.clone()
    y -= x.amax(dim, keepdim=True)
    y -= y.exp().sum(dim, keepdim=True).log_()
    return y
