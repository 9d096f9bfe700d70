# aim: never sleep as long as anybody looks
# sign: the run does not end, or a check of l1_loss is passed
# attacks: l1_loss
# outcome: timeout

import time


def l1_loss(input, target, reduction="mean"):
    while True:
        time.sleep(0.002)
