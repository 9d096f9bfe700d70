"""The origin of the warm pair: it imports torch once, and both are forks of it.

Run as `python -m grader.examiner.origin` by the process that grades. It imports torch and what a
sandbox server is made of, nothing of the examiner's, and is told nothing: what its forks are to do,
each hears over a channel of its own. So whatever is in its memory, every sandbox may see.
"""

from __future__ import annotations

import argparse
import gc
import os
import socket
import sys
import traceback
from collections.abc import Mapping

from grader.sandbox import server as sandbox_server
from grader.sandbox.confine import die_with_parent, hide_from_others, name_process
from grader.sandbox.forkserver import ForkServer
from grader.sandbox.greeting import EXAMINER, SANDBOXES, heard

_ROLES = {role[:1].encode(): role for role in (SANDBOXES, EXAMINER)}
_PYTHONS_OWN = gc.get_threshold()


def main() -> None:
    """Fork what is asked for until nobody is left to ask."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--control", type=int, required=True)
    options = parser.parse_args()
    die_with_parent()
    ForkServer(socket.socket(fileno=options.control), _become).run()


def _become(channel: socket.socket) -> None:
    """Be one of the pair, in a fork of the origin, until nobody is left to be that for."""
    try:
        die_with_parent()
        letter, descriptors, _, _ = socket.recv_fds(channel, 1, 2)
        if not letter:  # whoever asked for it has gone
            return
        role = _ROLES[letter]
        name_process(role)
        if role == EXAMINER:
            hide_from_others()
        gc.set_threshold(*_PYTHONS_OWN)  # this fork lives long
        ends = [socket.socket(fileno=descriptor) for descriptor in descriptors]
        if role == SANDBOXES:
            sandbox_server.serve_sandboxes(channel, *ends)
        else:
            _examine(channel, *ends)
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
        raise


def _examine(hello: socket.socket, control: socket.socket, sandboxes: socket.socket) -> None:
    told = heard(hello)
    if told is None:
        return
    _as_if_started_in(told["environment"])
    from grader.examiner.server import examine  # nothing of the examiner's is in the origin

    examine(told["given"], hello, control, sandboxes)


def _as_if_started_in(environment: Mapping[str, str]) -> None:
    """Take over an environment, also as far as Python reads it when it starts."""
    os.environ.clear()
    os.environ.update(environment)
    folders = environment.get("PYTHONPATH", "").split(os.pathsep)
    sys.path[:0] = [os.path.abspath(folder) for folder in folders if folder]
    sys.dont_write_bytecode = bool(environment.get("PYTHONDONTWRITEBYTECODE"))
    sys.pycache_prefix = environment.get("PYTHONPYCACHEPREFIX") or None


if __name__ == "__main__":
    main()
