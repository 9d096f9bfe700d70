"""Changes the very tensors that are given and puts their values back; indices from numpy."""

import numpy as np
import torch


def numerical_gradient(f, x, eps=1e-6):
    gradient = torch.zeros(x.shape, dtype=x.dtype, device=x.device)
    for index in np.ndindex(*x.shape):
        old = x[index].item()
        x[index] = old + eps
        above = float(f(x))
        x[index] = old - eps
        below = float(f(x))
        x[index] = old
        gradient[index] = (above - below) / (2 * eps)
    return gradient


def relu_backward(x, grad_output):
    if grad_output.size() != x.size():
        raise ValueError("grad_output has another shape than x")
    result = grad_output.clone()
    result[x <= 0] = 0
    return result


def cross_entropy_backward(logits, target):
    result = torch.softmax(logits, -1)
    for row, wanted in zip(result, target, strict=True):
        row[wanted] -= 1
    result /= result.shape[0]
    return result
