"""Generator expressions, math.fsum and statistics in place of running sums."""

import math
import statistics

import torch


def step_losses_of(model, loader, loss_fn, optimizer, device):
    for inputs, targets in loader:
        yield train_step(model, inputs.to(device), targets.to(device), loss_fn, optimizer)


def train_step(model, inputs, targets, loss_fn, optimizer):
    optimizer.zero_grad(set_to_none=True)
    (loss := loss_fn(model(inputs), targets)).backward()
    optimizer.step()
    return loss.tolist()


def train(model, loader, loss_fn, optimizer, epochs, device="cpu"):
    model.to(device).train()
    return [
        math.fsum(step_losses_of(model, loader, loss_fn, optimizer, device)) for _ in range(epochs)
    ]


def evaluate(model, loader, loss_fn, device="cpu"):
    modes = [module.training for module in model.to(device).modules()]
    model.eval()
    losses, hits = [], []
    with torch.no_grad():
        for inputs, targets in loader:
            logits, targets = model(inputs.to(device)), targets.to(device)
            losses.extend([loss_fn(logits, targets).item()] * len(targets))
            hits.extend((torch.argmax(logits, 1) == targets).tolist())
    [module.train(mode) for module, mode in zip(model.modules(), modes, strict=True)]
    return statistics.fmean(losses), statistics.fmean(hits)


def batch_losses(model, loader, loss_fn):
    modes = [module.training for module in model.modules()]
    model.eval()
    with torch.no_grad():
        losses = [*(loss_fn(model(x), y).item() for x, y in loader)]
    [module.train(mode) for module, mode in zip(model.modules(), modes, strict=True)]
    return losses
