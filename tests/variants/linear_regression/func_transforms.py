"""torch.func: value and gradient of a pure function, written back with copy_."""

import torch
from torch import nn
from torch.func import functional_call, grad_and_value


def predict(x, w, b):
    return torch.func.vmap(lambda row: row.dot(w) + b.sum())(x)


def squared_error(prediction, target, reduction="mean"):
    if prediction.shape != target.shape:
        raise ValueError("shapes")
    match reduction:
        case "mean":
            divisor = prediction.numel()
        case "sum":
            divisor = 1
        case _:
            raise ValueError("reduction")
    return torch.sum((target - prediction) ** 2) / divisor


def gradient_step(w, b, learning_rate):
    if learning_rate < 0:
        raise ValueError("learning_rate")
    for leaf in w, b:
        leaf.detach().copy_(leaf.detach() - learning_rate * leaf.grad)
        leaf.grad = torch.zeros_like(leaf)


def fit(x, y, w, b, learning_rate, epochs, reduction="mean"):
    if learning_rate < 0:
        raise ValueError("learning_rate")

    def loss_of(line):
        return squared_error(predict(x, *line), y, reduction)

    losses = []
    for _ in range(epochs):
        gradients, loss = grad_and_value(loss_of)((w.detach(), b.detach()))
        with torch.no_grad():
            for leaf, gradient in zip((w, b), gradients, strict=True):
                leaf.copy_(leaf - learning_rate * gradient)
        losses.append(loss.item())
    return losses


def fit_module(model, x, y, learning_rate, epochs):
    if learning_rate < 0:
        raise ValueError("learning_rate")

    def loss_of(parameters):
        return nn.MSELoss(reduction="sum")(functional_call(model, parameters, (x,)), y)

    losses = []
    for _ in range(epochs):
        parameters = dict(model.named_parameters())
        frozen = {name: one.detach() for name, one in parameters.items()}
        gradients, loss = grad_and_value(loss_of)(frozen)
        with torch.no_grad():
            for name, one in parameters.items():
                one.copy_(one - learning_rate * gradients[name])
        losses.append(loss.item())
    return losses
