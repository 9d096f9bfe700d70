"""What goes wrong in `make_optimizer`."""

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor

from grader.misconceptions import misconception

KNOWN_NAMES = [
    "SGD",
    "Adam",
    "SparseAdam",
    "Adagrad",
    "Adadelta",
    "Adamax",
    "RMSprop",
    "Rprop",
    "ASGD",
    "LBFGS",
]


def refuse_unknown_name(name: str) -> None:
    if name not in KNOWN_NAMES:
        raise ValueError(f"unknown optimizer {name!r}: choose from {', '.join(KNOWN_NAMES)}")


@misconception(
    of="make_optimizer", hint="Pass the learning rate on: the optimizer has its default."
)
def optimizer_without_lr(name: str, params: Iterable[Tensor], lr: float) -> Any:
    refuse_unknown_name(name)
    return getattr(torch.optim, name)(params)


@misconception(
    of="make_optimizer", hint="Raise ValueError for an unknown name: do not choose for the caller."
)
def optimizer_falls_back_to_sgd(name: str, params: Iterable[Tensor], lr: float) -> Any:
    return getattr(torch.optim, name if name in KNOWN_NAMES else "SGD")(params, lr=lr)


@misconception(
    of="make_optimizer",
    hint="Raise ValueError for a name that is not in the exercise's list, even where torch knows "
    "it.",
)
def optimizer_of_any_name(name: str, params: Iterable[Tensor], lr: float) -> Any:
    if not hasattr(torch.optim, name):
        refuse_unknown_name(name)
    return getattr(torch.optim, name)(params, lr=lr)


@misconception(
    of="make_optimizer", hint="Raise ValueError for an unknown name: a KeyError says too little."
)
def optimizer_key_error(name: str, params: Iterable[Tensor], lr: float) -> Any:
    classes = {known: getattr(torch.optim, known) for known in KNOWN_NAMES}
    return classes[name](params, lr=lr)


@misconception(
    of="make_optimizer", hint="List the known names in the error: the reader wants to choose one."
)
def optimizer_error_without_names(name: str, params: Iterable[Tensor], lr: float) -> Any:
    if name not in KNOWN_NAMES:
        raise ValueError(f"unknown optimizer {name!r}")
    return getattr(torch.optim, name)(params, lr=lr)


@misconception(
    of="make_optimizer", hint="Make the optimizer that was asked for: this one is always Adam."
)
def optimizer_always_adam(name: str, params: Iterable[Tensor], lr: float) -> Any:
    refuse_unknown_name(name)
    return torch.optim.Adam(params, lr=lr)


@misconception(
    of="make_optimizer",
    hint="Offer every optimizer of the list: SparseAdam and LBFGS belong to it as well.",
)
def optimizer_for_dense_steps_only(name: str, params: Iterable[Tensor], lr: float) -> Any:
    refuse_unknown_name("none" if name in ("SparseAdam", "LBFGS") else name)
    return getattr(torch.optim, name)(params, lr=lr)
