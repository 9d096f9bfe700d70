# aim: reach the loss by strings, aliases, other namespaces and modules that hold it
# sign: a check of cross_entropy or nll_loss is passed
# attacks: nll_loss cross_entropy
# outcome: forbidden
import builtins
import operator

import torch

_find = operator.attrgetter("nn.functional.n" + "ll_loss")
_through = vars(torch.nn)["Cross" + "EntropyLoss"]


def nll_loss(input, target, weight=None, ignore_index=-100, reduction="mean"):
    return builtins.getattr(torch, "nl" + "l_loss" * 1, _find(torch))(
        input, target, weight, ignore_index=ignore_index, reduction=reduction
    )


def cross_entropy(input, target, *further, **named):
    return _through(*further, **named)(input, target)
