"""Einstein's sums, and a mask times the gradient."""

import torch
import torch.nn.functional as F


def linear_backward(x, weight, grad_output):
    return (
        torch.einsum("...o,oi->...i", grad_output, weight),
        torch.einsum("...o,...i->oi", grad_output, x),
        torch.einsum("...o->o", grad_output),
    )


def relu_backward(x, grad_output):
    if x.shape != grad_output.shape:
        raise ValueError(f"{x.shape} is not {grad_output.shape}")
    return (x > 0) * grad_output


def cross_entropy_backward(logits, target):
    batch, classes = logits.shape
    wrong = F.softmax(logits, dim=1) - F.one_hot(target, num_classes=classes)
    return torch.einsum("nc,->nc", wrong, wrong.new_tensor(1 / batch))
