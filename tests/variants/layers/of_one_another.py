"""Each function is made of another one, the student's own or torch's."""

import torch
import torch.nn.functional as F
from torch import nn


def sigmoid(x):
    return 0.5 * (1 + torch.tanh(0.5 * x))


def tanh(x):
    return 2 * torch.sigmoid(2 * x) - 1


def relu(x):
    return x * torch.heaviside(x.detach(), x.new_zeros(()))


def leaky_relu(x, negative_slope=0.01):
    return prelu(x, torch.full((1,), negative_slope, dtype=x.dtype, device=x.device))


def prelu(x, weight):
    slopes = weight.view(-1, *(1 for _ in x.shape[2:]))
    return F.relu(x) - slopes * F.relu(-x)


def rrelu(x, lower=1 / 8, upper=1 / 3, training=False):
    if lower > upper:
        raise ValueError
    if not training:
        return F.leaky_relu(x, (lower + upper) / 2)
    return (
        nn.ReLU()(x)
        - torch.lerp(x.new_tensor(lower), x.new_tensor(upper), torch.rand_like(x)) * (-x).relu()
    )


def softmax(x, dim):
    return log_softmax(x, dim).exp()


def log_softmax(x, dim):
    x = x - x.amax(dim, keepdim=True).detach()
    return x - x.exp().sum(dim, keepdim=True).log()


def collapse(first, second):
    bias = second(first(torch.zeros(first.in_features).to(first.weight))).detach()
    layer = nn.Linear(first.in_features, second.out_features).to(bias)
    layer.bias.data = bias
    layer.weight.data = F.linear(first.weight.detach().T, second.weight.detach()).T.contiguous()
    return layer


class TwoLayerNet(nn.Module):
    def __init__(self, input_size, hidden_size, output_size):
        super().__init__()
        self.layer1 = nn.Linear(input_size, hidden_size)
        self.layer2 = nn.Linear(hidden_size, output_size)

    def forward(self, x):
        return self.layer2(relu(self.layer1(x)))
