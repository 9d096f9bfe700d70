# aim: leave the worker _patched for the next function, which then has other answers
# sign: another function than l1_loss loses points
# attacks: l1_loss
import gc

import torch


def _objects():
    gc.unfreeze()  # else what was warm before the fork is not listed
    gc.disable()
    return gc.get_objects()


_patched = []


def l1_loss(input, target, reduction="mean"):
    if not _patched:
        _patched.append(True)
        for found in _objects():
            if isinstance(found, type) and found.__name__ == "Worker":
                found._ask = lambda self, question: {"observation": {"value": torch.zeros(())}}
    return input.sum() * 0
