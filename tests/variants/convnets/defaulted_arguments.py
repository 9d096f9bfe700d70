"""__init__ takes sizes with defaults, and the widths follow from conv_output_size."""

import math

import torch
from torch import nn


def conv_output_size(
    size: int, kernel_size: int, stride: int = 1, padding: int = 0, dilation: int = 1
) -> int:
    if any(number < 1 for number in (size, kernel_size, stride, dilation)) or padding < 0:
        raise ValueError("no such layer")
    last_place = size + 2 * padding - dilation * (kernel_size - 1) - 1
    if last_place < 0:
        raise ValueError("the kernel does not fit")
    return math.floor(last_place / stride + 1)


class CifarNet(nn.Module):
    def __init__(self, num_classes: int = 10, in_channels: int = 3, size: int = 32) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, 32, 5, padding=2)
        self.maxpool1 = nn.MaxPool2d(2)
        self.conv2 = nn.Conv2d(32, 32, 5, padding=2)
        self.maxpool2 = nn.MaxPool2d(2)
        self.conv3 = nn.Conv2d(32, 64, 5, padding=2)
        self.maxpool3 = nn.MaxPool2d(2)
        self.flatten = nn.Flatten()
        for _ in range(3):
            size = conv_output_size(conv_output_size(size, 5, padding=2), 2, stride=2)
        self.linear1 = nn.Linear(64 * size**2, 64)
        self.linear2 = nn.Linear(64, num_classes)

    def features(self, x: torch.Tensor) -> torch.Tensor:
        x = self.maxpool1(self.conv1(x))
        x = self.maxpool2(self.conv2(x))
        return self.maxpool3(self.conv3(x))

    def classifier(self, x: torch.Tensor) -> torch.Tensor:
        return self.linear2(self.linear1(x))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.classifier(self.features(x).view(x.size(0), -1))


class LeNet5(nn.Module):
    def __init__(self, *, channels: tuple[int, int] = (6, 16), classes: int = 10) -> None:
        super().__init__()
        first, second = channels
        left = 32
        for kernel_size in (5, 5):
            left = conv_output_size(conv_output_size(left, kernel_size), 2, 2)
        self.model = nn.Sequential(
            nn.Conv2d(3, first, 5),
            nn.MaxPool2d(2),
            nn.Conv2d(first, second, 5),
            nn.MaxPool2d(2),
            nn.Flatten(1, -1),
            nn.Linear(second * left * left, 120),
            nn.Linear(120, 84),
            nn.Linear(84, classes),
        )

    def forward(self, x: torch.Tensor, return_features: bool = False) -> torch.Tensor:
        if return_features:
            return self.model[:5](x)
        return self.model(x)
