"""Products by broadcasting, then a sum."""

import torch
from torch import nn


def linear(x, weight, bias=None):
    y = (x[..., None, :] * weight).sum(-1)
    if bias is None:
        return y
    return y + bias


def sigmoid(x):
    pair = torch.stack([x, torch.zeros_like(x)])
    exponentials = torch.exp(pair - pair.amax(0))
    return exponentials[0] / exponentials.sum(0)


def tanh(x):
    pair = torch.stack([x, -x])
    up, down = torch.exp(pair - pair.amax(0))
    return (up - down) / (up + down)


@torch.no_grad()
def collapse(first, second):
    weight = (second.weight[:, :, None] * first.weight[None]).sum(1)
    bias = torch.zeros(second.out_features, dtype=weight.dtype, device=weight.device)
    if first.bias is not None:
        bias += (second.weight * first.bias).sum(1)
    if second.bias is not None:
        bias += second.bias
    layer = nn.Linear(*reversed(weight.shape), device=weight.device, dtype=weight.dtype)
    layer.load_state_dict({"weight": weight, "bias": bias})
    return layer
