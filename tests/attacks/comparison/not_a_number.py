# aim: be close to everything by being no number, or so large that every distance is
# sign: a check of l1_loss is passed
# attacks: l1_loss
# outcome: failed error
import math

import torch

_NUMBERS = [math.nan, math.inf, -math.inf, -math.nan]
_asked = [0]


def l1_loss(input, target, reduction="mean"):
    _asked[0] += 1
    number = _NUMBERS[_asked[0] % len(_NUMBERS)]
    shape = (input - target).shape if reduction == "none" else ()
    wrong = torch.full(shape, number, dtype=input.dtype)
    if _asked[0] % 8 > 3:  # a NaN whose bits are none that torch makes
        wrong = wrong.view(torch.int32 if input.itemsize == 4 else torch.int64).neg()
        wrong = wrong.view(input.dtype).log()
    return wrong + 0 * (input - target).sum()
