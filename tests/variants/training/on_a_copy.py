"""Evaluation on a deep copy or on the model with frozen parameters: the model stays as it was."""

import copy

import torch
from torch.func import functional_call


def evaluate(model, loader, loss_fn, device="cpu"):
    model.to(device)
    double = copy.deepcopy(model).eval().requires_grad_(False)
    totals = [0.0, 0, 0]
    for inputs, targets in loader:
        inputs, targets = inputs.to(device), targets.to(device)
        logits = double(inputs)
        batch = loss_fn(logits, targets).item() * len(targets)
        right = (logits.argmax(dim=1) == targets).count_nonzero().item()
        totals = [a + b for a, b in zip(totals, (batch, right, len(targets)), strict=True)]
    loss, right, samples = totals
    return loss / samples, right / samples


def batch_losses(model, loader, loss_fn):
    state = {name: tensor.detach() for name, tensor in model.state_dict().items()}
    modes = [module.training for module in model.modules()]
    model.eval()
    losses = [loss_fn(functional_call(model, state, x), y).item() for x, y in loader]
    for module, mode in zip(model.modules(), modes, strict=True):
        module.training = mode
    return losses


def train_step(model, inputs, targets, loss_fn, optimizer):
    with torch.enable_grad():
        for parameter in model.parameters():
            if parameter.grad is not None:
                parameter.grad.zero_()
        loss = loss_fn(model(inputs), targets)
        loss.backward()
    optimizer.step()
    return loss.item()
