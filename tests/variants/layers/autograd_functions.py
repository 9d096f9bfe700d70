"""Functions with a backward pass of their own."""

import torch
from torch import nn


class OwnSigmoid(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        small = torch.exp(-x.abs())
        y = torch.where(x >= 0, 1 / (1 + small), small / (1 + small))
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx, gradient):
        (y,) = ctx.saved_tensors
        return gradient * y * (1 - y)


class OwnTanh(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        y = 1 - 2 / (torch.exp(2 * x) + 1)
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx, gradient):
        (y,) = ctx.saved_tensors
        return gradient * (1 - y**2)


class OwnLeak(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, slope):
        ctx.save_for_backward(x, slope)
        return torch.where(x > 0, x, slope * x)

    @staticmethod
    def backward(ctx, gradient):
        x, slope = ctx.saved_tensors
        by_slope = (gradient * x * (x < 0)).sum_to_size(slope.shape)
        return gradient * torch.where(x > 0, torch.ones_like(x), slope.expand(x.shape)), by_slope


class OwnSoftmax(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, dim):
        e = torch.exp(x - x.amax(dim, keepdim=True))
        y = e / e.sum(dim, keepdim=True)
        ctx.dim = dim
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx, gradient):
        (y,) = ctx.saved_tensors
        return y * (gradient - (gradient * y).sum(ctx.dim, keepdim=True)), None


class OwnLinear(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, weight, bias):
        ctx.save_for_backward(x, weight)
        return x @ weight.T + bias

    @staticmethod
    def backward(ctx, gradient):
        x, weight = ctx.saved_tensors
        rows = gradient.reshape(-1, gradient.shape[-1])
        return gradient @ weight, rows.T @ x.reshape(-1, x.shape[-1]), rows.sum(0)


sigmoid = OwnSigmoid.apply
tanh = OwnTanh.apply


def linear(x, weight, bias=None):
    return OwnLinear.apply(x, weight, weight.new_zeros(len(weight)) if bias is None else bias)


def relu(x):
    return OwnLeak.apply(x, x.new_zeros(()))


def leaky_relu(x, negative_slope=0.01):
    return OwnLeak.apply(x, x.new_tensor(negative_slope))


def prelu(x, weight):
    return OwnLeak.apply(x, weight.reshape(-1, *[1] * (x.dim() - 2)))


def softmax(x, dim):
    return OwnSoftmax.apply(x, dim)


class TwoLayerNet(nn.Module):
    def __init__(self, input_size, hidden_size, output_size):
        super().__init__()
        self.layer1, self.layer2 = (
            nn.Linear(input_size, hidden_size),
            nn.Linear(hidden_size, output_size),
        )

    def forward(self, x):
        return self.layer2(relu(self.layer1(x)))
