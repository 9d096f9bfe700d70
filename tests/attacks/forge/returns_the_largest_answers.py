# aim: have the examiner keep so many large wrong answers that it runs out of memory
# sign: the run breaks
# attacks: l1_loss
import torch

_LARGE = torch.zeros(4 << 20)  # 16 MiB: many of them can be sent in the time there is


def l1_loss(input, target, reduction="mean"):
    return _LARGE
