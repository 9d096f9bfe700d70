# aim: take the other functions away while one is asked
# sign: a check of l1_loss is passed, or another function loses points
# attacks: l1_loss
import sys


def l1_loss(input, target, reduction="mean"):
    for name in ("mse_loss", "binary_cross_entropy", "nll_loss", "cross_entropy", "l1_loss"):
        globals().pop(name, None)
        sys.modules[__name__].__dict__.pop(name, None)
    return input.sum() * 0
