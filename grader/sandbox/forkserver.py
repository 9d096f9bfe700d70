"""A warm process that forks a child for each socket it is handed, and tells how the child ended.

Both warm processes, the sandbox server and the examiner, are such fork servers. A request carries
two descriptors: the channel, which the child serves, and the status socket, on which the server
itself sends the child's pid with a pidfd, and later its wait status. The child never has the
status socket.
"""

from __future__ import annotations

import array
import gc
import os
import selectors
import signal
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass

_PID = struct.Struct("!i")
_REQUEST = b"fork"


class ForkServerError(Exception):
    """The fork server is gone or does not answer: the machine's fault, never a submission's."""


@dataclass(frozen=True)
class Child:
    """A forked child as its client holds it."""

    pid: int
    pidfd: int
    channel: socket.socket
    status: socket.socket

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


def fork_child(control: socket.socket, seconds: float = 60.0) -> Child:
    """Ask the server behind `control` for a child; safe for many clients at once."""
    channel, childs_channel = socket.socketpair()
    status, servers_status = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with childs_channel, servers_status:
        descriptors = [childs_channel.fileno(), servers_status.fileno()]
        try:
            socket.send_fds(control, [_REQUEST], descriptors)
        except OSError as error:
            raise ForkServerError(f"the fork server is gone ({error.strerror})") from None
    status.settimeout(seconds)
    try:
        data, received, _, _ = socket.recv_fds(status, _PID.size, 1)
    except TimeoutError:
        raise ForkServerError(f"the fork server did not answer in {seconds:g} s") from None
    if len(data) != _PID.size or len(received) != 1:
        raise ForkServerError("the fork server ended")
    return Child(int(_PID.unpack(data)[0]), received[0], channel, status)


class ForkServer:
    """The server's side: a loop that forks on request and reaps."""

    def __init__(
        self,
        control: socket.socket,
        serve: Callable[[socket.socket], None],
        after_end: Callable[[int], None] = lambda pid: None,
        before_fork: Callable[[], None] = lambda: None,
    ) -> None:
        """`serve(channel)` runs in each child, which ends with it; `after_end(pid)` cleans up."""
        self._control = control
        self._serve = serve
        self._after_end = after_end
        self._before_fork = before_fork
        self._children: dict[int, tuple[int, socket.socket]] = {}
        self._selector = selectors.DefaultSelector()
        self._selector.register(control, selectors.EVENT_READ)

    def run(self) -> None:
        """Serve until the last client has closed its end of the control socket."""
        gc.collect()
        gc.freeze()  # what is warm stays out of the children's collections, and its pages shared
        while True:
            for key, _ in self._selector.select():
                if key.fileobj is not self._control:
                    self._reap(key.fd)
                elif not self._accept():
                    return

    def _accept(self) -> bool:
        data, descriptors, _, _ = socket.recv_fds(self._control, len(_REQUEST), 2)
        if not data:
            return False
        if data != _REQUEST or len(descriptors) != 2:
            for descriptor in descriptors:
                os.close(descriptor)
            return True
        channel, status = (socket.socket(fileno=descriptor) for descriptor in descriptors)
        self._before_fork()
        pid = os.fork()
        if pid == 0:
            self._become_child(channel)
        channel.close()
        pidfd = os.pidfd_open(pid)
        try:
            ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [pidfd]))]
            status.sendmsg([_PID.pack(pid)], ancillary)
        except OSError:  # the client is gone: nobody will end this child but the server
            signal.pidfd_send_signal(pidfd, signal.SIGKILL)
        self._children[pidfd] = (pid, status)
        self._selector.register(pidfd, selectors.EVENT_READ)
        return True

    def _become_child(self, channel: socket.socket) -> None:
        code = 70  # EX_SOFTWARE, unless the child's work ends well
        try:
            self._selector.close()
            self._control.close()
            for pidfd, (_, status) in self._children.items():
                os.close(pidfd)
                status.close()
            self._serve(channel)
            code = 0
        finally:
            os._exit(code)

    def _reap(self, pidfd: int) -> None:
        pid, status = self._children.pop(pidfd)
        _, wait_status = os.waitpid(pid, 0)
        self._selector.unregister(pidfd)
        os.close(pidfd)
        self._after_end(pid)
        try:
            status.send(_PID.pack(wait_status))
        except OSError:
            pass  # the client has gone and wants no status
        status.close()
