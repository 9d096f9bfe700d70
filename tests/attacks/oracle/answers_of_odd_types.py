# aim: have the examiner raise where it judges an answer, and so end the run or skip the check
# sign: a check of l1_loss is passed, or the run ends
# attacks: l1_loss
import sys

import torch

_count = [0]


def _worker_type():
    frame = sys._getframe()
    while frame is not None:
        if type(frame.f_locals.get("self")).__name__ == "Worker":
            return type(frame.f_locals["self"])
        frame = frame.f_back
    raise RuntimeError("there is no worker above")


_ODD = [
    {"raised": torch.ones(3)},
    {"raised": {"types": torch.ones(2), "message": torch.ones(2), "frames": torch.ones(2)}},
    {"raised": {"types": ["NotImplementedError"], "message": "TODO" * 400_000, "frames": []}},
    {"raised": {"types": [["ValueError"]], "message": {}, "frames": [[1, 2, 3, 4]] * 3000}},
    {"forbidden": torch.ones(2), "frames": torch.ones(2)},
    {"forbidden": {"l1_loss": 1}, "frames": {"a": 1}},
    {"missing": torch.ones(4), "forbidden": None},
    {"observation": torch.ones(3)},
    {"observation": {"value": {"value": {"value": torch.ones(2)}}, "devices": torch.ones(2)}},
    {"observation": {"value": [[[[[]]]]] * 9, "devices": None, "changed": 5}},
    {"observation": {"value": torch.ones(1), "devices": ["cpu"], "changed": [torch.ones(2)]}},
    {"observation": {"value": (1, (2, (3, {}))), "devices": [{}], "changed": "no"}},
    {"observation": {"": {}, "value": 2**63 - 1, "devices": [b"cpu"]}},
]


def _patch():
    def ask(self, question):
        if question["function"] != "l1_loss":
            return kept(self, question)
        _count[0] += 1
        return _ODD[_count[0] % len(_ODD)]

    found = _worker_type()
    kept, found._ask = found._ask, ask


_patch()


def l1_loss(input, target, reduction="mean"):
    return input
