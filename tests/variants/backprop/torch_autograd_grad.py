"""The lifecycle by torch.autograd.grad, which touches no .grad; the sums are taken by hand."""

import torch


def gradient_lifecycle(model, loss_fn, inputs, targets):
    parameters = list(model.parameters())
    trained = [place for place, p in enumerate(parameters) if p.requires_grad]

    def gradients():
        loss = loss_fn(model(inputs), targets)
        leaves = [parameters[place] for place in trained]
        found = torch.autograd.grad(loss, leaves, allow_unused=True)
        result = [None] * len(parameters)
        for place, gradient in zip(trained, found, strict=True):
            result[place] = gradient
        return result

    def nothing():
        return [None for _ in parameters]

    first, second = gradients(), gradients()
    both = [None if a is None else a + b for a, b in zip(first, second, strict=True)]
    return {
        "after_zero_grad": nothing(),
        "after_second_backward": both,
        "after_backward": first,
        "before": nothing(),
    }
