# aim: use processor time in threads while the main one sleeps
# sign: the run does not end, or a check of l1_loss is passed
# attacks: l1_loss
# outcome: timeout

import hashlib
import threading
import time

_BYTES = bytes(1 << 22)


def _eat():
    while True:
        hashlib.sha256(_BYTES)  # without the GIL: two threads are two processors


def l1_loss(input, target, reduction="mean"):
    for _ in range(2):
        threading.Thread(target=_eat, daemon=True).start()
    time.sleep(3600)
