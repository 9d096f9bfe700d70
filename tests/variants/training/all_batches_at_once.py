"""The logits of all batches are joined, and the mean is taken once over all samples."""

import torch


def evaluate(model, loader, loss_fn, device="cpu"):
    model.to(device)
    modes = dict.fromkeys(model.modules())
    for module in modes:
        modes[module] = module.training
        module.training = False
    with torch.no_grad():
        logits, targets = [], []
        for inputs, wanted in loader:
            logits.append(model(inputs.to(device)))
            targets.append(wanted.to(device))
        logits, targets = torch.cat(logits), torch.cat(targets)
        loss = loss_fn(logits, targets).item()
        accuracy = torch.mean((logits.argmax(1) == targets).to(torch.float64)).item()
    for module in modes:
        module.training = modes[module]
    return loss, accuracy
