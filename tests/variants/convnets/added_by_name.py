"""add_module, register_module, setattr and getattr in loops over a table of the layers."""

from collections import OrderedDict
from functools import reduce
from itertools import pairwise

import torch
from torch import nn

TABLE = [
    ("conv1", nn.Conv2d, (3, 32), {"kernel_size": 5, "padding": 2}),
    ("maxpool1", nn.MaxPool2d, (2,), {}),
    ("conv2", nn.Conv2d, (32, 32), {"kernel_size": 5, "padding": 2}),
    ("maxpool2", nn.MaxPool2d, (2,), {}),
    ("conv3", nn.Conv2d, (32, 64), {"kernel_size": 5, "padding": 2}),
    ("maxpool3", nn.MaxPool2d, (2,), {}),
    ("flatten", nn.Flatten, (), {}),
    ("linear1", nn.Linear, (64 * 4 * 4, 64), {}),
    ("linear2", nn.Linear, (64, 10), {}),
]


class CifarNet(nn.Module):
    def __init__(self):
        super().__init__()
        for name, kind, arguments, options in TABLE:
            setattr(self, name, kind(*arguments, **options))

    def forward(self, images):
        return reduce(lambda x, row: getattr(self, row[0])(x), TABLE, images)


def sequential_cifar_net():
    network = nn.Sequential()
    for position, (_, kind, arguments, options) in enumerate(TABLE):
        network.add_module(str(position), kind(*arguments, **options))
    return network


def named_cifar_net():
    made = [(name, kind(*arguments, **options)) for name, kind, arguments, options in TABLE]
    return nn.Sequential(OrderedDict(made))


class LeNet5(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_module("model", nn.Sequential())
        for channels in ((3, 6), (6, 16)):
            self.model.extend([nn.Conv2d(*channels, 5), nn.MaxPool2d(2)])
        self.model.append(nn.Flatten())
        sizes = (400, 120, 84, 10)
        for before, after in pairwise(sizes):
            self.model.append(nn.Linear(before, after))

    def forward(self, images):
        logits: torch.Tensor = self.model.forward(images)
        return logits
