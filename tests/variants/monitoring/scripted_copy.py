"""A scripted copy of the model; a writer for each scalar."""

import copy

import torch
from torch.utils.tensorboard import SummaryWriter


def log_graph(model, example_input, log_dir):
    twin = torch.jit.script(copy.deepcopy(model).eval())
    writer = SummaryWriter(str(log_dir))
    writer.add_graph(twin, (example_input,), use_strict_trace=False)
    writer.close()


def log_losses(losses, log_dir, tag="loss"):
    for step, loss in enumerate(losses):
        with SummaryWriter(log_dir, purge_step=None) as writer:
            writer.add_scalar(tag, loss, global_step=step, walltime=1.0 + step)
