"""One point after the other, in loops, as one would with a pocket calculator."""

import torch
from torch import nn


def predict(x, w, b):
    return torch.stack([row[0] * w[0] + b[0] for row in x])


def squared_error(prediction, target, reduction="mean"):
    if prediction.shape != target.shape:
        raise ValueError(f"{prediction.shape} is not {target.shape}")
    if reduction != "mean" and reduction != "sum":
        raise ValueError(f"{reduction!r}")
    total = prediction.new_zeros(())
    for said, true in zip(prediction.flatten(), target.flatten(), strict=True):
        total = total + (said - true) ** 2
    if reduction == "mean":
        total = total / prediction.numel()
    return total


def gradient_step(w, b, learning_rate):
    if learning_rate < 0:
        raise ValueError(learning_rate)
    with torch.no_grad():
        for leaf in (w, b):
            for place in range(len(leaf)):
                leaf[place] = leaf[place] - learning_rate * leaf.grad[place]
    w.grad = b.grad = None


def fit(x, y, w, b, learning_rate, epochs, reduction="mean"):
    history = [0.0] * epochs
    for epoch in range(epochs):
        w.grad, b.grad = None, None
        if len(y.shape) > 1:
            raise ValueError("y has one number a point")
        loss = 0
        for row, true in zip(x, y, strict=True):
            loss = loss + squared_error(row @ w + b, true.reshape(1), "sum")
        if reduction == "mean":
            loss = loss / len(y)
        elif reduction != "sum":
            raise ValueError(reduction)
        history[epoch] = loss.item()
        loss.backward()
        gradient_step(w, b, learning_rate)
    return history


class LinearModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(1, 1)

    def forward(self, x):
        return torch.cat([self.linear(row).reshape(1, 1) for row in x])


def fit_module(model, x, y, learning_rate, epochs):
    optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate)
    loss_fn = nn.MSELoss(reduction="sum")
    history = []
    for _ in range(epochs):
        optimizer.zero_grad()
        total = 0.0
        for i in range(len(x)):  # the gradients of the points add up to that of the sum
            loss = loss_fn(model(x[i : i + 1]), y[i : i + 1])
            loss.backward()
            total += loss.item()
        optimizer.step()
        history.append(total)
    return history
