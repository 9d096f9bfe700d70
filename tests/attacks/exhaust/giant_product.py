# aim: use more than one processor in one call of torch
# sign: the run does not end, or a check of l1_loss is passed
# attacks: l1_loss
# outcome: timeout

import torch


def l1_loss(input, target, reduction="mean"):
    torch.set_num_threads(8)
    matrix = torch.rand(6000, 6000)
    while True:
        matrix = matrix @ matrix
