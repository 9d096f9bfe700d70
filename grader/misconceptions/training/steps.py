"""What goes wrong in `train_step` and `lbfgs_step`."""

from typing import Any

import torch
from torch import Tensor, nn

from grader.misconceptions import misconception


@misconception(of="train_step", hint="Clear the gradients first: they add up from step to step.")
def step_never_clears(
    model: nn.Module, inputs: Tensor, targets: Tensor, loss_fn: Any, optimizer: Any
) -> float:
    loss = loss_fn(model(inputs), targets)
    loss.backward()
    optimizer.step()
    return float(loss.item())


@misconception(
    of="train_step",
    hint="Clear the gradients before backward: cleared after it, there is nothing left to step "
    "along.",
)
def step_clears_after_backward(
    model: nn.Module, inputs: Tensor, targets: Tensor, loss_fn: Any, optimizer: Any
) -> float:
    loss = loss_fn(model(inputs), targets)
    loss.backward()
    optimizer.zero_grad()
    optimizer.step()
    return float(loss.item())


@misconception(
    of="train_step",
    hint="Clear the gradients before backward too: what an earlier step left would be added.",
)
def step_clears_only_at_the_end(
    model: nn.Module, inputs: Tensor, targets: Tensor, loss_fn: Any, optimizer: Any
) -> float:
    loss = loss_fn(model(inputs), targets)
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    return float(loss.item())


@misconception(
    of="train_step",
    hint="Step after backward: before it, the gradients are those of the step before.",
)
def step_before_backward(
    model: nn.Module, inputs: Tensor, targets: Tensor, loss_fn: Any, optimizer: Any
) -> float:
    optimizer.step()
    optimizer.zero_grad()
    loss = loss_fn(model(inputs), targets)
    loss.backward()
    return float(loss.item())


@misconception(
    of="train_step",
    hint="Return the loss from before the step: do not compute it again afterwards.",
)
def step_returns_the_loss_after(
    model: nn.Module, inputs: Tensor, targets: Tensor, loss_fn: Any, optimizer: Any
) -> float:
    optimizer.zero_grad()
    loss_fn(model(inputs), targets).backward()
    optimizer.step()
    with torch.no_grad():
        return float(loss_fn(model(inputs), targets).item())


@misconception(
    of="train_step", hint="Return a Python float: a tensor keeps the whole graph in memory."
)
def step_returns_a_tensor(
    model: nn.Module, inputs: Tensor, targets: Tensor, loss_fn: Any, optimizer: Any
) -> Any:
    optimizer.zero_grad()
    loss = loss_fn(model(inputs), targets)
    loss.backward()
    optimizer.step()
    return loss


@misconception(
    of="train_step", hint="Pass the prediction first, then the targets: a loss may tell them apart."
)
def step_swaps_the_arguments(
    model: nn.Module, inputs: Tensor, targets: Tensor, loss_fn: Any, optimizer: Any
) -> float:
    optimizer.zero_grad()
    loss = loss_fn(targets, model(inputs))
    loss.backward()
    optimizer.step()
    return float(loss.item())


@misconception(
    of="train_step",
    hint="Keep the shape of the prediction: squeezed to (N,), it is broadcast against targets of "
    "shape (N, 1). Compare the shapes.",
)
def step_squeezes_the_prediction(
    model: nn.Module, inputs: Tensor, targets: Tensor, loss_fn: Any, optimizer: Any
) -> float:
    optimizer.zero_grad()
    loss = loss_fn(model(inputs).squeeze(-1), targets)
    loss.backward()
    optimizer.step()
    return float(loss.item())


@misconception(of="train_step", hint="Leave the model in the mode you found it in.")
def step_switches_to_training(
    model: nn.Module, inputs: Tensor, targets: Tensor, loss_fn: Any, optimizer: Any
) -> float:
    model.train()
    optimizer.zero_grad()
    loss = loss_fn(model(inputs), targets)
    loss.backward()
    optimizer.step()
    return float(loss.item())


@misconception(
    of="train_step", hint="Call the step without a closure: only LBFGS computes the loss again."
)
def step_with_a_closure(
    model: nn.Module, inputs: Tensor, targets: Tensor, loss_fn: Any, optimizer: Any
) -> float:
    def closure() -> Any:
        optimizer.zero_grad()
        loss = loss_fn(model(inputs), targets)
        loss.backward()
        return loss

    return float(optimizer.step(closure).item())


@misconception(
    of="lbfgs_step",
    hint="Clear the gradients inside the closure: it is called many times in one step.",
)
def lbfgs_never_clears(
    model: nn.Module, inputs: Tensor, targets: Tensor, loss_fn: Any, optimizer: Any
) -> float:
    def closure() -> Any:
        loss = loss_fn(model(inputs), targets)
        loss.backward()
        return loss

    return float(optimizer.step(closure).item())


@misconception(
    of="lbfgs_step",
    hint="Clear the gradients inside the closure: it is called many times in one step.",
)
def lbfgs_clears_once(
    model: nn.Module, inputs: Tensor, targets: Tensor, loss_fn: Any, optimizer: Any
) -> float:
    def closure() -> Any:
        loss = loss_fn(model(inputs), targets)
        loss.backward()
        return loss

    optimizer.zero_grad()
    return float(optimizer.step(closure).item())


@misconception(
    of="lbfgs_step",
    hint="Backpropagate inside the closure: LBFGS needs new gradients at each call.",
)
def lbfgs_backpropagates_once(
    model: nn.Module, inputs: Tensor, targets: Tensor, loss_fn: Any, optimizer: Any
) -> float:
    optimizer.zero_grad()
    loss_fn(model(inputs), targets).backward()
    with torch.no_grad():
        return float(optimizer.step(lambda: loss_fn(model(inputs), targets)).item())


@misconception(
    of="lbfgs_step",
    hint="Give the optimizer a closure: LBFGS computes the loss several times a step.",
)
def lbfgs_without_a_closure(
    model: nn.Module, inputs: Tensor, targets: Tensor, loss_fn: Any, optimizer: Any
) -> float:
    optimizer.zero_grad()
    loss = loss_fn(model(inputs), targets)
    loss.backward()
    optimizer.step()
    return float(loss.item())


@misconception(
    of="lbfgs_step",
    hint="Return the loss that the step returns: do not compute it again afterwards.",
)
def lbfgs_returns_the_loss_after(
    model: nn.Module, inputs: Tensor, targets: Tensor, loss_fn: Any, optimizer: Any
) -> float:
    def closure() -> Any:
        optimizer.zero_grad()
        loss = loss_fn(model(inputs), targets)
        loss.backward()
        return loss

    optimizer.step(closure)
    with torch.no_grad():
        return float(loss_fn(model(inputs), targets).item())


@misconception(
    of="lbfgs_step",
    hint="Return the loss that the step returns: it is the closure's first one, not its last.",
)
def lbfgs_returns_the_last_closure(
    model: nn.Module, inputs: Tensor, targets: Tensor, loss_fn: Any, optimizer: Any
) -> float:
    losses = []

    def closure() -> Any:
        optimizer.zero_grad()
        loss = loss_fn(model(inputs), targets)
        loss.backward()
        losses.append(float(loss.item()))
        return loss

    optimizer.step(closure)
    return losses[-1]


@misconception(
    of="lbfgs_step", hint="Return a Python float: a tensor keeps the whole graph in memory."
)
def lbfgs_returns_a_tensor(
    model: nn.Module, inputs: Tensor, targets: Tensor, loss_fn: Any, optimizer: Any
) -> Any:
    def closure() -> Any:
        optimizer.zero_grad()
        loss = loss_fn(model(inputs), targets)
        loss.backward()
        return loss

    return optimizer.step(closure)
