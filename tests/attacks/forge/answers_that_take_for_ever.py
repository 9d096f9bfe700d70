# aim: hang the examiner: answers that are small, and take hours to read, compare or write down
# sign: the run does not end, or a check of l1_loss is passed
# attacks: l1_loss
import struct
import sys

import msgpack
import torch

_frame = sys._getframe()
while "wire" not in _frame.f_globals:  # the worker's module, which has what it imported
    _frame = _frame.f_back
wire = _frame.f_globals["wire"]


_WHOLE = torch.zeros([3] * 14, dtype=torch.int8)  # torch writes each of its 5 million elements
_SMALL = torch.zeros(8, 8, dtype=torch.float64)
_ANSWERS = [
    {"raised": {"types": ["KeyError"], "message": "x", "frames": [[_WHOLE, 1, "f", "x"]]}},
    {"raised": {"types": ["NotImplementedError"], "message": _WHOLE, "frames": []}},
    {"raised": {"types": ["ValueErrors"], "message": [_WHOLE], "frames": [["l", _WHOLE, "", ""]]}},
    {"observation": {"value": {"type": _WHOLE}, "changed": []}},
    {"observation": {"value": 1, "changed": [_WHOLE], "devices": [_WHOLE]}},
    {"observation": {"value": [_SMALL] * 4000, "changed": [], "devices": ["cpu"]}},
    {"observation": {"value": ["x" * 2000] * 100, "changed": [], "devices": ["cpu"]}},
    {"observation": {f"key {number}": [] for number in range(20_000)}},
    {"forbidden": [_WHOLE], "frames": [[_WHOLE, _WHOLE, "", _WHOLE]]},
]
_LISTS = b"\xdd" + struct.pack(">I", 250_000) + b"\x90" * 250_000


def _frame(key, number):
    kind = number % (len(_ANSWERS) + 1)
    if kind < len(_ANSWERS):
        return wire.encode({"key": key, "number": number, "answer": _ANSWERS[kind]})
    entries = msgpack.packb({"key": key, "number": number})[1:]
    structure = b"\x83" + entries + msgpack.packb("answer") + _LISTS
    return struct.pack("!4sII", b"TGW1", len(structure), 0) + structure


def l1_loss(input, target, reduction="mean"):
    frame = sys._getframe()
    while "message" not in frame.f_locals or "number" not in frame.f_locals:
        frame = frame.f_back
    worker = frame.f_locals["self"]
    right = type(worker)._reply

    def reply(key, number, answer):
        if frame.f_locals["question"]["function"] == "l1_loss":
            worker._channel.sendall(_frame(key, number))
        else:
            right(worker, key, number, answer)

    worker._reply = reply
    return input.sum() * 0
