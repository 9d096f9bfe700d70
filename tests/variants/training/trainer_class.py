"""A Trainer object behind the functions: they only make one and call a method."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import nn


@dataclass
class Trainer:
    model: nn.Module
    loss_fn: Any
    optimizer: Any = None
    device: Any = None

    def __post_init__(self):
        if self.device is not None:
            self.model.to(self.device)

    def place(self, batch):
        return batch if self.device is None else [tensor.to(self.device) for tensor in batch]

    def loss(self, batch):
        inputs, targets = batch
        self.outputs = self.model(inputs)
        return self.loss_fn(self.outputs, targets)

    def closure(self, batch):
        def compute():
            self.optimizer.zero_grad()
            loss = self.loss(batch)
            loss.backward()
            return loss

        return compute

    def step(self, batch):
        loss = self.closure(batch)()
        self.optimizer.step()
        return loss.item()

    def fit(self, loader, epochs):
        self.model.train()
        return [sum(self.step(self.place(batch)) for batch in loader) for _ in range(epochs)]

    @torch.no_grad()
    def test(self, loader):
        """The loss, the number of right answers and the size of every batch."""
        modes = [(module, module.training) for module in self.model.modules()]
        self.model.eval()
        found = []
        for inputs, targets in map(self.place, loader):
            loss = self.loss((inputs, targets)).item()
            found.append((loss, (self.outputs.argmax(1) == targets).sum().item(), len(targets)))
        for module, mode in modes:
            module.training = mode
        return found


def train_step(model, inputs, targets, loss_fn, optimizer):
    return Trainer(model, loss_fn, optimizer).step((inputs, targets))


def train(model, loader, loss_fn, optimizer, epochs, device="cpu"):
    return Trainer(model, loss_fn, optimizer, device).fit(loader, epochs)


def evaluate(model, loader, loss_fn, device="cpu"):
    losses, rights, sizes = zip(*Trainer(model, loss_fn, device=device).test(loader), strict=True)
    weighted = sum(loss * size for loss, size in zip(losses, sizes, strict=True))
    return weighted / sum(sizes), sum(rights) / sum(sizes)


def batch_losses(model, loader, loss_fn):
    return [loss for loss, *_ in Trainer(model, loss_fn).test(loader)]


def lbfgs_step(model, inputs, targets, loss_fn, optimizer):
    trainer = Trainer(model, loss_fn, optimizer)
    return trainer.optimizer.step(trainer.closure((inputs, targets))).item()
