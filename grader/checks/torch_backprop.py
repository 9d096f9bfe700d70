"""Torch itself as a submission: it only checks its arguments."""

import sys
import warnings

import torch
import torch.nn.functional as F

gradcheck = sys.modules["torch.autograd.gradcheck"]


def numerical_gradient(f, x, eps=1e-6):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it is torch's own, and no longer meant for us
        leaf = x.requires_grad_()
        jacobian = gradcheck.get_numerical_jacobian(lambda given: f(*given), (leaf,), eps=eps)
    return jacobian[0].reshape(x.shape)


def linear_backward(x, weight, grad_output):
    bias = weight.new_zeros(len(weight))
    _, derive = torch.func.vjp(F.linear, x, weight, bias)
    return derive(grad_output)


def refuse_unequal(first, second):
    if first.shape != second.shape:
        raise ValueError("shapes differ")


def relu_backward(x, grad_output):
    refuse_unequal(x, grad_output)
    x.requires_grad_()
    F.relu(x).backward(grad_output)
    return x.grad


def mse_backward(input, target):
    refuse_unequal(input, target)
    return torch.func.grad(F.mse_loss)(input, target)


def cross_entropy_backward(logits, target):
    return torch.autograd.functional.jacobian(lambda x: F.cross_entropy(x, target), logits)


def gradient_lifecycle(model, loss_fn, inputs, targets):
    def grads():
        return [None if p.grad is None else p.grad.clone() for p in model.parameters()]

    model.zero_grad(set_to_none=True)
    found = {"before": grads()}
    loss_fn(model(inputs), targets).backward()
    found["after_backward"] = grads()
    loss_fn(model(inputs), targets).backward()
    found["after_second_backward"] = grads()
    model.zero_grad(set_to_none=True)
    return found | {"after_zero_grad": grads()}
