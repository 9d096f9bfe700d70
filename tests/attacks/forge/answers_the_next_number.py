# aim: confuse which answer is to which question: the next one's, none's, a float's, a tensor's
# sign: a check of l1_loss is passed
# attacks: l1_loss
# outcome: crashed
import sys

import torch

_frame = sys._getframe()
while "wire" not in _frame.f_globals:  # the worker's module, which has what it imported
    _frame = _frame.f_back
wire = _frame.f_globals["wire"]


_asked = [0]


def l1_loss(input, target, reduction="mean"):
    frame = sys._getframe()
    while "message" not in frame.f_locals or "number" not in frame.f_locals:
        frame = frame.f_back
    held = frame.f_locals
    key, number = held["message"]["key"], held["number"]
    right = {"observation": {"value": torch.zeros(()), "devices": ["cpu"], "changed": []}}
    odd = [
        {"key": key, "number": number + 1, "answer": right},
        {"key": key, "number": -1, "answer": right},
        {"key": key, "number": float(number), "answer": right},
        {"key": key, "number": bool(number), "answer": right},
        {"key": key, "number": torch.tensor(number), "answer": right},
        {"key": torch.frombuffer(bytearray(key), dtype=torch.uint8), "number": 0, "answer": right},
        {"key": key.hex(), "number": number, "answer": right},
        {"key": key, "number": number, "answer": [right]},
        {"key": key, "number": number, "answer": right, "more": True},
        {"key": key, "number": number},
        [key, number, right],
        right,
        None,
    ]
    held["self"]._channel.sendall(wire.encode(odd[_asked[0] % len(odd)]))
    _asked[0] += 1
    return input.sum() * 0
