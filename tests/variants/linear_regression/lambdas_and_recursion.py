"""Lambdas, and epochs by recursion; norms and inner products for the sum of squares."""

import torch
from torch import nn

predict = lambda x, w, b: torch.nn.functional.linear(x, w[None], b).flatten()


def squared_error(prediction, target, reduction="mean"):
    if prediction.shape != target.shape:
        raise ValueError("shapes")
    share = {"mean": prediction.numel(), "sum": 1}
    if reduction not in share:
        raise ValueError("reduction")
    error = torch.sub(prediction, target).flatten()
    return error.dot(error) / share[reduction]


def gradient_step(w, b, learning_rate):
    if learning_rate < 0:
        raise ValueError("learning_rate")
    for leaf in (w, b):
        leaf.requires_grad_(False)
        leaf -= learning_rate * leaf.grad
        leaf.requires_grad_()
        leaf.grad = None


def fit(x, y, w, b, learning_rate, epochs, reduction="mean"):
    if not epochs:
        return []
    w.grad = b.grad = None
    loss = squared_error(predict(x, w, b), y, reduction)
    loss.backward()
    gradient_step(w, b, learning_rate)
    return [loss.item(), *fit(x, y, w, b, learning_rate, epochs - 1, reduction)]


def fit_module(model, x, y, learning_rate, epochs):
    if not epochs:
        return []
    optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate)  # it remembers nothing
    optimizer.zero_grad()
    loss = nn.MSELoss(reduction="sum")(model(x), y)
    loss.backward()
    optimizer.step()
    return [loss.item(), *fit_module(model, x, y, learning_rate, epochs - 1)]
