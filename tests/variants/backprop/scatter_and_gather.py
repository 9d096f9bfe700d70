"""scatter_add_ for the ones of one-hot, heaviside for the slope, index_select for the order."""

import torch


def linear_backward(x, weight, grad_output):
    out_features, in_features = weight.shape
    samples = x.contiguous().view(-1, in_features)
    grads = grad_output.contiguous().view(-1, out_features)
    grad_x = torch.mm(grads, weight).view_as(x.contiguous())
    return grad_x, torch.mm(samples.t(), grads).t(), torch.mv(grads.t(), grads.new_ones(len(grads)))


def relu_backward(x, grad_output):
    if x.shape != grad_output.shape:
        raise ValueError("unequal shapes")
    return grad_output * torch.heaviside(x, x.new_zeros(()))


def cross_entropy_backward(logits, target):
    ones = torch.ones(len(target), 1, dtype=logits.dtype, device=logits.device)
    result = logits.softmax(1)
    result.scatter_add_(1, target[:, None], -ones)
    return result / len(target)
