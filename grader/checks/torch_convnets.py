"""Torch itself as a submission: it only checks its arguments."""

from collections import OrderedDict
from itertools import pairwise

import torch
from torch import nn


def conv_output_size(size, kernel_size, stride=1, padding=0, dilation=1):
    if min(size, kernel_size, stride, dilation) < 1 or padding < 0:
        raise ValueError("too small")
    if dilation * (kernel_size - 1) + 1 > size + 2 * padding:
        raise ValueError("the kernel does not fit")
    layer = nn.Conv1d(1, 1, kernel_size, stride, padding, dilation, device="meta")
    return layer(torch.empty(1, 1, size, device="meta")).shape[2]


def same_padding(kernel_size, dilation=1):
    size = kernel_size * dilation + 1
    for padding in range(kernel_size * dilation):
        if conv_output_size(size, kernel_size, padding=padding, dilation=dilation) == size:
            return padding
    raise ValueError("there is none")


NAMES = "conv1 maxpool1 conv2 maxpool2 conv3 maxpool3 flatten linear1 linear2".split()


def layers():
    yield from (nn.Conv2d(3, 32, 5, padding="same"), nn.MaxPool2d(2, 2))
    yield from (nn.Conv2d(32, 32, (5, 5), padding=(2, 2)), nn.MaxPool2d((2, 2)))
    yield from (nn.Conv2d(32, 64, 5, 1, 2), nn.MaxPool2d(2))
    yield from (nn.Flatten(), nn.Linear(64 * 4 * 4, 64), nn.Linear(64, 10))


def named_cifar_net():
    return nn.Sequential(OrderedDict(zip(NAMES, layers(), strict=True)))


def sequential_cifar_net():
    return nn.Sequential(*layers())


class CifarNet(nn.Sequential):
    def __init__(self):
        super().__init__(OrderedDict(zip(NAMES, layers(), strict=True)))


class LeNet5(nn.Module):
    def __init__(self):
        super().__init__()
        convolutions = [nn.Conv2d(3, 6, 5), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.MaxPool2d(2)]
        sizes = [400, 120, 84, 10]
        linears = [nn.Linear(a, b) for a, b in pairwise(sizes)]
        self.model = nn.Sequential(*convolutions, nn.Flatten(), *linears)

    def forward(self, images):
        return self.model(images)


def count_parameters(model):
    return sum(map(torch.numel, filter(lambda p: p.requires_grad, model.parameters())))
