"""Classes and functions made by calls: type(), lambdas and partials under the names asked for."""

from collections import OrderedDict
from functools import partial

from torch import nn

convolution = partial(nn.Conv2d, kernel_size=5)
padded = partial(convolution, padding=2)
pool = partial(nn.MaxPool2d, 2)

cifar_parts = lambda: zip(
    "conv1 maxpool1 conv2 maxpool2 conv3 maxpool3 flatten linear1 linear2".split(),
    [
        padded(3, 32),
        pool(),
        padded(32, 32),
        pool(),
        padded(32, 64),
        pool(),
        nn.Flatten(),
        nn.Linear(1024, 64),
        nn.Linear(64, 10),
    ],
    strict=True,
)

sequential_cifar_net = lambda: nn.Sequential(*(layer for _, layer in cifar_parts()))
named_cifar_net = lambda: nn.Sequential(OrderedDict(cifar_parts()))


def begin(self):
    nn.Module.__init__(self)
    self.model = nn.Sequential(
        convolution(3, 6),
        pool(),
        convolution(6, 16),
        pool(),
        nn.Flatten(),
        nn.Linear(400, 120),
        nn.Linear(120, 84),
        nn.Linear(84, 10),
    )


LeNet5 = type(
    "LeNet5",
    (nn.Module,),
    {"__init__": begin, "forward": lambda self, images: self.model(images)},
)

count_parameters = lambda model: sum(
    p.numel() for p in filter(lambda p: p.requires_grad, model.parameters())
)
