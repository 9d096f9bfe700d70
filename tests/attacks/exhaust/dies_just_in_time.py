# aim: use up nearly all the time of each message, then die to be asked again
# sign: l1_loss takes longer than its limit
# attacks: l1_loss
# outcome: timeout crashed

import os
import time


def l1_loss(input, target, reduction="mean"):
    end = time.process_time() + 0.8
    while time.process_time() < end:
        pass
    os._exit(0)
