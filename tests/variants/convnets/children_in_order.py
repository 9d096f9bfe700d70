"""forward walks over the children; the Sequentials are made of the children of CifarNet."""

from collections import OrderedDict

from torch import nn


class CifarNet(nn.Module):
    def __init__(self):
        nn.Module.__init__(self)
        conv = lambda before, after: nn.Conv2d(before, after, kernel_size=5, padding=2)
        self.conv1, self.maxpool1 = conv(3, 32), nn.MaxPool2d(2)
        self.conv2, self.maxpool2 = conv(32, 32), nn.MaxPool2d(2)
        self.conv3, self.maxpool3 = conv(32, 64), nn.MaxPool2d(2)
        self.flatten = nn.Flatten()
        self.linear1, self.linear2 = nn.Linear(1024, 64), nn.Linear(64, 10)

    def forward(self, x):
        for layer in self.children():
            x = layer(x)
        return x


def sequential_cifar_net():
    return nn.Sequential(*CifarNet().children())


def named_cifar_net():
    return nn.Sequential(OrderedDict(CifarNet().named_children()))


class LeNet5(nn.Module):
    def __init__(self):
        super().__init__()
        self.model = nn.Sequential(
            *[
                nn.Conv2d(3, 6, 5),
                nn.MaxPool2d(2),
                nn.Conv2d(6, 16, 5),
                nn.MaxPool2d(2),
                nn.Flatten(),
                nn.Linear(400, 120),
                nn.Linear(120, 84),
                nn.Linear(84, 10),
            ]
        )

    def forward(self, x):
        for layer in self.model:
            x = layer(x)
        return x


def count_parameters(model):
    return sum({p: p.numel() for p in model.parameters() if p.requires_grad}.values())
