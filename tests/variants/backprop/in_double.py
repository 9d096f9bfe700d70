"""Computes in float64 and goes back to the dtype of what was given."""

import torch


def linear_backward(x, weight, grad_output):
    a, w, g = (one.to(torch.float64) for one in (x, weight, grad_output))
    flat_a, flat_g = a.reshape(-1, a.size(-1)), g.reshape(-1, g.size(-1))
    grad_weight = (flat_g.unsqueeze(2) * flat_a.unsqueeze(1)).sum(0)
    found = (g.unsqueeze(-2) @ w).squeeze(-2), grad_weight, flat_g.sum(0)
    return [one.to(x.dtype) for one in found]


def mse_backward(input, target):
    if input.shape != target.shape:
        raise ValueError("unequal shapes")
    return ((input.double() - target.double()) / (input.numel() / 2)).to(input.dtype)


def cross_entropy_backward(logits, target):
    p = logits.double().softmax(1)
    p -= torch.nn.functional.one_hot(target, logits.shape[1]).double()
    return (p / len(p)).type_as(logits)
