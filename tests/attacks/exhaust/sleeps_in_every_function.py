# aim: hold a job for hours, a check at a time
# sign: the exercise takes longer than its limit
# attacks: l1_loss mse_loss binary_cross_entropy nll_loss cross_entropy
# outcome: timeout

import time


def l1_loss(*args, **kwargs):
    time.sleep(3600)


mse_loss = binary_cross_entropy = nll_loss = cross_entropy = l1_loss
