"""Inputs are brought to one shape and the results back."""

import math

import torch
from torch import nn


def linear(x, weight, bias=None):
    result = x.flatten().reshape(-1, weight.shape[1]).matmul(weight.T)
    if bias is not None:
        result = result.add(bias.reshape(1, -1))
    return result.unflatten(0, x.shape[:-1]) if x.dim() > 1 else result.squeeze(0)


def prelu(x, weight):
    slopes = weight.expand(x.shape[1]) if x.dim() > 1 else weight
    rows = x.reshape(*x.shape[:2], -1) if x.dim() > 1 else x
    bent = slopes[:, None] * rows if x.dim() > 1 else slopes * rows
    return torch.where(rows > 0, rows, bent).reshape(x.shape)


def softmax(x, dim):
    moved = x.movedim(dim, 0)
    rows = moved.reshape(moved.shape[0], math.prod(moved.shape[1:]))
    exponentials = torch.exp(rows - rows.max(0)[0])
    return (exponentials / exponentials.sum(0)).reshape(moved.shape).movedim(0, dim)


def log_softmax(x, dim):
    moved = x.movedim(dim, -1)
    rows = moved.reshape(-1, moved.shape[-1])
    largest = rows.max(1, keepdim=True).values
    sums = torch.log(torch.exp(rows - largest).sum(1, keepdim=True)) + largest
    return (rows - sums).reshape(moved.shape).movedim(-1, dim)


class TwoLayerNet(nn.Module):
    def __init__(self, input_size, hidden_size, output_size):
        nn.Module.__init__(self)
        self.layer1 = nn.Linear(in_features=input_size, out_features=hidden_size, bias=True)
        self.layer2 = nn.Linear(in_features=hidden_size, out_features=output_size, bias=True)

    def forward(self, x):
        hidden = self.layer1(x.flatten(1))
        hidden[hidden < 0] = 0
        return self.layer2(hidden)
