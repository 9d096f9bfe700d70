"""torch.autograd.grad instead of backward: the grads of the leaves are never looked at in fit."""

import torch
import torch.nn.functional as F
from torch import nn


def predict(x, w, b):
    return torch.addmv(b.expand(len(x)), x, w)


def squared_error(prediction, target, reduction="mean"):
    if prediction.shape != target.shape:
        raise ValueError(prediction.shape, target.shape)
    reduce = {"mean": torch.mean, "sum": torch.sum}.get(reduction)
    if reduce is None:
        raise ValueError(reduction)
    return reduce(torch.square(prediction - target))


def gradient_step(w, b, learning_rate):
    move([w, b], [w.grad, b.grad], learning_rate)
    w.grad, b.grad = None, None


def move(leaves, gradients, learning_rate):
    if learning_rate < 0:
        raise ValueError("learning_rate")
    with torch.no_grad():
        for leaf, gradient in zip(leaves, gradients, strict=True):
            leaf.add_(gradient, alpha=-learning_rate)


def fit(x, y, w, b, learning_rate, epochs, reduction="mean"):
    losses = []
    for _ in range(epochs):
        loss = squared_error(predict(x, w, b), y, reduction)
        move([w, b], torch.autograd.grad(loss, [w, b]), learning_rate)
        losses.append(loss.item())
    return losses


class LinearModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(1, 1)

    def forward(self, x):
        return F.linear(x, self.linear.weight, self.linear.bias)


def fit_module(model, x, y, learning_rate, epochs):
    parameters = list(model.parameters())
    losses = []
    for _ in range(epochs):
        loss = F.mse_loss(model(x), y, reduction="sum")
        move(parameters, torch.autograd.grad(loss, parameters), learning_rate)
        losses.append(loss.item())
    return losses
