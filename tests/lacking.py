"""Runs a command on a machine that lacks something: a filter has the kernel refuse its calls.

The filter is the kernel's own and lasts through exec, so that what runs is the real command.

    done = run_as(who, lacking("landlock", [*GRADER, "doctor"]), home)
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

_PR_SET_SECCOMP = 22

# What the kernel answers, to which calls, where their first argument is which.
_LACKS = {
    "landlock": ("ENOSYS", ("landlock_create_ruleset",), None),
    "landlock's effect": ("0", ("landlock_restrict_self",), None),
    "seccomp": ("EINVAL", ("prctl",), _PR_SET_SECCOMP),
    "seccomp's effect": ("0", ("prctl",), _PR_SET_SECCOMP),
    "another user": ("EPERM", ("setresuid", "setuid", "setreuid"), None),
    "another user's effect": ("0", ("setresuid",), None),
    "mounts": ("EPERM", ("unshare", "mount"), None),
}
_LAUNCHER = """
import errno, os, sys
import pyseccomp

answer, names, first, *command = sys.argv[1:]
lacking = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
lacking.set_attr(pyseccomp.Attr.CTL_NNP, 0 if os.getuid() == 0 else 1)
action = pyseccomp.ERRNO(int(getattr(errno, answer, 0)))
arguments = [pyseccomp.Arg(0, pyseccomp.EQ, int(first))] if first else []
for name in names.split():
    lacking.add_rule(action, name, *arguments)
lacking.load()
os.execvp(command[0], command)
"""


def lacking(what: str, command: Sequence[object]) -> list[str]:
    """The command that runs `command` where the kernel lacks `what`."""
    answer, names, first = _LACKS[what]
    start = [sys.executable, "-c", _LAUNCHER, answer, " ".join(names), str(first or "")]
    return [*start, *map(str, command)]
