# aim: outlive the submission in what runs at exit
# sign: a process is left, or the run waits for one
# attacks: nothing

import atexit
import gc
import signal
import sys
import threading


def _for_ever(*args):
    while True:
        pass


atexit.register(_for_ever)
threading._register_atexit(_for_ever)
sys.excepthook = sys.unraisablehook = threading.excepthook = _for_ever
for _signal in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGPIPE):
    signal.signal(_signal, _for_ever)


class _Last:
    __del__ = _for_ever


sys.modules["_last"] = _Last()
gc.freeze()
