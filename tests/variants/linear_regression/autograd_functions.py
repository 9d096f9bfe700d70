"""Each formula as a torch.autograd.Function with a backward by hand."""

import torch


class Line(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, w, b):
        ctx.save_for_backward(x, w)
        return (x * w + b)[:, 0]

    @staticmethod
    def backward(ctx, upstream):
        x, w = ctx.saved_tensors
        return upstream[:, None] * w, (upstream @ x), upstream.sum().reshape(1)


class SumOfSquares(torch.autograd.Function):
    @staticmethod
    def forward(ctx, error):
        ctx.save_for_backward(error)
        return (error * error).sum()

    @staticmethod
    def backward(ctx, upstream):
        (error,) = ctx.saved_tensors
        return 2 * upstream * error


def predict(x, w, b):
    return Line.apply(x, w, b)


def squared_error(prediction, target, reduction="mean"):
    if prediction.shape != target.shape:
        raise ValueError("shapes")
    if reduction not in ("mean", "sum"):
        raise ValueError("reduction")
    share = 1 if reduction == "sum" else 1 / prediction.numel()
    return share * SumOfSquares.apply(prediction - target)


def fit(x, y, w, b, learning_rate, epochs, reduction="mean"):
    if learning_rate < 0:
        raise ValueError("learning_rate")
    losses = []
    for epoch in range(epochs):
        if epoch == 0:
            w.grad = b.grad = None
        loss = squared_error(Line.apply(x, w, b), y, reduction)
        torch.autograd.backward([loss])
        losses.append(loss.tolist())
        with torch.no_grad():
            w += -learning_rate * w.grad
            b += -learning_rate * b.grad
            w.grad.zero_()
            b.grad.zero_()
    return losses
