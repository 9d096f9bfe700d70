"""model.zero_grad, zeros instead of None, and losses kept as tensors until the epoch's end."""

import torch


def train_step(model, inputs, targets, loss_fn, optimizer):
    model.zero_grad()
    loss = loss_fn(model(inputs), targets)
    before = loss.detach().clone()
    loss.backward()
    optimizer.step()
    return before.cpu().item()


def train(model, loader, loss_fn, optimizer, epochs, device="cpu"):
    model.train().to(device)
    losses = []
    for _ in range(epochs):
        total = 0.0
        for inputs, targets in loader:
            model.zero_grad(set_to_none=False)
            loss = loss_fn(model(inputs.to(device)), targets.to(device))
            loss.backward()
            optimizer.step()
            total = total + loss.detach()
        losses.append(float(total))
    return losses


def batch_losses(model, loader, loss_fn):
    modes = {name: module.training for name, module in model.named_modules()}
    model.train(False)
    with torch.set_grad_enabled(False):
        found = torch.stack([loss_fn(model(inputs), targets) for inputs, targets in loader])
    for name, module in model.named_modules():
        module.training = modes[name]
    return found.tolist()


def lbfgs_step(model, inputs, targets, loss_fn, optimizer):
    def closure():
        model.zero_grad()
        loss = loss_fn(model(inputs), targets)
        loss.backward()
        return loss

    loss = optimizer.step(closure)
    return loss.detach().cpu().numpy().item()
