"""Training: show the network its examples, again and again, and after each batch make one step.

    loss = loss_fn(model(inputs), targets)        θ ← θ − lr · ∂loss/∂θ        (with SGD)

A `loader` gives one batch after another, each a pair (inputs, targets) with as many rows in the
one as in the other; a DataLoader does, and so does a list of such pairs. `loss_fn(outputs,
targets)` returns a scalar tensor. `optimizer` has `step()` and `zero_grad()`: yours or torch's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import torch
from torch import nn

Loader = Iterable[tuple[torch.Tensor, torch.Tensor]]
LossFunction = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


def train_step(
    model: nn.Module,
    inputs: torch.Tensor,
    targets: torch.Tensor,
    loss_fn: LossFunction,
    optimizer: torch.optim.Optimizer,
) -> float:
    """One step on one batch: clear the grads, compute the loss, backpropagate, step.

    The loss is `loss_fn(model(inputs), targets)`. Grads that an earlier step left behind must not
    leak into this one. Call `optimizer.step()` without a closure. Leave the model in the mode,
    training or evaluation, in which it comes.

    Returns the loss as it was before the step, as a Python float: a tensor would keep its graph.

    >>> model = nn.Linear(1, 1)
    >>> _ = nn.init.zeros_(model.weight), nn.init.zeros_(model.bias)
    >>> optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    >>> inputs, targets = torch.tensor([[1.0], [2.0]]), torch.tensor([[2.0], [4.0]])
    >>> train_step(model, inputs, targets, nn.MSELoss(), optimizer)
    10.0
    >>> model.weight.item()
    1.0
    """
    ### BEGIN SOLUTION
    optimizer.zero_grad()
    loss = loss_fn(model(inputs), targets)
    loss.backward()
    optimizer.step()
    return loss.item()
    ### END SOLUTION


def train(
    model: nn.Module,
    loader: Loader,
    loss_fn: LossFunction,
    optimizer: torch.optim.Optimizer,
    epochs: int,
    device: str | torch.device = "cpu",
) -> list[float]:
    """Go over the loader `epochs` times and make one `train_step` with each batch.

    The model is trained in train mode and on `device`, to which every batch is moved. Each epoch
    walks through the loader exactly once and uses all that it gives, the last, smaller batch too.
    The order of the batches is the loader's own: look into it no other time, draw no random
    numbers and set no seed, so that who runs it with a seed gets the same parameters again.

    Returns one Python float for each epoch: the sum of the losses of its batches.

    >>> model = nn.Linear(1, 1)
    >>> _ = nn.init.zeros_(model.weight), nn.init.zeros_(model.bias)
    >>> optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    >>> loader = [(torch.tensor([[1.0]]), torch.tensor([[2.0]]))]
    >>> [round(loss, 4) for loss in train(model, loader, nn.MSELoss(), optimizer, epochs=3)]
    [4.0, 1.44, 0.5184]
    """
    ### BEGIN SOLUTION
    model.to(device)
    model.train()
    losses = []
    for _ in range(epochs):
        total = 0.0
        for inputs, targets in loader:
            inputs, targets = inputs.to(device), targets.to(device)
            total += train_step(model, inputs, targets, loss_fn, optimizer)
        losses.append(total)
    return losses
    ### END SOLUTION


### BEGIN SOLUTION
@contextmanager
def _evaluation(model: nn.Module) -> Iterator[None]:
    """Evaluation mode and no graph; afterwards each submodule has its own mode again."""
    modes = {module: module.training for module in model.modules()}
    model.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        for module, mode in modes.items():
            module.training = mode


### END SOLUTION


def evaluate(
    model: nn.Module,
    loader: Loader,
    loss_fn: LossFunction,
    device: str | torch.device = "cpu",
) -> tuple[float, float]:
    """The mean loss and the accuracy of a classifier over the samples that the loader gives.

    `model(inputs)` are logits (N, C), `targets` are classes (N,); a sample is right where its
    largest logit is that of its class. `loss_fn` gives the mean of a batch. Both results are means
    over samples, also where the last batch is smaller than the others: the accuracy is the share of
    the samples that are right, in [0, 1]. Model and batches are moved to `device`.

    The model runs in evaluation mode and without a graph. Afterwards parameters, grads, torch's
    grad mode and the mode of every single submodule (its `training`) are as they were: part of the
    model may have been in evaluation mode all along.

    Returns (mean loss, accuracy), two Python floats.

    >>> loader = [
    ...     (torch.tensor([[2.0, 0.0], [0.0, 2.0]]), torch.tensor([0, 0])),
    ...     (torch.tensor([[0.0, 2.0]]), torch.tensor([1])),
    ... ]
    >>> loss, accuracy = evaluate(nn.Identity(), loader, nn.CrossEntropyLoss())
    >>> round(loss, 4), round(accuracy, 4)
    (0.7936, 0.6667)
    """
    ### BEGIN SOLUTION
    model.to(device)
    loss_sum, right, samples = 0.0, 0, 0
    with _evaluation(model):
        for inputs, targets in loader:
            inputs, targets = inputs.to(device), targets.to(device)
            outputs = model(inputs)
            loss_sum += loss_fn(outputs, targets).item() * len(targets)
            right += int((outputs.argmax(dim=1) == targets).sum())
            samples += len(targets)
    return loss_sum / samples, right / samples
    ### END SOLUTION


def batch_losses(model: nn.Module, loader: Loader, loss_fn: LossFunction) -> list[float]:
    """The loss of every batch that the loader gives, without training on it.

    The model runs in evaluation mode and without a graph, where it is. Afterwards parameters,
    grads, torch's grad mode and the mode of every single submodule (its `training`) are as they
    were.

    Returns one Python float for each batch, in the loader's order.

    >>> loader = [
    ...     (torch.tensor([1.0, 2.0]), torch.tensor([1.0, 4.0])),
    ...     (torch.tensor([3.0]), torch.tensor([3.0])),
    ... ]
    >>> batch_losses(nn.Identity(), loader, nn.MSELoss())
    [2.0, 0.0]
    """
    ### BEGIN SOLUTION
    with _evaluation(model):
        return [loss_fn(model(inputs), targets).item() for inputs, targets in loader]
    ### END SOLUTION


def lbfgs_step(
    model: nn.Module,
    inputs: torch.Tensor,
    targets: torch.Tensor,
    loss_fn: LossFunction,
    optimizer: torch.optim.LBFGS,
) -> float:
    """One step of LBFGS, which asks for the loss more than once to find how far to go.

    So it takes a closure, `optimizer.step(closure)`: a function without arguments that clears the
    grads, computes `loss_fn(model(inputs), targets)`, backpropagates and returns that loss.

    Returns what `optimizer.step` returns, the loss before the step, as a Python float.

    >>> model = nn.Linear(1, 1)
    >>> _ = nn.init.zeros_(model.weight), nn.init.zeros_(model.bias)
    >>> optimizer = torch.optim.LBFGS(model.parameters())
    >>> inputs, targets = torch.tensor([[1.0], [2.0]]), torch.tensor([[2.0], [4.0]])
    >>> lbfgs_step(model, inputs, targets, nn.MSELoss(), optimizer)
    10.0
    >>> round(model.weight.item(), 2)
    2.0
    """

    ### BEGIN SOLUTION
    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        loss = loss_fn(model(inputs), targets)
        loss.backward()
        return loss

    return optimizer.step(closure).item()
    ### END SOLUTION
