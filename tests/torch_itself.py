"""A submission that only checks its arguments and calls torch's own functions and optimizers."""

from __future__ import annotations

_LOSSES = """
import torch
import torch.nn.functional as F

REDUCTIONS = ("mean", "sum", "none")


def check(reduction, *same):
    if reduction not in REDUCTIONS:
        raise ValueError(reduction)
    if len({tensor.shape for tensor in same}) > 1:
        raise ValueError("shapes differ")


def l1_loss(input, target, reduction="mean"):
    check(reduction, input, target)
    return F.l1_loss(input, target, reduction=reduction)


def mse_loss(input, target, reduction="mean"):
    check(reduction, input, target)
    return torch.nn.MSELoss(reduction=reduction)(input, target)


def binary_cross_entropy(input, target, weight=None, reduction="mean"):
    check(reduction, input, target)
    return F.binary_cross_entropy(input, target, weight, reduction=reduction)


def nll_loss(input, target, weight=None, ignore_index=-100, reduction="mean"):
    check(reduction)
    return torch.nn.NLLLoss(weight, ignore_index=ignore_index, reduction=reduction)(input, target)


def cross_entropy(
    input, target, weight=None, ignore_index=-100, reduction="mean", label_smoothing=0.0
):
    check(reduction)
    if not 0 <= label_smoothing <= 1:
        raise ValueError(label_smoothing)
    return F.cross_entropy(
        input,
        target,
        weight,
        ignore_index=ignore_index,
        reduction=reduction,
        label_smoothing=label_smoothing,
    )
"""

_OPTIMIZERS = """
import torch

SGD = torch.optim.SGD
Adam = torch.optim.Adam
NAMES = "SGD Adam SparseAdam Adagrad Adadelta Adamax RMSprop Rprop ASGD LBFGS".split()


def make_optimizer(name, params, lr):
    if name not in NAMES:
        raise ValueError(f"{name}: must be one of {', '.join(NAMES)}")
    return getattr(torch.optim, name)(params, lr=lr)
"""

_TRAINING = """
import torch


def train_step(model, inputs, targets, loss_fn, optimizer):
    optimizer.zero_grad()
    loss = loss_fn(model(inputs), targets)
    loss.backward()
    optimizer.step()
    return float(loss)


def train(model, loader, loss_fn, optimizer, epochs, device="cpu"):
    model = model.train().to(device)
    epoch = lambda: [  # noqa: E731
        train_step(model, x.to(device), y.to(device), loss_fn, optimizer) for x, y in loader
    ]
    return [sum(epoch()) for _ in range(epochs)]


def evaluate(model, loader, loss_fn, device="cpu"):
    modes = {module: module.training for module in model.modules()}
    model.to(device).eval()
    with torch.inference_mode():
        batches = [(model(x.to(device)), y.to(device)) for x, y in loader]
        size = sum(len(y) for _, y in batches)
        loss = sum(loss_fn(logits, y).item() * len(y) for logits, y in batches)
        right = sum(int((logits.argmax(1) == y).sum()) for logits, y in batches)
    for module, mode in modes.items():
        module.training = mode
    return loss / size, right / size


@torch.no_grad()
def batch_losses(model, loader, loss_fn):
    modes = [module.training for module in model.modules()]
    model.eval()
    found = [loss_fn(model(x), y).item() for x, y in loader]
    for module, mode in zip(model.modules(), modes):
        module.training = mode
    return found


def lbfgs_step(model, inputs, targets, loss_fn, optimizer):
    def closure():
        optimizer.zero_grad()
        loss = loss_fn(model(inputs), targets)
        loss.backward()
        return loss

    return float(optimizer.step(closure))
"""

_CONVNETS = """
from collections import OrderedDict

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
    for padding in range(kernel_size * dilation):
        if conv_output_size(100, kernel_size, padding=padding, dilation=dilation) == 100:
            return padding
    raise ValueError("there is none")


NAMES = "conv1 maxpool1 conv2 maxpool2 conv3 maxpool3 flatten linear1 linear2".split()


def layers():
    yield from (nn.Conv2d(3, 32, 5, padding="same"), nn.MaxPool2d(2, 2))
    yield from (nn.Conv2d(32, 32, (5, 5), padding=(2, 2)), nn.MaxPool2d((2, 2)))
    yield from (nn.Conv2d(32, 64, 5, 1, 2), nn.MaxPool2d(2))
    yield from (nn.Flatten(), nn.Linear(64 * 4 * 4, 64), nn.Linear(64, 10))


def named_cifar_net():
    return nn.Sequential(OrderedDict(zip(NAMES, layers())))


def sequential_cifar_net():
    return nn.Sequential(*layers())


class CifarNet(nn.Sequential):
    def __init__(self):
        super().__init__(OrderedDict(zip(NAMES, layers())))


class LeNet5(nn.Module):
    def __init__(self):
        super().__init__()
        convolutions = [nn.Conv2d(3, 6, 5), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.MaxPool2d(2)]
        sizes = [400, 120, 84, 10]
        linears = [nn.Linear(a, b) for a, b in zip(sizes, sizes[1:])]
        self.model = nn.Sequential(*convolutions, nn.Flatten(), *linears)

    def forward(self, images):
        return self.model(images)


def count_parameters(model):
    return sum(map(torch.numel, filter(lambda p: p.requires_grad, model.parameters())))
"""

TORCH_ITSELF = {
    "convnets.py": _CONVNETS.encode(),
    "losses.py": _LOSSES.encode(),
    "optimizers.py": _OPTIMIZERS.encode(),
    "training.py": _TRAINING.encode(),
}
