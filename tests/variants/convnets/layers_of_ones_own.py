"""Subclasses of torch's layers with their numbers built in."""

from collections import OrderedDict

import torch
from torch import nn


class Conv5x5(nn.Conv2d):
    def __init__(self, in_channels, out_channels, padding=2):
        super().__init__(in_channels, out_channels, kernel_size=5, padding=padding)


class Halve(nn.MaxPool2d):
    def __init__(self):
        super().__init__(kernel_size=2)


class Rows(nn.Flatten):
    def forward(self, x):
        return x.reshape(x.shape[0], -1)


class CifarNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.conv2, self.conv3 = Conv5x5(3, 32), Conv5x5(32, 32), Conv5x5(32, 64)
        self.maxpool1, self.maxpool2, self.maxpool3 = Halve(), Halve(), Halve()
        self.flatten, self.linear1, self.linear2 = Rows(), nn.Linear(1024, 64), nn.Linear(64, 10)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        for number in "123":
            convolve, pool = getattr(self, f"conv{number}"), getattr(self, f"maxpool{number}")
            images = pool(convolve(images))
        return self.linear2(self.linear1(self.flatten(images)))


def named_cifar_net():
    return nn.Sequential(
        OrderedDict(
            {
                "conv1": Conv5x5(3, 32),
                "maxpool1": Halve(),
                "conv2": Conv5x5(32, 32),
                "maxpool2": Halve(),
                "conv3": Conv5x5(32, 64),
                "maxpool3": Halve(),
                "flatten": Rows(),
                "linear1": nn.Linear(1024, 64),
                "linear2": nn.Linear(64, 10),
            }
        )
    )


class Model(nn.Sequential):
    """What LeNet5 keeps as its attribute."""


class LeNet5(nn.Module):
    def __init__(self):
        super().__init__()
        self.model = Model(
            Conv5x5(3, 6, padding=0),
            Halve(),
            Conv5x5(6, 16, padding=0),
            Halve(),
            Rows(),
            nn.Linear(400, 120),
            nn.Linear(120, 84),
            nn.Linear(84, 10),
        )

    def forward(self, images):
        return self.model(images)
