"""torch.maximum and torch.minimum against zeros."""

import torch


def sigmoid(x):
    zeros = x.new_zeros(())
    down, up = torch.exp(torch.minimum(-x, zeros)), torch.exp(torch.minimum(x, zeros))
    return up / (up + down)


def relu(x):
    return torch.maximum(x, torch.zeros_like(x))


def leaky_relu(x, negative_slope=0.01):
    zeros = torch.zeros_like(x)
    return torch.maximum(x, zeros) + negative_slope * torch.minimum(x, zeros)


def prelu(x, weight):
    zeros = torch.zeros_like(x)
    negative = torch.minimum(x, zeros)
    if x.dim() > 1:
        negative = (negative.movedim(1, -1) * weight).movedim(-1, 1)
    else:
        negative = negative * weight
    return torch.maximum(x, zeros) + negative


def softmax(x, dim):
    largest, _ = torch.max(x, dim=dim, keepdim=True)
    exponentials = (x - largest).exp()
    return exponentials.div(exponentials.sum(dim=dim, keepdim=True))


def log_softmax(x, dim):
    largest = torch.max(x, dim).values.unsqueeze(dim).detach()
    return x - (largest + (x - largest).exp().sum(dim, keepdim=True).log())
