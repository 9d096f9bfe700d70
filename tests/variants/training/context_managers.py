"""A context manager as a class, an ExitStack, and a generator of the evaluated batches."""

import contextlib
from operator import attrgetter

import torch


class AllInEvaluation:
    def __init__(self, model):
        self.model = model

    def __enter__(self):
        self.modes = list(map(attrgetter("training"), self.model.modules()))
        return self.model.eval()

    def __exit__(self, *exception):
        for module, mode in zip(self.model.modules(), self.modes, strict=True):
            module.training = mode


def evaluated(model, loader, loss_fn, device=None):
    """One (logits, targets, loss) a batch."""
    with contextlib.ExitStack() as stack:
        stack.enter_context(AllInEvaluation(model))
        stack.enter_context(torch.no_grad())
        for pair in loader:
            inputs, targets = pair if device is None else [part.to(device) for part in pair]
            logits = model(inputs)
            yield logits, targets, loss_fn(logits, targets)


def evaluate(model, loader, loss_fn, device="cpu"):
    found = list(evaluated(model.to(device), loader, loss_fn, device))
    sizes = torch.tensor([len(targets) for _, targets, _ in found], dtype=torch.float64)
    losses = torch.tensor([loss.item() for *_, loss in found], dtype=torch.float64)
    rights = [(logits.topk(1).indices.squeeze(1) == targets) for logits, targets, _ in found]
    return (losses @ sizes / sizes.sum()).item(), torch.cat(rights).double().mean().item()


def batch_losses(model, loader, loss_fn):
    return [loss.item() for _, _, loss in evaluated(model, loader, loss_fn)]
