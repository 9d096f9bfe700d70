"""Functions that make the functions: the loss of one element goes in, the whole loss comes out."""

import torch


def make_loss(one):
    def loss(input, target, reduction="mean"):
        refuse(input, target)
        return finish(one(input, target), reduction)

    return loss


def make_binary_loss(one):
    def loss(input, target, weight=None, reduction="mean"):
        refuse(input, target)
        losses = one(input, target)
        if weight is not None:
            losses = losses * weight
        return finish(losses, reduction)

    return loss


def refuse(input, target):
    if list(input.shape) != list(target.shape):
        raise ValueError(f"{list(input.shape)} != {list(target.shape)}")


def finish(losses, reduction):
    count = losses.numel()
    steps = {"none": [], "sum": [torch.sum], "mean": [torch.sum, lambda total: total / count]}
    if reduction not in steps:
        raise ValueError(reduction)
    for step in steps[reduction]:
        losses = step(losses)
    return losses


def absolute(x, y):
    return torch.relu(x - y) + torch.relu(y - x)


def squared(x, y):
    return (x - y).abs() ** 2


def surprise(p, y):
    def log(q):
        return torch.where(q > 0, q, torch.ones_like(q)).log().where(q > 0, -100.0).clamp(min=-100)

    return -y * log(p) - (1 - y) * log(1 - p)


l1_loss = make_loss(absolute)
mse_loss = make_loss(squared)
binary_cross_entropy = make_binary_loss(surprise)
