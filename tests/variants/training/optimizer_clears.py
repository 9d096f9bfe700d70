"""The batch unpacked in the body, zero_grad before and after, `.to` with non_blocking."""

import torch


def train_step(model, inputs, targets, loss_fn, optimizer):
    optimizer.zero_grad()
    outputs = model(inputs)
    loss = loss_fn(outputs, targets)
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    return float(loss)


def train(model, loader, loss_fn, optimizer, epochs, device="cpu"):
    device = torch.device(device)
    model = model.to(device)
    history = []
    for epoch in range(1, epochs + 1):
        model.train(mode=True)
        running_loss = 0.0
        for batch in loader:
            inputs, targets = batch
            inputs = inputs.to(device, non_blocking=True)
            targets = targets.to(device, non_blocking=True)
            optimizer.zero_grad()
            loss = loss_fn(model(inputs), targets)
            loss.backward()
            optimizer.step()
            running_loss += loss.item()
        history.append(running_loss)
        assert len(history) == epoch
    return history


def evaluate(model, loader, loss_fn, device="cpu"):
    device = torch.device(device)
    model = model.to(device)
    were_training = [module.training for module in model.modules()]
    model.eval()
    total_loss, correct, count = 0.0, 0, 0
    with torch.no_grad():
        for batch in loader:
            inputs, targets = (part.to(device, non_blocking=True) for part in batch)
            outputs = model(inputs)
            size = targets.size(0)
            total_loss += loss_fn(outputs, targets).item() * size
            _, predicted = torch.max(outputs, 1)
            correct += (predicted == targets).sum().item()
            count += size
    for module, training in zip(model.modules(), were_training, strict=True):
        module.training = training
    return total_loss / count, correct / count


def lbfgs_step(model, inputs, targets, loss_fn, optimizer):
    def closure():
        if torch.is_grad_enabled():
            optimizer.zero_grad()
        loss = loss_fn(model(inputs), targets)
        if loss.requires_grad:
            loss.backward()
        return loss

    return optimizer.step(closure).item()
