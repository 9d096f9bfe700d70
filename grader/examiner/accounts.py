"""What the warm pair used of the processor, as the kernel tells: for `grader grade --profile`.

Its forks say themselves what they did with theirs; what they do not see is how they begin and end.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from grader.profile import Profile

START = "start-up of the warm pair"
SERVERS = "the warm pair, serving"  # itself, from when it was ready on
FORKS = "all forks of the warm pair"
_TICK = os.sysconf("SC_CLK_TCK")


class Account:
    """Of the two processes and the servers forked from them, from when the two are ready on."""

    def __init__(self, profile: Profile, pids: Sequence[int]) -> None:
        """Taken when they are ready: all that they used before was for their start."""
        self._profile = profile
        self._pids = pids
        self._ready = used(pids)
        profile.add(START, sum(self._ready))

    def close(self) -> None:
        """Taken before they are ended, when no fork is at work any more."""
        (own, ended), (own_then, ended_then) = used(self._pids), self._ready
        self._profile.add(SERVERS, own - own_then)
        self._profile.add(FORKS, ended - ended_then)


def used(pids: Sequence[int]) -> tuple[float, float]:
    """Processor seconds of processes and their living descendants, and of those that ended.

    One that has ended meanwhile, and whose parent has not been told, is in neither.
    """
    own, ended, waiting = 0.0, 0.0, list(pids)
    while waiting:
        proc = Path("/proc", str(waiting.pop()))
        try:
            # After the command in parentheses: state is field 3, utime to cstime are 14 to 17.
            fields = (proc / "stat").read_text().rpartition(")")[2].split()
            children = (proc / "task" / proc.name / "children").read_text().split()
        except OSError:
            continue
        user, system, childrens_user, childrens_system = map(int, fields[11:15])
        own += (user + system) / _TICK
        ended += (childrens_user + childrens_system) / _TICK
        waiting += map(int, children)
    return own, ended
