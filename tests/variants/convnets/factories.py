"""Layers made in dictionaries and run by recursion; LeNet5 copies a template."""

import copy
from collections import OrderedDict

from torch import nn


def block(number: int, before: int, after: int) -> dict[str, nn.Module]:
    return {
        f"conv{number}": nn.Conv2d(before, after, 5, padding=2),
        f"maxpool{number}": nn.MaxPool2d(2),
    }


def named_cifar_net() -> nn.Sequential:
    layers = block(1, 3, 32) | block(2, 32, 32) | block(3, 32, 64)
    layers |= {"flatten": nn.Flatten()}
    layers |= {"linear1": nn.Linear(1024, 64), "linear2": nn.Linear(64, 10)}
    return nn.Sequential(OrderedDict(layers))


def sequential_cifar_net() -> nn.Sequential:
    network = nn.Sequential()
    for layer in named_cifar_net():
        network.insert(len(network), layer)
    return network


class CifarNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.__dict__["_modules"].update(named_cifar_net()._modules)

    def forward(self, images):
        def run(x, layers):
            return run(layers[0](x), layers[1:]) if layers else x

        return run(images, [*self._modules.values()])


TEMPLATE = nn.Sequential(
    nn.Conv2d(3, 6, 5),
    nn.MaxPool2d(2),
    nn.Conv2d(6, 16, 5),
    nn.MaxPool2d(2),
    nn.Flatten(),
    nn.Linear(400, 120),
    nn.Linear(120, 84),
    nn.Linear(84, 10),
)


class LeNet5(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.model = copy.deepcopy(TEMPLATE)

    def forward(self, images):
        return self.model(images)
