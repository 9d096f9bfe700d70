# aim: have a thread write into the channel while other functions are asked
# sign: another function than l1_loss loses points, or the run ends
# attacks: l1_loss
# outcome: crashed failed
import gc
import socket
import threading


def _objects():
    gc.unfreeze()  # else what was warm before the fork is not listed
    gc.disable()
    return gc.get_objects()


def _write(channel):
    for _ in range(200):
        try:
            channel.sendall(b"TGW1" + bytes(8))
        except OSError:
            return


def l1_loss(input, target, reduction="mean"):
    for found in _objects():
        if isinstance(found, socket.socket) and found.fileno() > 2:
            threading.Thread(target=_write, args=(found,), daemon=True).start()
    return input
