"""What the warm pair used of the processor, as the kernel tells: for `grader grade --profile`.

Its forks say themselves what they did with theirs; what they do not see is how they begin and end.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from grader.profile import Profile

START = "start-up of the warm pair"
SERVERS = "the warm pair, forking"  # itself, from when it was ready on
FORKS = "all forks of the warm pair"
_TICK = os.sysconf("SC_CLK_TCK")


class Account:
    """Of the two processes, from when they are ready on."""

    def __init__(self, profile: Profile, pids: Sequence[int]) -> None:
        """Taken when they are ready: all that they used before was for their start."""
        self._profile = profile
        self._ready = {pid: used(pid) for pid in pids}
        profile.add(START, sum(own + children for own, children in self._ready.values()))

    def close(self) -> None:
        """Taken before they are ended, when no fork is at work any more."""
        for pid, (own, children) in self._ready.items():
            try:
                own_now, children_now = used(pid)
            except OSError:  # it was lost, which the run tells of
                continue
            self._profile.add(SERVERS, own_now - own)
            self._profile.add(FORKS, children_now - children)


def used(pid: int) -> tuple[float, float]:
    """Processor seconds of a process, and of its children that ended and were waited for."""
    # After the command in parentheses: state is field 3, utime to cstime are 14 to 17.
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    user, system, childrens_user, childrens_system = map(int, fields[11:15])
    return (user + system) / _TICK, (childrens_user + childrens_system) / _TICK
