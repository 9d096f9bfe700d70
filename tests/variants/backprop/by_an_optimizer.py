"""An optimizer that takes no step clears the gradients; copies by deepcopy."""

import copy

import torch


def gradient_lifecycle(model, loss_fn, inputs, targets):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

    def record(name):
        seen[name] = [copy.deepcopy(p.grad) for p in model.parameters()]

    seen = {}
    optimizer.zero_grad()
    record("before")
    loss_fn(model(inputs), targets).backward()
    record("after_backward")
    loss = loss_fn(model(inputs), targets)
    loss.backward()
    record("after_second_backward")
    optimizer.zero_grad(set_to_none=True)
    record("after_zero_grad")
    return seen
