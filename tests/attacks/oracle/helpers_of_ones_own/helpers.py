"""What the losses share."""

from reductions import REDUCTIONS


def absolute(x):
    return x.abs()


def reduced(losses, reduction):
    if reduction not in REDUCTIONS:
        raise ValueError(f"reduction must be one of {sorted(REDUCTIONS)}, not {reduction!r}")
    return REDUCTIONS[reduction](losses)
