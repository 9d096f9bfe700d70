"""What goes wrong in `batch_losses`."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from grader.misconceptions import misconception

Pairs = Iterable[tuple[Tensor, Tensor]]


@contextmanager
def each_mode_restored(model: nn.Module) -> Iterator[None]:
    """Evaluation mode for every submodule; afterwards each is in the mode it was in."""
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        yield
    finally:
        for module, mode in modes:
            module.training = mode


def right_losses(model: nn.Module, loader: Pairs, loss_fn: Any) -> list[float]:
    return [float(loss_fn(model(inputs), targets).item()) for inputs, targets in loader]


@misconception(
    of="batch_losses",
    hint="Switch to evaluation mode: dropout and batch norm behave differently in training.",
)
def losses_in_the_mode_found(model: nn.Module, loader: Pairs, loss_fn: Any) -> list[float]:
    with torch.no_grad():
        return right_losses(model, loader, loss_fn)


@misconception(of="batch_losses", hint="Put the model back into the mode you found it in.")
def losses_leave_evaluation_mode(model: nn.Module, loader: Pairs, loss_fn: Any) -> list[float]:
    model.eval()
    with torch.no_grad():
        return right_losses(model, loader, loss_fn)


@misconception(
    of="batch_losses",
    hint="Restore the mode of every submodule as you found it: some may have been in evaluation "
    "mode.",
)
def losses_end_in_training_mode(model: nn.Module, loader: Pairs, loss_fn: Any) -> list[float]:
    model.eval()
    with torch.no_grad():
        losses = right_losses(model, loader, loss_fn)
    model.train()
    return losses


@misconception(
    of="batch_losses",
    hint="Restore the mode of every submodule as you found it: some may have been in evaluation "
    "mode.",
)
def losses_restore_one_mode_for_all(model: nn.Module, loader: Pairs, loss_fn: Any) -> list[float]:
    training = model.training
    model.eval()
    with torch.no_grad():
        losses = right_losses(model, loader, loss_fn)
    model.train(training)
    return losses


@misconception(of="batch_losses", hint="Switch gradients off: no graph is needed here.")
def losses_build_a_graph(model: nn.Module, loader: Pairs, loss_fn: Any) -> list[float]:
    with each_mode_restored(model):
        return right_losses(model, loader, loss_fn)


@misconception(of="batch_losses", hint="Return Python floats: take the number out of each tensor.")
def losses_are_tensors(model: nn.Module, loader: Pairs, loss_fn: Any) -> list[Any]:
    with torch.no_grad(), each_mode_restored(model):
        return [loss_fn(model(inputs), targets) for inputs, targets in loader]


@misconception(
    of="batch_losses", hint="Return one loss for every batch: this list ends with the first."
)
def losses_of_one_batch(model: nn.Module, loader: Pairs, loss_fn: Any) -> list[float]:
    with torch.no_grad(), each_mode_restored(model):
        return right_losses(model, [next(iter(loader))], loss_fn)


@misconception(
    of="batch_losses", hint="Count the last batch too, though it is smaller than the others."
)
def losses_drop_the_last_batch(model: nn.Module, loader: Pairs, loss_fn: Any) -> list[float]:
    losses, size = [], 0
    with torch.no_grad(), each_mode_restored(model):
        for inputs, targets in loader:
            size = max(size, len(inputs))
            if len(inputs) == size:
                losses.append(float(loss_fn(model(inputs), targets).item()))
    return losses


@misconception(
    of="batch_losses", hint="Return a list with one loss for every batch, not their sum."
)
def losses_summed(model: nn.Module, loader: Pairs, loss_fn: Any) -> float:
    with torch.no_grad(), each_mode_restored(model):
        return sum(right_losses(model, loader, loss_fn))


@misconception(
    of="batch_losses", hint="Start at 0 for each batch: each loss here holds those before it."
)
def losses_run_on(model: nn.Module, loader: Pairs, loss_fn: Any) -> list[float]:
    losses, total = [], 0.0
    with torch.no_grad(), each_mode_restored(model):
        for loss in right_losses(model, loader, loss_fn):
            total += loss
            losses.append(total)
    return losses


@misconception(
    of="batch_losses",
    hint="Return each batch's loss as the loss function gives it, not times the batch size.",
)
def losses_times_batch_size(model: nn.Module, loader: Pairs, loss_fn: Any) -> list[float]:
    with torch.no_grad(), each_mode_restored(model):
        return [
            float(loss_fn(model(inputs), targets).item()) * len(inputs)
            for inputs, targets in loader
        ]


@misconception(
    of="batch_losses", hint="Compute no gradients here: the parameters keep what they have."
)
def losses_backpropagate(model: nn.Module, loader: Pairs, loss_fn: Any) -> list[float]:
    losses = []
    with each_mode_restored(model):
        for inputs, targets in loader:
            loss = loss_fn(model(inputs), targets)
            loss.backward()
            losses.append(float(loss.item()))
    return losses
