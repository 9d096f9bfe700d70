# aim: hang in autograd's own thread
# sign: the run does not end, or a check of l1_loss is passed
# attacks: l1_loss
# outcome: timeout failed

import torch


class _Endless(torch.autograd.Function):
    @staticmethod
    def forward(context, value):
        return value.clone()

    @staticmethod
    def backward(context, gradient):
        while True:
            gradient = gradient + 1


def l1_loss(input, target, reduction="mean"):
    return _Endless.apply((input - target).sum())
