"""A sandbox that has ended is lost at once, even where a process that it started holds its end."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from grader.sandbox.answers import SandboxLost
from grader.sandbox.client import Clock, Purse, Sandbox
from grader.sandbox.watch import Room

CLOCK = Clock(30, 30, 60)
# Each child leaves a process behind that reads nothing, until its client closes the channel.
SERVER = """
import os, select, socket, sys
from grader.sandbox import wire
from grader.sandbox.forkserver import ForkServer


def serve(channel):
    channel.sendall(wire.encode({"ready": [], "folder": sys.argv[2]}))
    if os.fork() == 0:
        closed = select.poll()
        closed.register(channel, select.POLLRDHUP)
        closed.poll()


ForkServer(socket.socket(fileno=int(sys.argv[1])), serve).run()
"""


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    command = [sys.executable, "-c", SERVER, str(theirs.fileno()), str(tmp_path)]
    with ours, subprocess.Popen(command, pass_fds=[theirs.fileno()]) as server:
        theirs.close()
        with closing(Sandbox(ours, Room(), Purse())) as sandbox:
            yield sandbox
        ours.close()
        assert server.wait(20) == 0


@pytest.mark.parametrize("size", [1, 1 << 24], ids=["to be read from", "to be written to"])
def test_an_ended_process_is_not_waited_for(sandbox: Sandbox, size: int) -> None:
    with pytest.raises(SandboxLost, match="ended itself with exit status 0"):
        key = sandbox.put(bytes(size), CLOCK)
        next(sandbox.answers(key, [0]))
