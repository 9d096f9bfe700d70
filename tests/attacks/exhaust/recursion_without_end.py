# aim: run over the end of the stack
# sign: the run does not end, or a check of l1_loss is passed
# attacks: l1_loss
# outcome: crashed error timeout

import sys

sys.setrecursionlimit(2**31 - 1)


class _Deep(dict):
    def __missing__(self, key):
        return self[key]

    def __getattr__(self, name):
        return getattr(self, name)


def l1_loss(input, target, reduction="mean"):
    return [_Deep()[0], _Deep().x, l1_loss(input, target)]
