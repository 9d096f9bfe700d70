"""Torch itself as a submission: it only checks its arguments."""

import torch
import torch.nn.functional as F
from torch import nn

linear = F.linear
sigmoid = torch.special.expit
tanh = nn.Tanh()
relu = torch.Tensor.relu
leaky_relu = F.leaky_relu
prelu = torch.prelu
log_softmax = torch.special.log_softmax


def rrelu(x, lower=1 / 8, upper=1 / 3, training=False):
    if lower > upper:
        raise ValueError("the bounds are in the wrong order")
    return nn.RReLU(lower, upper).train(training)(x)


def softmax(x, dim):
    return nn.Softmax(dim)(x)


def collapse(first, second):
    size = first.in_features
    layer = nn.Linear(size, second.out_features).to(first.weight)
    with torch.no_grad():
        layer.bias.copy_(second(first(torch.zeros(size).to(first.weight))))
        layer.weight.copy_((second(first(torch.eye(size).to(first.weight))) - layer.bias).T)
    return layer


class TwoLayerNet(nn.Sequential):
    def __init__(self, input_size, hidden_size, output_size):
        super().__init__()
        self.layer1 = nn.Linear(input_size, hidden_size)
        self.activation = nn.ReLU(inplace=True)
        self.layer2 = nn.Linear(hidden_size, output_size)


def output_activation(task):
    layers = {"regression": nn.Identity, "binary": nn.Sigmoid}
    if task == "multiclass":
        return nn.Softmax(dim=1)
    if task not in layers:
        raise ValueError(task)
    return layers[task]()
