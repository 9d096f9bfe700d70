"""What the sandbox server does once, so that no fork of it pays for it again."""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Sequence

import torch
from torch import nn

from grader.sandbox.refuse import Guard


class MissingModuleError(Exception):
    """Something that a solution imports is not installed."""


def warm_up(forbidden: Sequence[str], imports: Sequence[str]) -> None:
    """Use once what students use, so that no fork pays for torch's lazy imports.

    `forbidden` names are looked up in torch's operators here, once, and not in every fork.
    `imports` are the modules that the course's solutions import.
    """
    for name in imports:
        try:
            importlib.import_module(name)
        except ImportError as error:
            raise MissingModuleError(
                f"a solution of this course imports {name}, which cannot be imported here: {error}"
            ) from None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch warns once that an operator is replaced
        guard = Guard()
        guard.arm(["mse_loss", "torch.optim", *forbidden])
        guard.arm([])
    # Freeing one large block has the C library serve such blocks from its heap from now on,
    # instead of mapping and unmapping them, page fault by page fault.
    torch.empty(30 << 20, dtype=torch.uint8)
    network = nn.Sequential(
        nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()
    )
    network.append(nn.Linear(2, 3))
    batch, labels = torch.randn(4, 1, 4, 4), torch.tensor([0, 1, 2, 0])
    for kind in (torch.optim.SGD, torch.optim.Adam, torch.optim.LBFGS):
        optimizer = kind(network.parameters(), lr=0.01)

        def closure() -> torch.Tensor:
            optimizer.zero_grad()  # noqa: B023  # it is called before the loop goes on
            loss = nn.functional.cross_entropy(network(batch), labels)
            torch.autograd.backward(loss)
            return loss

        optimizer.step(closure)  # type: ignore[no-untyped-call]  # LBFGS has no types
    loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(batch, labels))
    for images, _ in loader:
        network.eval()(images).log_softmax(dim=1).gather(1, torch.tensor([[0]])).sum().item()
    torch.autograd.gradcheck(torch.sin, torch.ones(2, dtype=torch.float64, requires_grad=True))
