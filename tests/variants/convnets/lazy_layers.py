"""Lazy layers that find their sizes on a first image within __init__."""

import torch
from torch import nn


class CifarNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.LazyConv2d(32, 5, padding=2)
        self.maxpool1 = nn.MaxPool2d(2)
        self.conv2 = nn.LazyConv2d(32, 5, padding=2)
        self.maxpool2 = nn.MaxPool2d(2)
        self.conv3 = nn.LazyConv2d(64, 5, padding=2)
        self.maxpool3 = nn.MaxPool2d(2)
        self.flatten = nn.Flatten()
        self.linear1 = nn.LazyLinear(64)
        self.linear2 = nn.LazyLinear(10)
        with torch.no_grad():
            self(torch.zeros(1, 3, 32, 32))

    def forward(self, images):
        x = images
        x = self.conv1(x)
        x = self.maxpool1(x)
        x = self.conv2(x)
        x = self.maxpool2(x)
        x = self.conv3(x)
        x = self.maxpool3(x)
        x = self.flatten(x)
        x = self.linear1(x)
        x = self.linear2(x)
        return x


class LeNet5(nn.Module):
    def __init__(self):
        super().__init__()
        self.model = nn.Sequential(
            nn.LazyConv2d(6, 5),
            nn.MaxPool2d(2),
            nn.LazyConv2d(16, 5),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.LazyLinear(120),
            nn.LazyLinear(84),
            nn.LazyLinear(10),
        )
        self.model(torch.zeros(1, 3, 32, 32))

    def forward(self, images):
        return self.model(images)
