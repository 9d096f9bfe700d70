"""no_grad as a decorator and around blocks, and detach wherever one can: none of it derives."""

import torch
from torch.autograd import no_grad


@torch.no_grad()
def numerical_gradient(f, x, eps=1e-6):
    point = x.detach().clone(memory_format=torch.contiguous_format)
    flat, found = point.view(-1), []
    for i in range(flat.numel()):
        kept = flat[i].clone()
        flat[i] = kept + eps
        above = f(point).clone()
        flat[i] = kept - eps
        found.append((above - f(point)) / (2 * eps))
        flat[i] = kept
    return torch.stack(found).view(x.shape)


@no_grad()
def linear_backward(x, weight, grad_output):
    x, weight, grad_output = (one.detach() for one in (x, weight, grad_output))
    front = list(range(x.dim() - 1))
    grad_weight = torch.tensordot(grad_output, x, dims=(front, front))
    grad_bias = grad_output.sum(dim=front) if front else grad_output.clone()
    return torch.nn.functional.linear(grad_output, weight.T), grad_weight, grad_bias


def mse_backward(input, target):
    with torch.inference_mode():
        if input.shape != target.shape:
            raise ValueError("unequal shapes")
        return (2.0 / input.nelement()) * (input.detach() - target.detach())


def relu_backward(x, grad_output):
    with torch.no_grad():
        if x.shape != grad_output.shape:
            raise ValueError("unequal shapes")
        return torch.where(x.detach() > 0, grad_output, 0.0)


def gradient_lifecycle(model, loss_fn, inputs, targets):
    def look():
        with torch.no_grad():
            return [p.grad if p.grad is None else p.grad.detach() + 0 for p in model.parameters()]

    for p in model.parameters():
        p.grad = None
    result = {"before": look()}
    loss_fn(model(inputs), targets).backward()
    result.update(after_backward=look())
    loss_fn(model(inputs), targets).backward()
    result.update(after_second_backward=look())
    for p in model.parameters():
        p.grad = None
    result.update(after_zero_grad=look())
    return result
