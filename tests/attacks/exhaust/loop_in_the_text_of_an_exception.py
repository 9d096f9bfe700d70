# aim: hang whoever words an exception
# sign: the run does not end, or a check of l1_loss is passed
# attacks: l1_loss
# outcome: timeout


class _Endless(Exception):
    def __str__(self):
        while True:
            pass

    __repr__ = __str__


def l1_loss(input, target, reduction="mean"):
    raise _Endless
