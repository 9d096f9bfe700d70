# aim: wait for what never comes
# sign: the run does not end, or a check of l1_loss is passed
# attacks: l1_loss
# outcome: timeout
# says: did nothing for

import threading


def l1_loss(input, target, reduction="mean"):
    lock = threading.Lock()
    lock.acquire()
    threading.Thread(target=lock.acquire).start()
    threading.Event().wait()
