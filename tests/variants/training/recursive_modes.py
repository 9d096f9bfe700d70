"""Modes kept by recursion over the children; an epoch is a function; LBFGS without nonlocal."""

import torch


def without_training(model, work):
    """What `work()` returns with this module, and all below it, in evaluation mode."""
    mode, model.training = model.training, False
    try:
        return inside(list(model.children()), work)
    finally:
        model.training = mode


def inside(children, work):
    if not children:
        return work()
    return without_training(children[0], lambda: inside(children[1:], work))


def evaluate(model, loader, loss_fn, device="cpu"):
    model.to(device)

    @torch.no_grad()
    def work():
        outcomes = []
        for inputs, targets in loader:
            logits = model(inputs.to(device))
            loss = loss_fn(logits, targets.to(device))
            for row, target in zip(logits, targets.tolist(), strict=True):
                outcomes.append((loss.item(), int(row.argmax().item() == target)))
        losses, hits = zip(*outcomes, strict=True)
        return sum(losses) / len(losses), sum(hits) / len(hits)

    return without_training(model, work)


def batch_losses(model, loader, loss_fn):
    def work():
        with torch.no_grad():
            return [loss_fn(model(inputs), targets).item() for inputs, targets in loader]

    return without_training(model, work)


def lbfgs_step(model, inputs, targets, loss_fn, optimizer):
    class Closure:
        calls = 0

        def __call__(self):
            self.calls += 1
            optimizer.zero_grad(set_to_none=False)
            loss = loss_fn(model(inputs), targets)
            loss.backward()
            return loss

    return optimizer.step(Closure()).item()


def train(model, loader, loss_fn, optimizer, epochs, device="cpu"):
    def one_batch(inputs, targets):
        optimizer.zero_grad()
        loss = loss_fn(model(inputs.to(device)), targets.to(device))
        loss.backward()
        optimizer.step()
        return loss.item()

    def one_epoch():
        model.train()
        return sum(one_batch(*batch) for batch in loader)

    model.to(device)
    return [one_epoch() for _ in range(epochs)]
