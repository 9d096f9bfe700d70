"""A warm process that forks a child for each socket it is handed, and tells how the child ended.

Both warm processes, the sandbox server and the examiner, are such fork servers. A request carries
two descriptors: the channel, which the child serves, and the status socket, on which the server
itself sends the child's pid with a pidfd, and later its wait status. The child never has the
status socket. A request that names another server is handed on as it is, to it or towards it. One
that names a branch of a server, `fork1/2`, goes to a fork of that server which serves on its own,
once there is one.
"""

from __future__ import annotations

import array
import contextlib
import gc
import os
import selectors
import signal
import socket
import struct
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from grader.sandbox.pages import collapse_pages

Branches = Callable[[str], Callable[[socket.socket], None] | None]

_PID = struct.Struct("!i")
_REQUEST = b"fork"
_LONGEST_REQUEST = 64  # bytes: the word, and another server's name
# When a child looks for garbage cycles: a short life makes few, and half its own objects are new.
_RARELY = 10_000, 20, 20
_NO_ROOM = b"full"  # no pid is this many


class ForkServerError(Exception):
    """The fork server is gone or does not answer: the machine's fault, never a submission's."""


@dataclass(frozen=True)
class Child:
    """A forked child as its client holds it."""

    pid: int
    pidfd: int
    channel: socket.socket
    status: socket.socket
    attached: bytes | None  # what its server has for the clients of its children

    def kill(self) -> None:
        """End the child, whatever it is doing; a child that has ended already is left alone."""
        try:
            signal.pidfd_send_signal(self.pidfd, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def wait(self, seconds: float) -> int | None:
        """The child's wait status once the server has reaped it; None when it takes longer."""
        self.status.settimeout(seconds)
        try:
            data = self.status.recv(_PID.size)
        except TimeoutError:
            return None
        if len(data) != _PID.size:
            raise ForkServerError("the fork server ended")
        return int(_PID.unpack(data)[0])

    def close(self) -> None:
        os.close(self.pidfd)
        self.channel.close()
        self.status.close()


def fork_child(control: socket.socket, seconds: float = 60.0, of: str = "") -> Child:
    """Ask the server behind `control` for a child; safe for many clients at once.

    `of` names another server that this one knows of: the child is one of that server's. What comes
    after a slash names a branch of it: the child is of that as soon as it is there.
    """
    deadline = time.monotonic() + seconds
    pause = 0.05
    while True:
        try:
            return _forked(control, seconds, of)
        except _NoRoom:
            if time.monotonic() + pause > deadline:
                raise ForkServerError(
                    f"the machine had no room for a process in {seconds:g} s: use fewer --jobs"
                ) from None
        time.sleep(pause)
        pause = min(2 * pause, 2.0)


class _NoRoom(Exception):
    """The server cannot fork just now."""


def _forked(control: socket.socket, seconds: float, of: str) -> Child:
    channel, childs_channel = socket.socketpair()
    status, servers_status = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with childs_channel, servers_status:
        descriptors = [childs_channel.fileno(), servers_status.fileno()]
        try:
            socket.send_fds(control, [_REQUEST + of.encode()], descriptors)
        except OSError as error:
            raise ForkServerError(f"the fork server is gone ({error.strerror})") from None
    status.settimeout(seconds)
    try:
        data, received, _, _ = socket.recv_fds(status, _PID.size, 2)
    except TimeoutError:
        raise ForkServerError(f"the fork server did not answer in {seconds:g} s") from None
    if data == _NO_ROOM:
        raise _NoRoom
    if len(data) != _PID.size or not received:
        raise ForkServerError("the fork server ended")
    pidfd, *more = received
    attached = b"".join(map(_read_whole, more)) if more else None
    return Child(int(_PID.unpack(data)[0]), pidfd, channel, status, attached)


def _read_whole(descriptor: int) -> bytes:
    """What a file in memory holds, read past the position that all its readers share."""
    try:
        return os.pread(descriptor, os.fstat(descriptor).st_size, 0)
    finally:
        os.close(descriptor)


class ForkServer:
    """The server's side: a loop that forks on request and reaps."""

    def __init__(
        self,
        control: socket.socket,
        serve: Callable[[socket.socket], None],
        after_end: Callable[[int], subprocess.Popen[bytes] | None] = lambda pid: None,
        before_fork: Callable[[], None] = lambda: None,
        others: Mapping[str, socket.socket] | None = None,
        name: str = "",
        branches: Branches = lambda branch: None,
        attached: int | None = None,
    ) -> None:
        """`serve(channel)` runs in each child, which ends with it; `after_end(pid)` cleans up.

        What takes long to clean up is a process of its own: nobody else waits for it. `others` are
        control sockets that lead to other servers, by the names that requests give; `name` is that
        which they give this one. `branches(branch)` says what a fork of this process does that is
        to serve as this branch, given its control socket, or None while this process serves for it.
        `attached` is a file in memory whose content every client gets with its child.
        """
        self._own_request = _REQUEST + name.encode()
        self._branches = branches
        self._attached = [] if attached is None else [attached]
        self._control = control
        self._serve = serve
        self._after_end = after_end
        self._before_fork = before_fork
        self._others = {_REQUEST + name.encode(): end for name, end in (others or {}).items()}
        self._forks = 0
        self._children: dict[int, tuple[int, socket.socket]] = {}
        self._cleaning: dict[int, tuple[subprocess.Popen[bytes], int, socket.socket]] = {}
        self._selector = selectors.DefaultSelector()
        self._selector.register(control, selectors.EVENT_READ)

    def run(self, forks: int | None = None) -> bool:
        """Serve until the last client has closed its end of the control socket; False then.

        True where one more than so many `forks` in all is asked for: it waits for the next `run`.
        """
        gc.freeze()  # what is warm stays out of the children's collections, and its pages shared
        while True:
            for key, _ in self._selector.select():
                if key.fd in self._children:
                    self._reap(key.fd)
                elif key.fd in self._cleaning:
                    self._cleaned(key.fd)
                elif forks is not None and self._forks >= forks:
                    return True
                elif not self._accept():
                    return False

    @staticmethod
    def settle() -> None:
        """Make this process cheap to fork. It takes a while, and pays where many forks follow.

        What is garbage stays: to look for it would copy every page that is shared with others.
        """
        collapse_pages()

    def _accept(self) -> bool:
        data, descriptors, _, _ = socket.recv_fds(self._control, _LONGEST_REQUEST, 2)
        if not data:
            return False
        if len(descriptors) != 2 or not self._serves(data, descriptors):
            self._hand_on(data, descriptors)
            return True
        channel, status = (socket.socket(fileno=descriptor) for descriptor in descriptors)
        self._forks += 1
        self._before_fork()
        try:
            pid = os.fork()
        except OSError:  # the machine has no room for it now: the client asks again
            with contextlib.suppress(OSError), channel, status:
                status.send(_NO_ROOM)
            return True
        if pid == 0:
            self._become_child(channel, self._serve)
        channel.close()
        pidfd = os.pidfd_open(pid)
        try:
            sent = array.array("i", [pidfd, *self._attached])
            ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, sent)]
            status.sendmsg([_PID.pack(pid)], ancillary)
        except OSError:  # the client is gone: nobody will end this child but the server
            signal.pidfd_send_signal(pidfd, signal.SIGKILL)
        self._children[pidfd] = (pid, status)
        self._selector.register(pidfd, selectors.EVENT_READ)
        return True

    def _serves(self, request: bytes, came_with: list[int]) -> bool:
        """Whether this process forks for a request; a branch that it is to go to is made.

        What the request `came_with` is not for the branch until it is handed on: who held it too
        would keep a sandbox's channel open when that has ended.
        """
        if request == self._own_request:
            return True
        server, _, branch = request.partition(b"/")
        if request in self._others or server != self._own_request or not branch:
            return False
        serve = self._branches(branch.decode())
        if serve is None:
            return True
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            try:
                pid = os.fork()
            except OSError:  # the machine has no room for it now
                ours.close()
                return True
            if pid == 0:
                ours.close()
                for descriptor in came_with:
                    os.close(descriptor)
                self._become_child(theirs, serve)
        self._others[request] = ours
        return False

    def _hand_on(self, request: bytes, descriptors: list[int]) -> None:
        """Give a request to the server that is named; where none is left, its client hears so."""
        other = self._others.get(request) or self._others.get(request.partition(b"/")[0])
        if other is not None:
            with contextlib.suppress(OSError):
                socket.send_fds(other, [request], descriptors)
        for descriptor in descriptors:
            os.close(descriptor)

    def _become_child(self, channel: socket.socket, serve: Callable[[socket.socket], None]) -> None:
        code = 70  # EX_SOFTWARE, unless the child's work ends well
        gc.set_threshold(*_RARELY)
        try:
            self._selector.close()
            self._control.close()
            for other in self._others.values():  # some are there by several names
                other.close()
            for pidfd, (_, status) in self._children.items():
                os.close(pidfd)
                status.close()
            for pidfd, (_, _, status) in self._cleaning.items():
                os.close(pidfd)
                status.close()
            serve(channel)
            code = 0
        finally:
            os._exit(code)

    def _reap(self, pidfd: int) -> None:
        pid, status = self._children.pop(pidfd)
        _, wait_status = os.waitpid(pid, 0)
        self._selector.unregister(pidfd)
        os.close(pidfd)
        cleaning = self._after_end(pid)
        if cleaning is None:
            self._tell(status, wait_status)
            return
        cleaners = os.pidfd_open(cleaning.pid)
        self._cleaning[cleaners] = (cleaning, wait_status, status)
        self._selector.register(cleaners, selectors.EVENT_READ)

    def _cleaned(self, pidfd: int) -> None:
        cleaning, wait_status, status = self._cleaning.pop(pidfd)
        cleaning.wait()
        self._selector.unregister(pidfd)
        os.close(pidfd)
        self._tell(status, wait_status)

    def _tell(self, status: socket.socket, wait_status: int) -> None:
        try:
            status.send(_PID.pack(wait_status))
        except OSError:
            pass  # the client has gone and wants no status
        status.close()
