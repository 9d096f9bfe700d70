"""Torch itself as a submission: it only checks its arguments."""

import torch

SGD = torch.optim.SGD
Adam = torch.optim.Adam
Adagrad = torch.optim.Adagrad
RMSprop = torch.optim.RMSprop
Adadelta = torch.optim.Adadelta
Adamax = torch.optim.Adamax
Rprop = torch.optim.Rprop
ASGD = torch.optim.ASGD
NAMES = "SGD Adam SparseAdam Adagrad Adadelta Adamax RMSprop Rprop ASGD LBFGS".split()


def make_optimizer(name, params, lr):
    if name not in NAMES:
        raise ValueError(f"{name}: must be one of {', '.join(NAMES)}")
    return getattr(torch.optim, name)(params, lr=lr)
