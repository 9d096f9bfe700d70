# aim: hang when the function has returned already
# sign: the run does not end, or a check of l1_loss is passed
# attacks: l1_loss
# outcome: timeout


class _Undead:
    def __del__(self):
        while True:
            pass


def l1_loss(input, target, reduction="mean"):
    undead = _Undead()
    undead.itself = undead
    undead = _Undead()
    return (input - target).abs().mean()
