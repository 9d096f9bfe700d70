"""Modes read and given back by recursion over the children, in a decorator."""

import functools

from torch.utils.tensorboard import SummaryWriter


def read_modes(module):
    return module.training, [read_modes(child) for child in module.children()]


def give_back(module, modes):
    own, others = modes
    module.train(own)  # the children follow, and are put right next
    for child, other in zip(module.children(), others, strict=True):
        give_back(child, other)


def keeping_modes(function):
    @functools.wraps(function)
    def wrapper(model, *args, **kwargs):
        modes = read_modes(model)
        result = function(model, *args, **kwargs)
        give_back(model, modes)
        return result

    return wrapper


@keeping_modes
def log_graph(model, example_input, log_dir):
    model.eval()
    with SummaryWriter(log_dir) as writer:
        writer.add_graph(model, example_input.clone())
