"""Where a boolean mask is true, something happens: where, masked_fill, scatter, gather."""

import torch


def numerical_gradient(f, x, eps=1e-6):
    numbers = torch.arange(x.numel(), device=x.device).reshape(x.shape)
    gradient = torch.zeros_like(x)
    for number in range(x.numel()):
        here = numbers == number
        difference = f(torch.where(here, x + eps, x)) - f(torch.where(here, x - eps, x))
        gradient = torch.where(here, difference / (2 * eps), gradient)
    return gradient


def relu_backward(x, grad_output):
    if list(x.shape) != list(grad_output.shape):
        raise ValueError("unequal shapes")
    return grad_output.masked_fill(x <= 0, 0.0)


def mse_backward(input, target):
    if not input.shape == target.shape:
        raise ValueError("unequal shapes")
    return torch.sub(input, target).mul_(2 / torch.numel(input))


def cross_entropy_backward(logits, target):
    wanted = torch.zeros_like(logits, dtype=torch.bool)
    wanted[torch.arange(len(target)), target] = True
    probabilities = logits.log_softmax(dim=1).exp()
    return torch.where(wanted, probabilities - 1, probabilities) / target.numel()
