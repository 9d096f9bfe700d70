"""Torch itself as a submission: it only checks its arguments."""

import torch
import torch.nn.functional as F
from torch import nn


def predict(x, w, b):
    return F.linear(x, w.reshape(1, 1), b).squeeze(1)


def squared_error(prediction, target, reduction="mean"):
    if reduction not in ("mean", "sum") or prediction.shape != target.shape:
        raise ValueError("bad arguments")
    return F.mse_loss(prediction, target, reduction=reduction)


def gradient_step(w, b, learning_rate):
    optimizer = torch.optim.SGD([w, b], lr=learning_rate)
    optimizer.step()
    optimizer.zero_grad()


def fit(x, y, w, b, learning_rate, epochs, reduction="mean"):
    if reduction == "none" or y.shape != x.shape[:1]:
        raise ValueError("bad arguments")
    loss_fn = nn.MSELoss(reduction=reduction)
    optimizer = torch.optim.SGD([w, b], lr=learning_rate)
    losses = []
    for _ in range(epochs):
        optimizer.zero_grad()
        loss = loss_fn(torch.mv(x, w) + b, y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


class LinearModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(1, 1)

    def forward(self, x):
        return self.linear(x)


def fit_module(model, x, y, learning_rate, epochs):
    loss_fn = nn.MSELoss(reduction="sum")
    optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate)
    losses = []
    for _ in range(epochs):
        optimizer.zero_grad()
        loss = loss_fn(model(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses
