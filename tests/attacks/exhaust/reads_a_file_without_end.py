# aim: read what never ends
# sign: the run does not end, or a check of l1_loss is passed
# attacks: l1_loss
# outcome: timeout error


def l1_loss(input, target, reduction="mean"):
    with open("/dev/zero", "rb", buffering=0) as file:
        while file.read(1 << 20):
            pass
