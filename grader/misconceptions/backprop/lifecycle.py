"""What goes wrong in `gradient_lifecycle`."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from grader.misconceptions import misconception

Seen = dict[str, Any]
Loss = Callable[[Tensor, Tensor], Tensor]

CLEAR_FIRST = (
    "Clear the gradients before the first snapshot: the model may come with those of an earlier "
    "step."
)
ONE_ENTRY_EACH = (
    "Keep one entry for each parameter, in the order of model.parameters(): a frozen one has its "
    "place too, with None."
)


def taken(model: nn.Module) -> list[Any]:
    return [None if p.grad is None else p.grad.clone() for p in model.parameters()]


def step_back(model: nn.Module, loss_fn: Loss, inputs: Tensor, targets: Tensor) -> None:
    torch.autograd.backward(loss_fn(model(inputs), targets))


def followed(
    model: nn.Module,
    loss_fn: Loss,
    inputs: Tensor,
    targets: Tensor,
    take: Callable[[nn.Module], Any] = taken,
    between: Callable[[], Any] = lambda: None,
) -> Seen:
    """The four snapshots; `between` is called between the two backward passes."""
    model.zero_grad()
    seen = {"before": take(model)}
    step_back(model, loss_fn, inputs, targets)
    seen["after_backward"] = take(model)
    between()
    step_back(model, loss_fn, inputs, targets)
    seen["after_second_backward"] = take(model)
    model.zero_grad()
    seen["after_zero_grad"] = take(model)
    return seen


@misconception(
    of="gradient_lifecycle",
    hint="Copy each gradient with clone(): the next backward adds to the same tensor, so that a "
    "mere reference shows it too.",
)
def lifecycle_keeps_references(
    model: nn.Module, loss_fn: Loss, inputs: Tensor, targets: Tensor
) -> Seen:
    return followed(model, loss_fn, inputs, targets, lambda m: [p.grad for p in m.parameters()])


@misconception(
    of="gradient_lifecycle",
    hint="Clear nothing between the two backward passes: the second adds to what the first left.",
)
def lifecycle_clears_between(
    model: nn.Module, loss_fn: Loss, inputs: Tensor, targets: Tensor
) -> Seen:
    return followed(model, loss_fn, inputs, targets, between=model.zero_grad)


@misconception(
    of="gradient_lifecycle",
    hint="Call backward twice before you clear: the third snapshot shows how gradients add up.",
)
def lifecycle_one_backward(
    model: nn.Module, loss_fn: Loss, inputs: Tensor, targets: Tensor
) -> Seen:
    seen = followed(model, loss_fn, inputs, targets, between=model.zero_grad)
    return {**seen, "after_second_backward": seen["after_zero_grad"]}


@misconception(
    of="gradient_lifecycle",
    hint="Clear the gradients to None, as zero_grad() does by default, not to zeros.",
)
def lifecycle_clears_to_zeros(
    model: nn.Module, loss_fn: Loss, inputs: Tensor, targets: Tensor
) -> Seen:
    model.zero_grad()
    seen = {"before": taken(model)}
    for moment in ("after_backward", "after_second_backward"):
        step_back(model, loss_fn, inputs, targets)
        seen[moment] = taken(model)
    model.zero_grad(set_to_none=False)
    return {**seen, "after_zero_grad": taken(model)}


@misconception(
    of="gradient_lifecycle",
    hint="Clear the gradients before the last snapshot.",
)
def lifecycle_never_clears_in_the_end(
    model: nn.Module, loss_fn: Loss, inputs: Tensor, targets: Tensor
) -> Seen:
    seen = followed(model, loss_fn, inputs, targets)
    return {**seen, "after_zero_grad": seen["after_second_backward"]}


@misconception(
    of="gradient_lifecycle",
    hint="Say None where there is no gradient: zeros would mean that there is one, and that it is "
    "0.",
)
def lifecycle_zeros_for_none(
    model: nn.Module, loss_fn: Loss, inputs: Tensor, targets: Tensor
) -> Seen:
    def take(m: nn.Module) -> list[Tensor]:
        return [torch.zeros_like(p) if p.grad is None else p.grad.clone() for p in m.parameters()]

    return followed(model, loss_fn, inputs, targets, take)


@misconception(of="gradient_lifecycle", hint=CLEAR_FIRST)
def lifecycle_starts_from_stale(
    model: nn.Module, loss_fn: Loss, inputs: Tensor, targets: Tensor
) -> Seen:
    seen = {"before": taken(model)}
    for moment in ("after_backward", "after_second_backward"):
        step_back(model, loss_fn, inputs, targets)
        seen[moment] = taken(model)
    model.zero_grad()
    return {**seen, "after_zero_grad": taken(model)}


@misconception(of="gradient_lifecycle", hint=CLEAR_FIRST)
def lifecycle_clears_after_before(
    model: nn.Module, loss_fn: Loss, inputs: Tensor, targets: Tensor
) -> Seen:
    before = taken(model)
    return {**followed(model, loss_fn, inputs, targets), "before": before}


@misconception(of="gradient_lifecycle", hint=ONE_ENTRY_EACH)
def lifecycle_skips_frozen(
    model: nn.Module, loss_fn: Loss, inputs: Tensor, targets: Tensor
) -> Seen:
    def take(m: nn.Module) -> list[Any]:
        trained = [p for p in m.parameters() if p.requires_grad]
        return [None if p.grad is None else p.grad.clone() for p in trained]

    return followed(model, loss_fn, inputs, targets, take)


@misconception(of="gradient_lifecycle", hint=ONE_ENTRY_EACH)
def lifecycle_skips_none(model: nn.Module, loss_fn: Loss, inputs: Tensor, targets: Tensor) -> Seen:
    def take(m: nn.Module) -> list[Any]:
        return [p.grad.clone() for p in m.parameters() if p.grad is not None]

    return followed(model, loss_fn, inputs, targets, take)


@misconception(
    of="gradient_lifecycle",
    hint="Ask whether there is a gradient before you copy it: of a cleared, frozen or unused "
    "parameter it is None.",
)
def lifecycle_copies_none(model: nn.Module, loss_fn: Loss, inputs: Tensor, targets: Tensor) -> Seen:
    def take(m: nn.Module) -> list[Any]:
        return [p.grad.clone() if p.requires_grad else None for p in m.parameters()]  # type: ignore[union-attr]  # the mistake

    nothing: list[Any] = [None for _ in model.parameters()]
    model.zero_grad()
    seen: Seen = {"before": nothing}
    for moment in ("after_backward", "after_second_backward"):
        step_back(model, loss_fn, inputs, targets)
        seen[moment] = take(model)
    model.zero_grad()
    return {**seen, "after_zero_grad": nothing}


@misconception(
    of="gradient_lifecycle",
    hint="Clear every gradient, those of frozen parameters too: one may be left from before it was "
    "frozen.",
)
def lifecycle_keeps_what_frozen_ones_have(
    model: nn.Module, loss_fn: Loss, inputs: Tensor, targets: Tensor
) -> Seen:
    kept = [(p, p.grad) for p in model.parameters() if not p.requires_grad]

    def take(m: nn.Module) -> list[Any]:
        for parameter, gradient in kept:
            parameter.grad = gradient
        return taken(m)

    return followed(model, loss_fn, inputs, targets, take)


@misconception(
    of="gradient_lifecycle",
    hint="Leave frozen parameters frozen: do not switch requires_grad on.",
)
def lifecycle_thaws(model: nn.Module, loss_fn: Loss, inputs: Tensor, targets: Tensor) -> Seen:
    model.requires_grad_(True)
    return followed(model, loss_fn, inputs, targets)


@misconception(
    of="gradient_lifecycle",
    hint="Take no step: only gradients are looked at, the parameters stay as they were.",
)
def lifecycle_takes_a_step(
    model: nn.Module, loss_fn: Loss, inputs: Tensor, targets: Tensor
) -> Seen:
    def descend() -> None:
        with torch.no_grad():
            for parameter in model.parameters():
                if parameter.grad is not None:
                    parameter.sub_(0.1 * parameter.grad)

    return followed(model, loss_fn, inputs, targets, between=descend)


@misconception(
    of="gradient_lifecycle",
    hint="Compute the loss anew for the second backward: the graph of the first is used up.",
)
def lifecycle_one_forward(model: nn.Module, loss_fn: Loss, inputs: Tensor, targets: Tensor) -> Seen:
    model.zero_grad()
    seen = {"before": taken(model)}
    loss = loss_fn(model(inputs), targets)
    for moment in ("after_backward", "after_second_backward"):
        torch.autograd.backward(loss)
        seen[moment] = taken(model)
    model.zero_grad()
    return {**seen, "after_zero_grad": taken(model)}


@misconception(
    of="gradient_lifecycle",
    hint="Give the loss its arguments in order: first what the model says, then the targets.",
)
def lifecycle_swaps_arguments(
    model: nn.Module, loss_fn: Loss, inputs: Tensor, targets: Tensor
) -> Seen:
    return followed(model, lambda output, target: loss_fn(target, output), inputs, targets)


@misconception(
    of="gradient_lifecycle",
    hint="Keep copies that are detached: a snapshot takes no part in any graph.",
)
def lifecycle_keeps_the_graph(
    model: nn.Module, loss_fn: Loss, inputs: Tensor, targets: Tensor
) -> Seen:
    model.zero_grad()
    seen = {"before": taken(model)}
    for moment in ("after_backward", "after_second_backward"):
        torch.autograd.backward(loss_fn(model(inputs), targets), create_graph=True)
        seen[moment] = taken(model)
    model.zero_grad()
    return {**seen, "after_zero_grad": taken(model)}


@misconception(
    of="gradient_lifecycle",
    hint="Make each snapshot a list in the order of model.parameters(), not a dict by name.",
)
def lifecycle_by_name(model: nn.Module, loss_fn: Loss, inputs: Tensor, targets: Tensor) -> Seen:
    def take(m: nn.Module) -> dict[str, Any]:
        named = m.named_parameters()
        return {name: None if p.grad is None else p.grad.clone() for name, p in named}

    return followed(model, loss_fn, inputs, targets, take)


@misconception(
    of="gradient_lifecycle",
    hint="Return a dict of the four snapshots by their names, not a list of them.",
)
def lifecycle_as_a_list(
    model: nn.Module, loss_fn: Loss, inputs: Tensor, targets: Tensor
) -> list[Any]:
    return list(followed(model, loss_fn, inputs, targets).values())


@misconception(
    of="gradient_lifecycle",
    hint="Copy the gradients, p.grad, not the parameters themselves.",
)
def lifecycle_copies_parameters(
    model: nn.Module, loss_fn: Loss, inputs: Tensor, targets: Tensor
) -> Seen:
    def take(m: nn.Module) -> list[Any]:
        return [None if p.grad is None else p.detach().clone() for p in m.parameters()]

    return followed(model, loss_fn, inputs, targets, take)
