"""What goes wrong in `evaluate`: modes, graphs and what must stay as it was."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from grader.misconceptions import misconception

Pairs = Iterable[tuple[Tensor, Tensor]]


@contextmanager
def evaluation_mode(model: nn.Module) -> Iterator[None]:
    """Evaluation mode for every submodule; afterwards each is in the mode it was in."""
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        yield
    finally:
        for module, mode in modes:
            module.training = mode


def right_sums(
    model: nn.Module, loader: Pairs, loss_fn: Any, device: Any
) -> tuple[float, int, int]:
    """Sum of the samples' losses, number predicted rightly, number of samples."""
    total, correct, count = 0.0, 0, 0
    for inputs, targets in loader:
        inputs, targets = inputs.to(device), targets.to(device)
        outputs = model(inputs)
        total += float(loss_fn(outputs, targets).item()) * len(targets)
        correct += int((outputs.argmax(1) == targets).sum())
        count += len(targets)
    return total, correct, count


@misconception(
    of="evaluate",
    hint="Switch to evaluation mode: dropout and batch norm behave differently in training.",
)
def evaluate_in_the_mode_found(
    model: nn.Module, loader: Pairs, loss_fn: Any, device: Any = "cpu"
) -> tuple[float, float]:
    model.to(device)
    with torch.no_grad():
        total, correct, count = right_sums(model, loader, loss_fn, device)
    return total / count, correct / count


@misconception(of="evaluate", hint="Put the model back into the mode you found it in.")
def evaluate_stays_in_evaluation_mode(
    model: nn.Module, loader: Pairs, loss_fn: Any, device: Any = "cpu"
) -> tuple[float, float]:
    model.to(device)
    model.eval()
    with torch.no_grad():
        total, correct, count = right_sums(model, loader, loss_fn, device)
    return total / count, correct / count


@misconception(
    of="evaluate",
    hint="Restore the mode of every submodule as you found it: some may have been in evaluation "
    "mode.",
)
def evaluate_ends_in_training_mode(
    model: nn.Module, loader: Pairs, loss_fn: Any, device: Any = "cpu"
) -> tuple[float, float]:
    model.to(device)
    model.eval()
    with torch.no_grad():
        total, correct, count = right_sums(model, loader, loss_fn, device)
    model.train()
    return total / count, correct / count


@misconception(
    of="evaluate",
    hint="Restore the mode of every submodule as you found it: some may have been in evaluation "
    "mode.",
)
def evaluate_restores_one_mode_for_all(
    model: nn.Module, loader: Pairs, loss_fn: Any, device: Any = "cpu"
) -> tuple[float, float]:
    model.to(device)
    training = model.training
    model.eval()
    with torch.no_grad():
        total, correct, count = right_sums(model, loader, loss_fn, device)
    model.train(training)
    return total / count, correct / count


@misconception(of="evaluate", hint="Switch gradients off while you evaluate: no graph is needed.")
def evaluate_builds_a_graph(
    model: nn.Module, loader: Pairs, loss_fn: Any, device: Any = "cpu"
) -> tuple[float, float]:
    model.to(device)
    with evaluation_mode(model):
        total, correct, count = right_sums(model, loader, loss_fn, device)
    return total / count, correct / count


@misconception(
    of="evaluate",
    hint="Switch gradients off for the evaluation alone: use a context, so that they come back.",
)
def evaluate_leaves_gradients_off(
    model: nn.Module, loader: Pairs, loss_fn: Any, device: Any = "cpu"
) -> tuple[float, float]:
    model.to(device)
    torch.set_grad_enabled(False)
    with evaluation_mode(model):
        total, correct, count = right_sums(model, loader, loss_fn, device)
    return total / count, correct / count


@misconception(
    of="evaluate",
    hint="Restore the grad mode you found: the caller may have switched gradients off.",
)
def evaluate_ends_with_gradients_on(
    model: nn.Module, loader: Pairs, loss_fn: Any, device: Any = "cpu"
) -> tuple[float, float]:
    model.to(device)
    torch.set_grad_enabled(False)
    with evaluation_mode(model):
        total, correct, count = right_sums(model, loader, loss_fn, device)
    torch.set_grad_enabled(True)
    return total / count, correct / count


@misconception(of="evaluate", hint="Return Python floats: take the number out of each tensor.")
def evaluate_returns_tensors(
    model: nn.Module, loader: Pairs, loss_fn: Any, device: Any = "cpu"
) -> tuple[Any, Any]:
    model.to(device)
    with torch.no_grad(), evaluation_mode(model):
        total, correct, count = right_sums(model, loader, loss_fn, device)
    return torch.tensor(total / count), torch.tensor(correct / count)


@misconception(
    of="evaluate",
    hint="Move each batch to the device, inputs and targets.",
    needs_gpu=True,
)
def evaluate_leaves_the_batches(
    model: nn.Module, loader: Pairs, loss_fn: Any, device: Any = "cpu"
) -> tuple[float, float]:
    total, correct, count = 0.0, 0, 0
    model.to(device)
    with torch.no_grad(), evaluation_mode(model):
        for inputs, targets in loader:
            outputs = model(inputs)
            total += float(loss_fn(outputs, targets).item()) * len(targets)
            correct += int((outputs.argmax(1) == targets).sum())
            count += len(targets)
    return total / count, correct / count


@misconception(
    of="evaluate",
    hint="Compute no gradients while you evaluate: the parameters keep what they have.",
)
def evaluate_backpropagates(
    model: nn.Module, loader: Pairs, loss_fn: Any, device: Any = "cpu"
) -> tuple[float, float]:
    total, correct, count = 0.0, 0, 0
    model.to(device)
    with evaluation_mode(model):
        for inputs, targets in loader:
            inputs, targets = inputs.to(device), targets.to(device)
            outputs = model(inputs)
            loss = loss_fn(outputs, targets)
            loss.backward()
            total += float(loss.item()) * len(targets)
            correct += int((outputs.argmax(1) == targets).sum())
            count += len(targets)
    return total / count, correct / count


@misconception(of="evaluate", hint="Leave the gradients as they are: evaluation clears nothing.")
def evaluate_clears_the_gradients(
    model: nn.Module, loader: Pairs, loss_fn: Any, device: Any = "cpu"
) -> tuple[float, float]:
    model.to(device)
    model.zero_grad()
    with torch.no_grad(), evaluation_mode(model):
        total, correct, count = right_sums(model, loader, loss_fn, device)
    return total / count, correct / count


@misconception(of="evaluate", hint="Evaluate only: the parameters must end as they were.")
def evaluate_trains(
    model: nn.Module, loader: Pairs, loss_fn: Any, device: Any = "cpu"
) -> tuple[float, float]:
    total, correct, count = 0.0, 0, 0
    model.to(device)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    with evaluation_mode(model):
        for inputs, targets in loader:
            inputs, targets = inputs.to(device), targets.to(device)
            outputs = model(inputs)
            loss = loss_fn(outputs, targets)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += float(loss.item()) * len(targets)
            correct += int((outputs.argmax(1) == targets).sum())
            count += len(targets)
    return total / count, correct / count
