# aim: have feedback of a gigabyte
# sign: the message is long, or the run does not end
# attacks: l1_loss
# outcome: error crashed timeout


class _Giant(Exception):
    def __str__(self):
        return "x" * (1 << 30)


_Giant.__name__ = _Giant.__qualname__ = "Y" * (1 << 24)


def l1_loss(input, target, reduction="mean"):
    error = _Giant("z" * (1 << 28))
    error.add_note("n" * (1 << 28))
    raise error
