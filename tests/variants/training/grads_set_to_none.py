"""Each parameter's grad set to None by a loop of one's own, or filled by torch.autograd.grad."""

import torch


def forget(parameters):
    for parameter in parameters:
        parameter.grad = None


def train_step(model, inputs, targets, loss_fn, optimizer):
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    loss = loss_fn(model(inputs), targets)
    gradients = torch.autograd.grad(loss, parameters, allow_unused=True)
    for parameter, gradient in zip(parameters, gradients, strict=True):
        parameter.grad = gradient
    optimizer.step()
    return loss.item()


def train(model, loader, loss_fn, optimizer, epochs, device="cpu"):
    model.to(device)
    model.train()
    per_epoch = []
    for _ in range(epochs):
        per_epoch.append(0.0)
        for inputs, targets in loader:
            forget(model.parameters())
            loss = loss_fn(model(inputs.to(device)), targets.to(device))
            loss.backward()
            optimizer.step()
            per_epoch[-1] += loss.item()
    return per_epoch


def lbfgs_step(model, inputs, targets, loss_fn, optimizer):
    @torch.enable_grad()
    def closure():
        forget(model.parameters())
        loss = loss_fn(model(inputs), targets)
        torch.autograd.backward(loss)
        return loss

    return float(optimizer.step(closure=closure))
