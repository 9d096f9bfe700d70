"""Large pages for a warm process: what a fork costs is how many pages it has to note down.

A warm process has some 100,000 pages of 4 KiB, all of which every fork copies the table of and
gives back at its end. In pages of 2 MiB it is a few hundred. What the process has freed goes back
to the kernel first: a fork that uses it again gets it empty, instead of copying what was there.
"""

from __future__ import annotations

import ctypes
import os

_HUGE = 2 << 20
_MADV_COLLAPSE = 25  # Linux 6.1
_SMALL = os.sysconf("SC_PAGE_SIZE")
_FULL = 0.75  # of a large page: one that is emptier is not worth to have whole


def collapse_pages() -> int:
    """Put this process's own memory into large pages; how many bytes were.

    Where the kernel has none, or no room for one, small pages stay and a fork takes longer.
    """
    with open("/proc/self/maps", encoding="utf-8", errors="replace") as file:
        lines = file.read().splitlines()
    collapsed = 0
    _libc.malloc_trim(ctypes.c_size_t(0))
    for line in lines:
        where, rights, _, _, inode, *name = line.split(maxsplit=5)
        if rights != "rw-p" or inode != "0" or (name and name[0] != "[heap]"):
            continue
        first, last = (int(address, 16) for address in where.split("-"))
        for start in range(-(-first // _HUGE) * _HUGE, last - _HUGE + 1, _HUGE):
            place, size = ctypes.c_void_p(start), ctypes.c_size_t(_HUGE)
            if _is_full(place) and _libc.madvise(place, size, _MADV_COLLAPSE) == 0:
                collapsed += _HUGE
    return collapsed


def _is_full(place: ctypes.c_void_p) -> bool:
    """Whether most of the small pages of a large one are in use."""
    used = (ctypes.c_ubyte * (_HUGE // _SMALL))()
    if _libc.mincore(place, ctypes.c_size_t(_HUGE), used) != 0:
        return False
    return sum(byte & 1 for byte in used) >= _FULL * len(used)


_libc = ctypes.CDLL(None, use_errno=True)
