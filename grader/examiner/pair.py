"""The warm pair as processes: sandbox server and examiner, started before it is known for what.

Both import torch first, which takes seconds, and only then ask what to do. So a command starts them
as its very first act, and meanwhile imports what it needs itself, reads submissions and looks into
the gradebook.
"""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from grader.examiner.folder import locked_folder
from grader.sandbox.greeting import tell
from grader.sandbox.removal import remove_tree

_KEPT_VARIABLES = ("PATH", "LANG", "LD_LIBRARY_PATH", "CUDA_VISIBLE_DEVICES", "SYSTEMROOT")
_LAST_SECONDS = 5.0  # for the sandbox server to end its own, once nobody is left to ask it


@dataclass(frozen=True)
class WarmProcess:
    """One of the two; over the socket it is told what to do, and says that it is ready."""

    process: subprocess.Popen[bytes]
    hello: socket.socket

    def tell(self, given: Mapping[str, Any]) -> None:
        """Say what it is to do. Where it has ended already, who waits for its hello finds out."""
        with contextlib.suppress(OSError):
            tell(self.hello, given)


class Pair:
    """Both processes; `control` asks the examiner for forks, `folder` is the sandboxes' place."""

    def __init__(self, when_ready: Callable[[], None] = lambda: None) -> None:
        """`when_ready` is called once both have said hello: who waits for grades is idle then."""
        self.when_ready = when_ready
        self._lock: int | None
        self.folder, self._lock = locked_folder()
        self._processes: list[subprocess.Popen[bytes]] = []
        self._sockets: list[socket.socket] = []
        self.serves = False  # whether the sandbox server may have forked, and has to end those
        try:
            self._start()
        except BaseException:
            self.close()
            raise

    def _start(self) -> None:
        sandboxes, servers_end = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.control, examiners_end = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._sockets.append(self.control)
        kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
        # Else torch's compiler leaves a folder in the temporary one as soon as it is imported.
        compiler = {"TORCHINDUCTOR_CACHE_DIR": str(self.folder / "inductor")}
        own = {
            **os.environ,
            **compiler,
            "PYTHONHASHSEED": "0",
            # Else hypothesis leaves a folder of its own wherever the command is run.
            "HYPOTHESIS_STORAGE_DIRECTORY": str(self.folder / "hypothesis"),
        }
        with sandboxes, servers_end, examiners_end:
            self.server = self._spawn(
                "grader.sandbox.server", {"--control": servers_end}, kept | compiler
            )
            self.examiner = self._spawn(
                "grader.examiner.server", {"--control": examiners_end, "--sandbox": sandboxes}, own
            )

    def _spawn(
        self, module: str, sockets: Mapping[str, socket.socket], environment: Mapping[str, str]
    ) -> WarmProcess:
        ours, theirs = socket.socketpair()
        self._sockets.append(ours)
        sockets = {**sockets, "--hello": theirs}
        command = [sys.executable, "-P", "-m", module]
        for option, end in sockets.items():
            command += [option, str(end.fileno())]
        with theirs:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                env=dict(environment),
                pass_fds=[end.fileno() for end in sockets.values()],
                start_new_session=True,  # an interrupt at the terminal is the client's to handle
            )
        self._processes.append(process)
        return WarmProcess(process, ours)

    @property
    def pids(self) -> list[int]:
        return [process.pid for process in self._processes]

    @property
    def alive(self) -> bool:
        """Whether both processes run; without either nothing more can be examined."""
        return all(process.poll() is None for process in self._processes)

    def close(self) -> None:
        """End both processes, which end their children, and remove the sandboxes' folder."""
        for end in self._sockets:
            end.close()
        for process in reversed(self._processes):  # without an examiner the server has no client
            if self.serves and process is self.server.process:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(_LAST_SECONDS)
            process.kill()
            process.wait()
        self._processes.clear()
        remove_tree(self.folder)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


_ahead: list[Pair] = []  # at most one, that nobody has taken yet


@contextlib.contextmanager
def pair_ahead(when_ready: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Have a pair started now, for the engine that is started first within the block.

    One that no engine has taken is ended with the block. Within such a block nothing is started.
    """
    if _ahead:
        yield
        return
    _ahead.append(Pair(when_ready))
    try:
        yield
    finally:
        while _ahead:
            _ahead.pop().close()


def taken_pair() -> Pair:
    """The pair that was started ahead, or one that is started now; who takes it closes it."""
    return _ahead.pop() if _ahead else Pair()
