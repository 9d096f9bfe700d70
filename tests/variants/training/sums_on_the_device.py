"""Sums stay tensors on the device of the loss; numbers are taken out once, at the end."""

import torch


def train(model, loader, loss_fn, optimizer, epochs, device="cpu"):
    model.to(device)
    history = []
    for _ in range(epochs):
        model.train()
        total = torch.zeros((), dtype=torch.float64, device=device)
        for inputs, targets in loader:
            inputs, targets = inputs.to(device), targets.to(device)
            optimizer.zero_grad()
            loss = loss_fn(model(inputs), targets)
            loss.backward()
            optimizer.step()
            total += loss.detach()
        history.append(total)
    return [total.item() for total in history]


def evaluate(model, loader, loss_fn, device="cpu"):
    model.to(device)
    modes = [(module, module.training) for module in model.modules()]
    sums = torch.zeros(3, dtype=torch.float64, device=device)
    with torch.no_grad():
        model.eval()
        for inputs, targets in loader:
            inputs, targets = inputs.to(device), targets.to(device)
            logits = model(inputs)
            sums[0] += loss_fn(logits, targets) * len(inputs)
            sums[1] += torch.sum(logits.max(dim=1)[1] == targets)
            sums[2] += len(inputs)
    for module, mode in modes:
        module.training = mode
    loss, right, samples = sums.tolist()
    return loss / samples, right / samples


def batch_losses(model, loader, loss_fn):
    modes = [(module, module.training) for module in model.modules()]
    with torch.no_grad():
        model.eval()
        losses = torch.cat([loss_fn(model(x), y).reshape(1) for x, y in loader])
    for module, mode in modes:
        module.training = mode
    return losses.cpu().tolist()
