"""The warm pair as processes: sandbox server and examiner, started before it is known for what.

Both are forks of one process that imports torch, which takes seconds. So a command starts that one
as its very first act, and meanwhile imports what it needs itself, reads submissions and looks into
the gradebook.
"""

from __future__ import annotations

import contextlib
import os
import select
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from grader.examiner.folder import locked_folder
from grader.sandbox.forkserver import Child, ForkServerError, fork_child
from grader.sandbox.greeting import EXAMINER, SANDBOXES, tell
from grader.sandbox.removal import remove_tree

_KEPT_VARIABLES = (
    *("PATH", "LANG", "LC_ALL", "LC_CTYPE", "LD_LIBRARY_PATH", "CUDA_VISIBLE_DEVICES"),
    "SYSTEMROOT",
)
_START_SECONDS = 300.0
_LAST_SECONDS = 5.0  # for the sandbox server to end its own, once nobody is left to ask it
_END_SECONDS = 60.0  # for the kernel to end a process that was killed


@dataclass(frozen=True)
class WarmProcess:
    """One of the two; over the socket it is told what to do, and says that it is ready."""

    child: Child

    @property
    def hello(self) -> socket.socket:
        return self.child.channel

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return not select.select([self.child.pidfd], [], [], 0)[0]

    def tell(self, given: Mapping[str, Any]) -> None:
        """Say what it is to do. Where it has ended already, who waits for its hello finds out."""
        with contextlib.suppress(OSError):
            tell(self.hello, given)

    def status(self) -> int | None:
        """How it has ended, as `subprocess` tells it; None where it does not end."""
        try:
            found = self.child.wait(_END_SECONDS)
        except ForkServerError:
            return None
        return None if found is None else os.waitstatus_to_exitcode(found)


class Pair:
    """Both processes; `control` asks the examiner for forks, `folder` is the sandboxes' place.

    `server` and `examiner` are there once the pair has begun.
    """

    server: WarmProcess
    examiner: WarmProcess

    def __init__(self, when_ready: Callable[[], None] = lambda: None) -> None:
        """`when_ready` is called once both have said hello: who waits for grades is idle then."""
        self.when_ready = when_ready
        self._lock: int | None
        self.folder, self._lock = locked_folder()
        self._forks, origins_end = _seqpackets()
        self.control, self._examiners_end = _seqpackets()
        self._origin: subprocess.Popen[bytes] | None = None
        self._begun: list[WarmProcess] = []
        self.serves = False  # whether the sandbox server may have forked, and has to end those
        try:
            self._start(origins_end)
        except BaseException:
            self.close()
            raise

    def _start(self, origins_end: socket.socket) -> None:
        kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
        command = [sys.executable, "-P", "-m", "grader.examiner.origin"]
        with origins_end:
            self._origin = subprocess.Popen(
                [*command, "--control", str(origins_end.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                # The same text is the same in every process: no order of a set depends on the run.
                env={**kept, "PYTHONHASHSEED": "0", **self._folders},
                pass_fds=[origins_end.fileno()],
                start_new_session=True,  # an interrupt at the terminal is the client's to handle
            )

    @property
    def _folders(self) -> dict[str, str]:
        """Variables for what would leave folders elsewhere: torch's compiler, once imported."""
        return {"TORCHINDUCTOR_CACHE_DIR": str(self.folder / "inductor")}

    def begin(self, sandboxing: Mapping[str, Any], examination: Mapping[str, Any]) -> None:
        """Have both forked, as soon as torch is imported, and tell each what to do.

        ForkServerError where the process that both are forked from has ended.
        """
        sandboxes, servers_end = _seqpackets()
        with sandboxes, servers_end, self._examiners_end as examiners_end:
            self.server = self.fork(SANDBOXES, [servers_end])
            self.server.tell(sandboxing)
            self.examiner = self.fork(EXAMINER, [examiners_end, sandboxes])
        self.examiner.tell({"environment": self._examiners_environment, "given": examination})

    @property
    def _examiners_environment(self) -> dict[str, str]:
        # Else hypothesis leaves a folder of its own wherever the command is run.
        hypothesis = {"HYPOTHESIS_STORAGE_DIRECTORY": str(self.folder / "hypothesis")}
        return {**os.environ, **self._folders, **hypothesis}

    def fork(self, role: str, ends: list[socket.socket]) -> WarmProcess:
        """Have one forked as soon as torch is imported, and given `ends`; errors as for `begin`."""
        warm = WarmProcess(fork_child(self._forks, _START_SECONDS))
        self._begun.append(warm)
        with contextlib.suppress(OSError):  # it has ended: who waits for its hello finds out
            socket.send_fds(warm.hello, [role[:1].encode()], [end.fileno() for end in ends])
        return warm

    @property
    def pids(self) -> list[int]:
        """Of the process that all others of the pair are descendants of."""
        return [] if self._origin is None else [self._origin.pid]

    @property
    def alive(self) -> bool:
        """Whether all processes run; without any of them nothing more can be examined."""
        origin = self._origin is not None and self._origin.poll() is None
        return origin and all(warm.alive for warm in self._begun)

    def close(self) -> None:
        """End all processes, which end their children, and remove the sandboxes' folder."""
        for end in (self.control, self._examiners_end):
            end.close()
        for warm in reversed(self._begun):  # without an examiner the server has no client
            if self.serves and warm is self.server:
                select.select([warm.child.pidfd], [], [], _LAST_SECONDS)
            warm.child.kill()
            warm.status()
            warm.child.close()
        self._begun.clear()
        self._forks.close()  # not before: the origin tells how both have ended
        if self._origin is not None:
            self._origin.kill()
            self._origin.wait()
            self._origin = None
        remove_tree(self.folder)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def _seqpackets() -> tuple[socket.socket, socket.socket]:
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)


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
