"""What a warm server does before many forks: Python is faster at what it has run some times.

It remembers of each instruction what it worked on, from the eighth call on, and a fork inherits
that. So the way of a question through a sandbox is gone here with torch's own functions.
"""

from __future__ import annotations

import socket
from types import ModuleType
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from grader.sandbox import wire
from grader.sandbox.worker import Settings, Worker

_TIMES = 24

Question = tuple[str, str, tuple[Any, ...], dict[str, Any]]  # probe, function, inputs


class _Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.MaxPool2d(2))
        self.classifier = nn.Linear(2, 3)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        features: torch.Tensor = self.features(images)
        scores: torch.Tensor = self.classifier(features.flatten(1))
        return scores


def practise(settings: Settings, with_optimizers: bool) -> None:
    """Put questions about torch's own functions to a worker that is confined by nothing.

    Optimizers are among them only where what they import is warm.
    """
    questions = _questions()
    if with_optimizers:
        questions += _about_optimizers()
    asked = [
        {"probe": probe, "function": function, "args": args, "kwargs": kwargs}
        for probe, function, args, kwargs in questions
    ]
    frames = wire.encode({"kind": "ask", "key": bytes(16), "at_once": False}) + wire.encode(asked)
    ours, workers = socket.socketpair()
    with ours, workers:
        reader = wire.FrameReader(workers.recv, wire.REQUEST_LIMITS)
        worker = Worker(workers, settings, _subjects())
        for _ in range(_TIMES):
            ours.sendall(frames)
            worker.answer(reader)
            while len(ours.recv(1 << 20, socket.MSG_DONTWAIT)) == 1 << 20:
                pass


def _subjects() -> ModuleType:
    """A module that has what is asked about."""
    module = ModuleType("practice")
    vars(module).update(
        {
            "l1_loss": functional.l1_loss,
            "cross_entropy": functional.cross_entropy,
            "sigmoid": torch.sigmoid,
            "Net": _Net,
            "count": lambda model: sum(one.numel() for one in model.parameters()),
            "SGD": torch.optim.SGD,
        }
    )
    return module


def _questions() -> list[Question]:
    batch, labels = torch.ones(2, 1, 4, 4), torch.tensor([0, 1])
    pair = (torch.tensor([[1.0, 2.0]]), torch.tensor([[0.0, 4.0]]))
    return [
        ("call", "l1_loss", pair, {"reduction": "none"}),
        ("call", "cross_entropy", (torch.ones(2, 3), labels), {}),
        ("gradient", "l1_loss", pair, {"wrt": [0, 1]}),
        ("gradient", "sigmoid", (torch.ones(3, dtype=torch.float64),), {}),
        ("finite_gradient", "sigmoid", (torch.ones(3),), {}),
        ("size", "Net", tuple(batch.shape), {}),
        ("describe", "Net", (), {"seed": 1}),
        ("forward", "Net", (batch,), {"gradients": True}),
        ("count", "count", ("Linear(3, 4)",), {}),
    ]


def _about_optimizers() -> list[Question]:
    parameters, gradients = [torch.ones(2)], [torch.ones(2)]
    return [
        ("optimize", "SGD", (parameters, [gradients, gradients]), {"lr": 0.1, "momentum": 0.9}),
        ("clear", "SGD", (parameters, gradients, {}), {"lr": 0.1}),
    ]
