"""What goes wrong in `evaluate`: means and counts."""

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
    hint="Weigh each batch by its size: the mean of the batch means counts a small last batch too "
    "much.",
)
def evaluate_averages_the_batches(
    model: nn.Module, loader: Pairs, loss_fn: Any, device: Any = "cpu"
) -> tuple[float, float]:
    total, correct, count, batches = 0.0, 0, 0, 0
    model.to(device)
    with torch.no_grad(), evaluation_mode(model):
        for inputs, targets in loader:
            inputs, targets = inputs.to(device), targets.to(device)
            outputs = model(inputs)
            total += float(loss_fn(outputs, targets).item())
            correct += int((outputs.argmax(1) == targets).sum())
            batches += 1
            count += len(targets)
    return total / batches, correct / count


@misconception(
    of="evaluate",
    hint="Divide all the right predictions by all the samples: the mean of the batches' "
    "accuracies counts "
    "a small last batch too much.",
)
def evaluate_averages_the_accuracies(
    model: nn.Module, loader: Pairs, loss_fn: Any, device: Any = "cpu"
) -> tuple[float, float]:
    total, accuracy, count, batches = 0.0, 0.0, 0, 0
    model.to(device)
    with torch.no_grad(), evaluation_mode(model):
        for inputs, targets in loader:
            inputs, targets = inputs.to(device), targets.to(device)
            outputs = model(inputs)
            total += float(loss_fn(outputs, targets).item()) * len(targets)
            accuracy += (outputs.argmax(1) == targets).float().mean().item()
            batches += 1
            count += len(targets)
    return total / count, accuracy / batches


@misconception(
    of="evaluate", hint="Divide by the number of samples: the mean loss is asked, not the sum."
)
def evaluate_sums_the_losses(
    model: nn.Module, loader: Pairs, loss_fn: Any, device: Any = "cpu"
) -> tuple[float, float]:
    model.to(device)
    with torch.no_grad(), evaluation_mode(model):
        total, correct, count = right_sums(model, loader, loss_fn, device)
    return total, correct / count


@misconception(
    of="evaluate",
    hint="Multiply each batch's loss by its size before you divide by the samples: it is a mean "
    "already.",
)
def evaluate_takes_the_mean_for_a_sum(
    model: nn.Module, loader: Pairs, loss_fn: Any, device: Any = "cpu"
) -> tuple[float, float]:
    total, correct, count = 0.0, 0, 0
    model.to(device)
    with torch.no_grad(), evaluation_mode(model):
        for inputs, targets in loader:
            inputs, targets = inputs.to(device), targets.to(device)
            outputs = model(inputs)
            total += float(loss_fn(outputs, targets).item())
            correct += int((outputs.argmax(1) == targets).sum())
            count += len(targets)
    return total / count, correct / count


@misconception(
    of="evaluate",
    hint="Choose the largest logit along dimension 1, the classes: dimension 0 is the batch.",
)
def evaluate_counts_over_the_batch(
    model: nn.Module, loader: Pairs, loss_fn: Any, device: Any = "cpu"
) -> tuple[float, float]:
    total, correct, count = 0.0, 0, 0
    model.to(device)
    with torch.no_grad(), evaluation_mode(model):
        for inputs, targets in loader:
            inputs, targets = inputs.to(device), targets.to(device)
            outputs = model(inputs)
            total += float(loss_fn(outputs, targets).item()) * len(targets)
            correct += int((outputs.argmax(0) == targets).sum())
            count += len(targets)
    return total / count, correct / count


@misconception(
    of="evaluate",
    hint="Give argmax the dimension of the classes: without one it finds one position in the "
    "whole batch.",
)
def evaluate_counts_one_prediction(
    model: nn.Module, loader: Pairs, loss_fn: Any, device: Any = "cpu"
) -> tuple[float, float]:
    total, correct, count = 0.0, 0, 0
    model.to(device)
    with torch.no_grad(), evaluation_mode(model):
        for inputs, targets in loader:
            inputs, targets = inputs.to(device), targets.to(device)
            outputs = model(inputs)
            total += float(loss_fn(outputs, targets).item()) * len(targets)
            correct += int((outputs.argmax() == targets).sum())
            count += len(targets)
    return total / count, correct / count


@misconception(
    of="evaluate", hint="Divide the right predictions by the number of samples, not of batches."
)
def evaluate_divides_by_batches(
    model: nn.Module, loader: Pairs, loss_fn: Any, device: Any = "cpu"
) -> tuple[float, float]:
    total, correct, count, batches = 0.0, 0, 0, 0
    model.to(device)
    with torch.no_grad(), evaluation_mode(model):
        for inputs, targets in loader:
            inputs, targets = inputs.to(device), targets.to(device)
            outputs = model(inputs)
            total += float(loss_fn(outputs, targets).item()) * len(targets)
            correct += int((outputs.argmax(1) == targets).sum())
            batches += 1
            count += len(targets)
    return total / count, correct / batches


@misconception(
    of="evaluate",
    hint="Count the samples as they come: the last batch may be smaller than the others.",
)
def evaluate_assumes_full_batches(
    model: nn.Module, loader: Pairs, loss_fn: Any, device: Any = "cpu"
) -> tuple[float, float]:
    total, correct, count, size = 0.0, 0, 0, 0
    model.to(device)
    with torch.no_grad(), evaluation_mode(model):
        for inputs, targets in loader:
            inputs, targets = inputs.to(device), targets.to(device)
            outputs = model(inputs)
            total += float(loss_fn(outputs, targets).item()) * len(targets)
            correct += int((outputs.argmax(1) == targets).sum())
            size = max(size, len(targets))
            count += size
    return total / count, correct / count


@misconception(
    of="evaluate",
    hint="Count the samples that the loader gave: it may give fewer than its dataset holds.",
)
def evaluate_divides_by_the_dataset(
    model: nn.Module, loader: Any, loss_fn: Any, device: Any = "cpu"
) -> tuple[float, float]:
    model.to(device)
    with torch.no_grad(), evaluation_mode(model):
        total, correct, count = right_sums(model, loader, loss_fn, device)
    count = len(loader.dataset)
    return total / count, correct / count


@misconception(of="evaluate", hint="Return the accuracy as a number from 0 to 1, not in percent.")
def evaluate_in_percent(
    model: nn.Module, loader: Pairs, loss_fn: Any, device: Any = "cpu"
) -> tuple[float, float]:
    model.to(device)
    with torch.no_grad(), evaluation_mode(model):
        total, correct, count = right_sums(model, loader, loss_fn, device)
    return total / count, 100 * correct / count


@misconception(
    of="evaluate",
    hint="Divide the right predictions by the number of samples: a share is asked, not a count.",
)
def evaluate_returns_correct_count(
    model: nn.Module, loader: Pairs, loss_fn: Any, device: Any = "cpu"
) -> tuple[float, float]:
    model.to(device)
    with torch.no_grad(), evaluation_mode(model):
        total, correct, count = right_sums(model, loader, loss_fn, device)
    return total / count, float(correct)


@misconception(
    of="evaluate", hint="Go over the whole loader: this evaluation ends with the first batch."
)
def evaluate_one_batch(
    model: nn.Module, loader: Pairs, loss_fn: Any, device: Any = "cpu"
) -> tuple[float, float]:
    total, correct, count = 0.0, 0, 0
    model.to(device)
    with torch.no_grad(), evaluation_mode(model):
        for inputs, targets in loader:
            inputs, targets = inputs.to(device), targets.to(device)
            outputs = model(inputs)
            total += float(loss_fn(outputs, targets).item()) * len(targets)
            correct += int((outputs.argmax(1) == targets).sum())
            count += len(targets)
            break
    return total / count, correct / count


@misconception(
    of="evaluate", hint="Count the last batch too, though it is smaller than the others."
)
def evaluate_drops_the_last_batch(
    model: nn.Module, loader: Pairs, loss_fn: Any, device: Any = "cpu"
) -> tuple[float, float]:
    total, correct, count, size = 0.0, 0, 0, 0
    model.to(device)
    with torch.no_grad(), evaluation_mode(model):
        for inputs, targets in loader:
            inputs, targets = inputs.to(device), targets.to(device)
            size = max(size, len(inputs))
            if len(inputs) < size:
                continue
            outputs = model(inputs)
            total += float(loss_fn(outputs, targets).item()) * len(targets)
            correct += int((outputs.argmax(1) == targets).sum())
            count += len(targets)
    return total / count, correct / count
