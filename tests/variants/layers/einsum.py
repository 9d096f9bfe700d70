"""Every product is an einsum."""

import torch
from torch import nn


def linear(x, weight, bias=None):
    y = torch.einsum("...i,oi->...o", x, weight)
    return y if bias is None else y + bias


def softmax(x, dim):
    x = x.transpose(dim, -1)
    e = torch.exp(x - x.amax(-1, keepdim=True))
    return torch.einsum("...i,...->...i", e, 1 / torch.einsum("...i->...", e)).transpose(dim, -1)


def collapse(first, second):
    weight = torch.einsum("oh,hi->oi", second.weight, first.weight)
    layer = nn.Linear(first.in_features, second.out_features, False)
    layer.weight = nn.Parameter(weight)
    if first.bias is not None and second.bias is not None:
        layer.bias = nn.Parameter(torch.einsum("oh,h->o", second.weight, first.bias) + second.bias)
    elif first.bias is not None:
        layer.bias = nn.Parameter(torch.einsum("oh,h->o", second.weight, first.bias))
    elif second.bias is not None:
        layer.bias = nn.Parameter(second.bias.clone())
    return layer


def prelu(x, weight):
    if weight.numel() > 1:
        bent = torch.einsum("nc...,c->nc...", x, weight)
    else:
        bent = torch.einsum("n...,c->n...", x, weight)
    return torch.where(x > 0, x, bent)
