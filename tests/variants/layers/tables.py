"""Decisions by dictionaries and lambdas."""

import copy
import functools

import torch
from torch import nn
from torch.nn import functional as F

MAKERS = {
    "regression": nn.Identity,
    "binary": nn.Sigmoid,
    "multiclass": functools.partial(nn.Softmax, dim=1),
}
bend = lambda slope, x: torch.where(x < 0, slope * x, x)
relu = functools.partial(bend, 0.0)
add_if_any = {True: lambda y, bias: y, False: lambda y, bias: y + bias}


def linear(x, weight, bias=None):
    return add_if_any[bias is None]((weight @ x.unsqueeze(-1)).squeeze(-1), bias)


def leaky_relu(x, negative_slope=0.01):
    return bend(negative_slope, x)


def prelu(x, weight):
    return bend(weight[(...,) + (None,) * (x.dim() - 2)], x)


def rrelu(x, lower=1 / 8, upper=1 / 3, training=False):
    if sorted((lower, upper)) != [lower, upper]:
        raise ValueError("sort the bounds")
    slopes = {
        True: lambda: torch.rand_like(x).mul(upper - lower).add(lower),
        False: lambda: (lower + upper) / 2,
    }
    return bend(slopes[bool(training)](), x)


def collapse(first, second):
    layer = copy.deepcopy(second)
    layer.in_features = first.in_features
    layer.weight = nn.Parameter((second.weight @ first.weight).detach())
    if first.bias is not None:
        layer.bias = nn.Parameter(second(first.bias).detach())
    return layer


class TwoLayerNet(nn.Module):
    def __init__(self, input_size, hidden_size, output_size):
        super().__init__()
        layers = {"layer2": (hidden_size, output_size), "layer1": (input_size, hidden_size)}
        for name, sizes in layers.items():
            setattr(self, name, nn.Linear(*sizes))

    def forward(self, x):
        return self.layer2(F.relu(self.layer1(x), inplace=True))


def output_activation(task):
    if task not in MAKERS:
        raise ValueError(f"{task} is none of {', '.join(MAKERS)}")
    return MAKERS[task]()
