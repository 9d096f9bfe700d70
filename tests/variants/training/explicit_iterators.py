"""iter and next by hand, enumerate and zip over the loader, a while loop over the epochs."""

import torch


def train(model, loader, loss_fn, optimizer, epochs, device="cpu"):
    model.to(device)
    if not model.training or not all(module.training for module in model.modules()):
        model.train()
    history = [0.0] * epochs
    epoch = 0
    while epoch < epochs:
        batches = iter(loader)
        while (batch := next(batches, None)) is not None:
            inputs, targets = (part.to(device) for part in batch)
            history[epoch] += train_step(model, inputs, targets, loss_fn, optimizer)
        epoch += 1
    return history


def train_step(model, inputs, targets, loss_fn, optimizer):
    loss = loss_fn(model(inputs), targets)
    optimizer.zero_grad()  # after the forward pass and before backward is early enough
    loss.backward()
    value = loss.item()
    optimizer.step()
    return value


def batch_losses(model, loader, loss_fn):
    modes = {module: module.training for module in model.modules()}
    losses = {}
    with torch.no_grad():
        for number, (inputs, targets) in enumerate(loader):
            model.eval()
            losses[number] = loss_fn(model(inputs), targets).item()
    for module, mode in modes.items():
        module.training = mode
    return list(losses.values())
