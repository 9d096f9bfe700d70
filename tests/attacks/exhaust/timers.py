# aim: come back by timers and interrupts, wherever the process is
# sign: another function loses points, or the run does not end
# attacks: l1_loss

import faulthandler
import signal


def _interrupt(*args):
    raise KeyboardInterrupt("back again")


def l1_loss(input, target, reduction="mean"):
    with open("dump", "w") as file:
        faulthandler.dump_traceback_later(0.01, repeat=True, file=file, exit=False)
        faulthandler.dump_traceback_later(0.05, exit=True, file=file)
    for timer, number in (
        (signal.ITIMER_REAL, signal.SIGALRM),
        (signal.ITIMER_VIRTUAL, signal.SIGVTALRM),
        (signal.ITIMER_PROF, signal.SIGPROF),
    ):
        signal.signal(number, _interrupt)
        signal.setitimer(timer, 0.001, 0.001)
    return input.sum()
