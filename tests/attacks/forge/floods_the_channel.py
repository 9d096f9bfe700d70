# aim: fill the examiner's memory and time with large frames, one after the other
# sign: the run breaks or does not end, or a check of l1_loss is passed
# attacks: l1_loss
import sys
import threading

import torch

_frame = sys._getframe()
while "wire" not in _frame.f_globals:  # the worker's module, which has what it imported
    _frame = _frame.f_back
wire = _frame.f_globals["wire"]


def l1_loss(input, target, reduction="mean"):
    frame = sys._getframe()
    while "message" not in frame.f_locals or "number" not in frame.f_locals:
        frame = frame.f_back
    held = frame.f_locals
    channel, key = held["self"]._channel, held["message"]["key"]
    large = torch.zeros(16, 1 << 18)

    answer = {"observation": {"value": large, "changed": []}}
    frames = [
        wire.encode({"key": key, "number": held["number"] + more, "answer": answer})
        for more in range(2)
    ]

    def flood():
        number = 0
        try:
            while True:
                channel.sendall(frames[number % 2])
                number += 1
        except OSError:
            pass

    threads = [threading.Thread(target=flood) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return large
