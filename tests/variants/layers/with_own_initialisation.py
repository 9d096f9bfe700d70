"""Layers initialised by hand, and sums that torch accumulates."""

import torch
import torch.nn.functional as F
from torch import nn


def sigmoid(x):
    return torch.exp(-F.softplus(-x))


def tanh(x):
    return -torch.expm1(-2 * x.abs()) / (1 + torch.exp(-2 * x.abs())) * x.sign()


def relu(x):
    return x.masked_fill(x < 0, 0)


def leaky_relu(x, negative_slope=0.01):
    return x.masked_fill(x < 0, 0) + negative_slope * x.masked_fill(x > 0, 0)


def log_softmax(x, dim):
    last = torch.logcumsumexp(x, dim).narrow(dim, -1, 1)
    return x - last


def softmax(x, dim):
    return torch.exp(x - torch.logcumsumexp(x, dim).narrow(dim, x.shape[dim] - 1, 1))


class Layer(nn.Linear):
    def __init__(self, inputs, outputs):
        super().__init__(inputs, outputs)
        nn.init.xavier_uniform_(self.weight)
        nn.init.zeros_(self.bias)


class TwoLayerNet(nn.Module):
    def __init__(self, input_size, hidden_size, output_size):
        super().__init__()
        self.input_size, self.hidden_size, self.output_size = input_size, hidden_size, output_size
        self.layer1 = Layer(input_size, hidden_size)
        self.activation = F.relu
        self.layer2 = Layer(hidden_size, output_size)

    def forward(self, x):
        hidden = self.activation(F.linear(x, self.layer1.weight, self.layer1.bias))
        return F.linear(hidden, self.layer2.weight, self.layer2.bias)


def collapse(first, second):
    layer = nn.utils.skip_init(
        nn.Linear,
        first.in_features,
        second.out_features,
        bias=any(one.bias is not None for one in (first, second)),
        dtype=first.weight.dtype,
        device=first.weight.device,
    )
    with torch.no_grad():
        torch.mm(second.weight, first.weight, out=layer.weight.data)
        if layer.bias is not None:
            origin = torch.zeros(1, first.in_features).type_as(first.weight)
            layer.bias.copy_(second(first(origin)).squeeze(0))
    return layer


def output_activation(task):
    if task == "regression":
        layer = nn.Identity()
    elif task == "binary":
        layer = nn.Sigmoid()
    elif task == "multiclass":
        layer = nn.Softmax(dim=1)
    else:
        raise ValueError("task must be regression, binary or multiclass")
    return layer
