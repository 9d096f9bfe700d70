"""Torch itself as a submission: it only checks its arguments."""

import torch


def train_step(model, inputs, targets, loss_fn, optimizer):
    optimizer.zero_grad()
    loss = loss_fn(model(inputs), targets)
    loss.backward()
    optimizer.step()
    return float(loss)


def train(model, loader, loss_fn, optimizer, epochs, device="cpu"):
    model = model.train().to(device)
    epoch = lambda: [
        train_step(model, x.to(device), y.to(device), loss_fn, optimizer) for x, y in loader
    ]
    return [sum(epoch()) for _ in range(epochs)]


def evaluate(model, loader, loss_fn, device="cpu"):
    modes = {module: module.training for module in model.modules()}
    model.to(device).eval()
    with torch.inference_mode():
        batches = [(model(x.to(device)), y.to(device)) for x, y in loader]
        size = sum(len(y) for _, y in batches)
        loss = sum(loss_fn(logits, y).item() * len(y) for logits, y in batches)
        right = sum(int((logits.argmax(1) == y).sum()) for logits, y in batches)
    for module, mode in modes.items():
        module.training = mode
    return loss / size, right / size


@torch.no_grad()
def batch_losses(model, loader, loss_fn):
    modes = [module.training for module in model.modules()]
    model.eval()
    found = [loss_fn(model(x), y).item() for x, y in loader]
    for module, mode in zip(model.modules(), modes, strict=True):
        module.training = mode
    return found


def lbfgs_step(model, inputs, targets, loss_fn, optimizer):
    def closure():
        optimizer.zero_grad()
        loss = loss_fn(model(inputs), targets)
        loss.backward()
        return loss

    return float(optimizer.step(closure))
