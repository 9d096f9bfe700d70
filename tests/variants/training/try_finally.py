"""Modes put back in a finally, with torch.inference_mode and running means."""

import torch


def evaluate(model, loader, loss_fn, device="cpu"):
    model = model.to(device)
    training = [module for module in model.modules() if module.training]
    model.eval()
    mean_loss, mean_right, seen = 0.0, 0.0, 0
    try:
        with torch.inference_mode():
            for inputs, targets in loader:
                inputs, targets = inputs.to(device), targets.to(device)
                logits = model(inputs)
                share = len(targets) / (seen + len(targets))
                seen += len(targets)
                mean_loss += share * (loss_fn(logits, targets).item() - mean_loss)
                right = logits.argmax(-1).eq(targets).float().mean().item()
                mean_right += share * (right - mean_right)
    finally:
        for module in training:
            module.training = True
    return mean_loss, mean_right


def batch_losses(model, loader, loss_fn):
    training = [module for module in model.modules() if module.training]
    grad_enabled = torch.is_grad_enabled()
    losses = []
    try:
        model.eval()
        torch.set_grad_enabled(False)
        for inputs, targets in loader:
            losses += [loss_fn(model(inputs), targets).item()]
    finally:
        torch.set_grad_enabled(grad_enabled)
        for module in training:
            module.training = True
    return losses
