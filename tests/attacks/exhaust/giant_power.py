# aim: stay in C code that never looks at signals
# sign: the run does not end, or a check of l1_loss is passed
# attacks: l1_loss
# outcome: timeout crashed error


def l1_loss(input, target, reduction="mean"):
    return pow(7, 10**9) % 10
