# aim: cost a lot of wall time and no processor time
# sign: the run does not end, or a check of l1_loss is passed
# attacks: l1_loss
# outcome: timeout
# says: did nothing for

import time


def l1_loss(input, target, reduction="mean"):
    time.sleep(3600)
