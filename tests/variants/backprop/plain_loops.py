"""Python numbers and loops over lists, made tensors in the end."""

import math

import torch


def nested(values, shape):
    for size in reversed(shape[1:]):
        values = [values[start : start + size] for start in range(0, len(values), size)]
    return values


def tensor_like(values, like):
    flat = torch.tensor(values, dtype=like.dtype, device=like.device)
    return flat.reshape(like.shape)


def numerical_gradient(f, x, eps=1e-6):
    numbers = x.flatten().tolist()

    def at(place, by):
        changed = list(numbers)
        changed[place] += by
        return f(tensor_like(changed, x)).item()

    slopes = [(at(i, eps) - at(i, -eps)) / (eps * 2) for i in range(len(numbers))]
    return tensor_like(slopes, x)


def linear_backward(x, weight, grad_output):
    w = weight.tolist()
    samples = x.reshape(-1, len(w[0])).tolist()
    grads = grad_output.reshape(-1, len(w)).tolist()
    into, out = range(len(w[0])), range(len(w))
    grad_x = [sum(g[o] * w[o][i] for o in out) for g in grads for i in into]
    pairs = list(zip(grads, samples, strict=True))
    grad_weight = [sum(g[o] * s[i] for g, s in pairs) for o in out for i in into]
    grad_bias = [math.fsum(g[o] for g in grads) for o in out]
    return (
        tensor_like(grad_x, x),
        tensor_like(grad_weight, weight),
        tensor_like(grad_bias, weight[:, 0]),
    )


def relu_backward(x, grad_output):
    if x.shape != grad_output.shape:
        raise ValueError("unequal shapes")
    pairs = zip(x.flatten().tolist(), grad_output.flatten().tolist(), strict=True)
    return tensor_like([g if value > 0 else 0.0 for value, g in pairs], x)


def mse_backward(input, target):
    if input.shape != target.shape:
        raise ValueError("unequal shapes")
    pairs = list(zip(input.flatten().tolist(), target.flatten().tolist(), strict=True))
    return tensor_like([2 * (a - b) / len(pairs) for a, b in pairs], input)


def cross_entropy_backward(logits, target):
    found = []
    for row, wanted in zip(logits.tolist(), target.tolist(), strict=True):
        largest = max(row)
        powers = [math.exp(value - largest) for value in row]
        for place, power in enumerate(powers):
            found.append((power / sum(powers) - (place == wanted)) / len(target))
    return tensor_like(found, logits)
