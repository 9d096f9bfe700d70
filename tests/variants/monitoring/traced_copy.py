"""A traced copy of the model, and one context manager for all writers."""

import contextlib
import copy

import torch
from torch.utils.tensorboard import SummaryWriter


@contextlib.contextmanager
def writing(folder):
    with contextlib.closing(SummaryWriter(folder)) as writer:
        yield writer


def log_graph(model, example_input, log_dir):
    with writing(log_dir) as writer:
        twin = copy.deepcopy(model).eval()
        writer.add_graph(torch.jit.trace(twin, example_input), example_input)


def log_losses(losses, log_dir, tag="loss"):
    steps = iter(range(len(losses)))
    with writing(log_dir) as writer:
        for loss in losses:
            writer.add_scalar(tag, torch.tensor(loss), next(steps))
