"""The layers with parameters are attributes; pooling and flattening are calls of F in forward."""

import torch
import torch.nn.functional as F
from torch import nn


def pooled(x: torch.Tensor, layer: nn.MaxPool2d) -> torch.Tensor:
    return F.max_pool2d(x, layer.kernel_size, stride=layer.stride)


class CifarNet(nn.Module):
    def __init__(self) -> None:
        super(CifarNet, self).__init__()  # noqa: UP008 - as older tutorials write it
        self.conv1 = nn.Conv2d(in_channels=3, out_channels=32, kernel_size=(5, 5), padding="same")
        self.maxpool1 = nn.MaxPool2d(kernel_size=2, stride=2)
        self.conv2 = nn.Conv2d(32, 32, (5, 5), (1, 1), (2, 2))
        self.maxpool2 = nn.MaxPool2d((2, 2), (2, 2))
        self.conv3 = nn.Conv2d(32, 64, 5, 1, 2)
        self.maxpool3 = nn.MaxPool2d(2, 2)
        self.flatten = nn.Flatten(start_dim=1)
        self.linear1 = nn.Linear(64 * 4 * 4, 64)
        self.linear2 = nn.Linear(in_features=64, out_features=10, bias=True)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        x = pooled(self.conv1(images), self.maxpool1)
        x = pooled(F.conv2d(x, self.conv2.weight, self.conv2.bias, padding=2), self.maxpool2)
        x = pooled(self.conv3(x), self.maxpool3)
        x = torch.flatten(x, 1)
        x = F.linear(x, self.linear1.weight, self.linear1.bias)
        return F.linear(x, *self.linear2.parameters())


class LeNet5(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        convolutions = nn.Conv2d(3, 6, 5), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.MaxPool2d(2)
        linears = nn.Linear(16 * 5 * 5, 120), nn.Linear(120, 84), nn.Linear(84, 10)
        self.model = nn.Sequential(*convolutions, nn.Flatten(), *linears)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        x = images
        for layer in self.model[:4]:
            x = layer(x)
        x = x.reshape(len(x), -1)
        return self.model[5:](x)
