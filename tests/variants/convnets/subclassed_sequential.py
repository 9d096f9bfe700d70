"""Subclasses of nn.Sequential, whose own forward runs the layers that were given to it."""

from collections import OrderedDict

from torch import nn


def nine_layers() -> "OrderedDict[str, nn.Module]":
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    for number, (before, after) in enumerate([(3, 32), (32, 32), (32, 64)], start=1):
        layers[f"conv{number}"] = nn.Conv2d(before, after, 5, padding=same_padding(5))
        layers[f"maxpool{number}"] = nn.MaxPool2d(2)
    layers["flatten"] = nn.Flatten()
    layers["linear1"] = nn.Linear(1024, 64)
    layers["linear2"] = nn.Linear(64, 10)
    return layers


def same_padding(kernel_size: int, dilation: int = 1) -> int:
    width = dilation * (kernel_size - 1) + 1
    half, rest = divmod(width, 2)
    if not rest or kernel_size < 1 or dilation < 1:
        raise ValueError(f"nothing keeps the size with a kernel of {kernel_size} and {dilation}")
    return half


class CifarNet(nn.Sequential):
    def __init__(self) -> None:
        super().__init__(nine_layers())


class Numbered(nn.Sequential):
    pass


def sequential_cifar_net() -> nn.Sequential:
    return Numbered(*nine_layers().values())


def named_cifar_net() -> nn.Sequential:
    return CifarNet()


class LeNet5(nn.Sequential):
    def __init__(self) -> None:
        super().__init__()
        self.model = nn.Sequential()
        for layer in (
            *(nn.Conv2d(3, 6, 5), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.MaxPool2d(2)),
            *(nn.Flatten(), nn.Linear(400, 120), nn.Linear(120, 84), nn.Linear(84, 10)),
        ):
            self.model.append(layer)
