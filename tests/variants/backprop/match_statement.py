"""Dimensions told apart by match, moments by a dict of actions."""

import torch


def linear_backward(x, weight, grad_output):
    match x.dim():
        case 1:
            return grad_output @ weight, torch.outer(grad_output, x), grad_output.clone()
        case 2:
            return grad_output @ weight, grad_output.T @ x, grad_output.sum(0)
        case _:
            parts = [
                linear_backward(one, weight, grad) for one, grad in zip(x, grad_output, strict=True)
            ]
            grad_xs, grad_weights, grad_biases = zip(*parts, strict=True)
            return torch.stack(grad_xs), sum(grad_weights), sum(grad_biases)


def relu_backward(x, grad_output):
    match x.shape == grad_output.shape:
        case True:
            return torch.minimum(x.sign().relu(), torch.ones_like(x)) * grad_output
        case False:
            raise ValueError("unequal shapes")


def mse_backward(input, target):
    match tuple(input.shape), tuple(target.shape):
        case (first, second) if first == second:
            return torch.lerp(input, target, -1.0).sub(input) * 2 / input.numel()
        case other:
            raise ValueError(other)


def gradient_lifecycle(model, loss_fn, inputs, targets):
    def learn():
        torch.autograd.backward(loss_fn(model(inputs), targets))

    actions = {
        "before": model.zero_grad,
        "after_backward": learn,
        "after_second_backward": learn,
        "after_zero_grad": model.zero_grad,
    }
    seen = {}
    for moment, act in actions.items():
        act()
        grads = (p.grad for p in model.parameters())
        seen[moment] = tuple(None if grad is None else grad.clone() for grad in grads)
    return seen
