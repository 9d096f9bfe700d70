"""Servers beside the sandbox server, each a fork of it, or of one of them, in which more is warm.

To import all that a course's solutions import takes twice as long again as torch, and most
exercises need none of it. So the sandbox server has torch, and what else there is, it has in
servers that are forked from it: each takes one group of modules, warms them while sandboxes are
forked already elsewhere, and then forks sandboxes of its own. One process has one thread, always.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from grader.sandbox.confine import adopt_orphans, die_with_parent


@dataclass(frozen=True)
class Tier:
    """What is to be warm in one more server, by the name that requests give it.

    One that is not expected to be asked for is warmed when it is asked for first.
    """

    name: str
    modules: Sequence[str]
    expected: bool
    of: str  # the server that it is forked from; the sandbox server itself has no name


class Tiers:
    """The servers forked from this one; `controls` are the sockets that lead to each, by name."""

    def __init__(
        self,
        tiers: Sequence[Tier],
        of: str,
        serve: Callable[[int, Tier, socket.socket], None],
        inherited: Sequence[socket.socket],
    ) -> None:
        """Fork those of the server `of`, which this is.

        `serve(number, tier, control)` warms and serves in each, all tiers being numbered from 1;
        `inherited` are this process's own sockets, which none of them may keep open.
        """
        self.controls: dict[str, socket.socket] = {}
        for number, tier in enumerate(tiers, start=1):
            if tier.of != of:
                continue
            ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            pid = os.fork()
            if pid == 0:
                for end in (ours, *inherited, *self.controls.values()):
                    end.close()
                _become(number, tier, theirs, serve)
            theirs.close()
            self.controls[tier.name] = ours
        # Those that are forked further down are asked for where it leads to them.
        for tier in tiers:
            if tier.name not in self.controls and tier.of in self.controls:
                self.controls[tier.name] = self.controls[tier.of]

    def __enter__(self) -> Tiers:
        return self

    def __exit__(self, *_: object) -> None:
        """End them all, and with them their sandboxes and the servers forked from them."""
        adopt_orphans()
        while children := _children():
            for pid in children:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(pid, 0)


def _children() -> list[int]:
    """The processes that this one has forked, and those that were left to it."""
    pid = os.getpid()
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        return [int(child) for child in file.read().split()]


def _become(
    number: int,
    tier: Tier,
    control: socket.socket,
    serve: Callable[[int, Tier, socket.socket], None],
) -> None:
    code = 70  # EX_SOFTWARE, unless it ends well
    try:
        die_with_parent()
        if not tier.expected:
            select.select([control], [], [])
        serve(number, tier, control)
        code = 0
    except Exception as error:
        print(f"grader: {error}", file=sys.stderr, flush=True)
    finally:
        os._exit(code)


def tiers_of(given: Mapping[str, object]) -> list[Tier]:
    """The tiers as the server is told of them."""
    found = given["tiers"]
    assert isinstance(found, list)
    return [Tier(**each) for each in found]
