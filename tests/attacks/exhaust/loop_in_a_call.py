# aim: keep a processor busy for ever, whatever is raised inside
# sign: the run does not end, or a check of l1_loss is passed
# attacks: l1_loss
# outcome: timeout
# says: endless loop


def l1_loss(input, target, reduction="mean"):
    while True:
        try:
            while True:
                pass
        except BaseException:
            continue
