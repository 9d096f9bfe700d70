"""torch.no_grad and the keeping of modes as decorators."""

import functools

import torch


def keeping_modes(function):
    @functools.wraps(function)
    def wrapper(model, *args, **kwargs):
        modes = [(module, module.training) for module in model.modules()]
        try:
            return function(model.eval(), *args, **kwargs)
        finally:
            for module, mode in modes:
                module.train(mode)  # from the root inwards: each child is set after its parent

    return wrapper


@torch.no_grad()
@keeping_modes
def evaluate(model, loader, loss_fn, device="cpu"):
    model.to(device)
    loss_sum = right = number = 0
    for inputs, targets in loader:
        inputs, targets = inputs.to(device=device), targets.to(device=device)
        outputs = model(inputs)
        loss_sum = loss_sum + loss_fn(outputs, targets).double() * inputs.shape[0]
        right = right + outputs.softmax(dim=1).max(dim=1).indices.eq(targets).sum()
        number += inputs.shape[0]
    return (loss_sum / number).item(), (right / number).item()


@keeping_modes
@torch.inference_mode()
def batch_losses(model, loader, loss_fn):
    return list(map(float, (loss_fn(model(inputs), targets) for inputs, targets in loader)))
