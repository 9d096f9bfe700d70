"""The lifecycle of a copy of the model; one graph, kept for the second backward."""

import copy

import torch


def gradient_lifecycle(model, loss_fn, inputs, targets):
    twin = copy.deepcopy(model)
    twin.zero_grad()
    parameters = tuple(twin.parameters())
    history = [[p.grad for p in parameters]]
    loss = loss_fn(twin(inputs), targets)
    for keep in (True, False):
        loss.backward(retain_graph=keep)
        history.append([torch.clone(p.grad) if p.grad is not None else None for p in parameters])
    twin.zero_grad()
    history.append([p.grad for p in parameters])
    names = ["before", "after_backward", "after_second_backward", "after_zero_grad"]
    return dict(zip(names, history, strict=True))
