"""Monitoring: see what a network is made of, and whether it learns.

TensorBoard shows what a `SummaryWriter` has written into a folder (`tensorboard --logdir FOLDER`),
a picture needs nothing but a viewer. The curve to look at is the loss against the time,

    step t ↦ loss(t)        which should fall, and not rise again

Neither TensorBoard nor matplotlib belongs to torch: `pip install "torchgrade[monitoring]"` brings
both. Import them in the functions that use them, so that the others work without. Folders and paths
come as a str or as a pathlib.Path.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

import torch
from torch import nn


def log_graph(
    model: nn.Module, example_input: torch.Tensor, log_dir: str | os.PathLike[str]
) -> None:
    """Write the graph of a model for TensorBoard: `SummaryWriter.add_graph`.

    The writer (`from torch.utils.tensorboard import SummaryWriter`) writes to an event file of its
    own in `log_dir`, which is made if it is missing. add_graph runs the model once, on
    `example_input`, and notes each operation.

    The writer is closed when the function returns: until then the file is short, and a thread waits
    for more to write. And every module of the model has its own mode (`training`) again: add_graph
    gives all of them the mode of the model itself, though a part of it may have been in evaluation
    mode while the rest is trained.

    >>> import tempfile
    >>> model = nn.Sequential(nn.Linear(3, 4), nn.Dropout()).train()
    >>> _ = model[1].eval()
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     log_graph(model, torch.zeros(2, 3), folder)
    ...     len(os.listdir(folder))
    1
    >>> [module.training for module in model.modules()]
    [True, True, False]
    """
    raise NotImplementedError("TODO: log_graph")


def log_losses(losses: Sequence[float], log_dir: str | os.PathLike[str], tag: str = "loss") -> None:
    """Write a list of losses for TensorBoard, one scalar a step: `SummaryWriter.add_scalar`.

    The first loss is that of step 0, the next that of step 1, and so on, all of them under `tag`.
    The writer (`from torch.utils.tensorboard import SummaryWriter`) writes to an event file of its
    own in `log_dir`, which is made if it is missing, and is closed when the function returns. What
    was logged there before stays.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     log_losses([2.3, 1.7, 1.2], folder, tag="loss/train")
    ...     len(os.listdir(folder))
    1
    """
    raise NotImplementedError("TODO: log_losses")


def plot_losses(losses: Sequence[float], path: str | os.PathLike[str]) -> None:
    """Draw the losses of all epochs with matplotlib and save the figure as a PNG at `path`.

    Epochs go across and are counted from 1, losses go up, and both axes have a label that says so.
    `path` ends in `.png`.

    The figure is closed afterwards (pyplot keeps each one in memory until it is), and no window is
    opened.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     plot_losses([2.3, 1.7, 1.2], os.path.join(folder, "losses.png"))
    ...     os.listdir(folder)
    ['losses.png']
    """
    raise NotImplementedError("TODO: plot_losses")
