"""The examiner's end of a sandbox: starts one, asks it, holds the clock, and ends it.

Nothing that comes back is trusted: frames are decoded within limits, replies must carry the number
and the key of what was asked, and a sandbox that says anything else is ended.
"""

from __future__ import annotations

import os
import secrets
import select
import signal
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from grader import profile
from grader.sandbox import wire
from grader.sandbox.answers import Answer, SandboxLost
from grader.sandbox.forkserver import ForkServerError, fork_child
from grader.sandbox.watch import Exceeded, FolderWatch, ProcessWatch, Room

_TICK = 0.05  # seconds between looks at a sandbox that has been given something to do
_START_SECONDS = 120.0
_LAST_SECONDS = 1.0  # of idleness that a process may take to end once its connection is closed
_ROOM = 1 << 18  # bytes of structure and of tensors that any answer may have
_TIMES = 8  # how much larger than what was expected an answer may be, and cost nothing
_READ_AHEAD = 1 << 16  # bytes that are taken from the connection at a time, where that many came


@dataclass(frozen=True)
class Clock:
    """How long one message may take, in seconds; waiting for a processor never counts.

    `cpu_seconds` are those of the sandbox and of this process, which has to read its answers.
    """

    cpu_seconds: float
    idle_seconds: float
    wall_seconds: float


@dataclass
class Purse:
    """What all sandboxes of one exercise may send beyond what is expected of them, in bytes."""

    spare: int = 64 << 20


class Sandbox:
    """One confined process that holds one exercise of one submission."""

    @profile.timed(profile.FORK)
    def __init__(self, control: socket.socket, room: Room, purse: Purse, server: str = "") -> None:
        """Fork one from the server behind `control`, or from one that this one knows by name.

        ForkServerError if the server is at fault.
        """
        self._child = fork_child(control, _START_SECONDS, server)
        self._polls = {event: select.poll() for event in (select.POLLIN, select.POLLOUT)}
        for event, poll in self._polls.items():
            poll.register(self._child.channel, event)
            poll.register(self._child.pidfd, select.POLLIN)
        self._purse = purse
        # What makes it refuse nothing any more, which it does not know itself. Where its server has
        # that for it, it refuses already what it was forked for.
        self._undo: Any = self._child.attached
        self._ended_already = False  # whether the server has told how the process ended
        self._received = 0  # bytes
        self._ahead = memoryview(b"")  # bytes that have come and were not asked for yet
        self._looked = 0.0  # when
        self._looking = 0.0  # seconds of processor time that the looks have taken: nobody's fault
        self._watch = ProcessWatch(self._child.pid)
        self._accounted = 0.0  # seconds of processor time that a profile has counted
        self._folder: FolderWatch | None = None
        self._begin(Clock(_START_SECONDS, _START_SECONDS, _START_SECONDS))
        try:
            ready = wire.FrameReader(self._receive, wire.REPLY_LIMITS).read()
        except (EOFError, OSError, wire.WireError, SandboxLost) as error:
            self.close()
            raise ForkServerError(f"a sandbox did not start: {error}") from None
        self.layers: list[str] = ready["ready"]
        self._folder = FolderWatch(self._child.pid, ready["folder"], room)
        self._account(profile.FORK)

    def load(
        self,
        exercise: str,
        files: Mapping[str, bytes],
        forbidden: Sequence[str],
        clock: Clock,
    ) -> dict[str, Any]:
        """Import one exercise where `forbidden` names are refused: "loaded", or "raised".

        They are those of the server that was asked for it, where that names any. "skipped" is how
        many statements were left out. SandboxLost if it hangs.
        """
        refuses_already = self._undo is not None
        key = secrets.token_bytes(16)
        message = {
            "kind": "load",
            "key": key,
            "exercise": exercise,
            "files": dict(files),
            "to refuse": [] if refuses_already else list(forbidden),
            "lenient": bool(forbidden),
        }
        self._send(wire.encode(message), clock)
        undo = self._answer(key, 0, 0).read().get("undo")
        if not refuses_already:
            self._undo = undo
        return self._answer(key, 1, 0).read()

    def allow(self, clock: Clock) -> bool:
        """Have it refuse nothing any more; False where that failed. SandboxLost if it hangs."""
        key = secrets.token_bytes(16)
        undo, self._undo = self._undo, None
        self._send(wire.encode({"kind": "allow", "key": key, "undo": undo}), clock)
        return self._answer(key, 0, 0).read().get("allowed") is True

    def put(self, questions: bytes, clock: Clock, at_once: bool = True) -> bytes:
        """Send the frame of a list of questions; returns the key that its answers will bear.

        Where they need not come `at_once`, those of some milliseconds come together, and a sandbox
        that is lost may take a few with it that it had found. SandboxLost as for `answers`.
        """
        key = secrets.token_bytes(16)
        message = wire.encode({"kind": "ask", "key": key, "at_once": at_once})
        self._send(message + questions, clock)
        return key

    def answers(self, key: bytes, sizes: Sequence[int]) -> Iterator[Answer]:
        """The answers in order, unread; `sizes` are those of the expected ones, in bytes.

        SandboxLost where the sandbox was lost before it had answered them all, or where answers are
        far larger than expected.
        """
        for number, size in enumerate(sizes):
            yield self._answer(key, number, size)

    @profile.timed(profile.TRANSPORT)
    def answers_exactly(self, key: bytes, expected: Sequence[bytes]) -> bool:
        """Whether the answers are, bit by bit, all that is `expected` (see `segments`).

        Where they are not, whatever has come is left for `answers`.
        """
        came, wanted, same = bytearray(self._ahead), memoryview(key.join(expected)), 0
        while same < len(wanted):
            end = min(len(came), len(wanted))
            if came[same:end] != wanted[same:end]:
                break
            same = end
            if same == len(came) < len(wanted):
                try:
                    more = self._from_channel(_READ_AHEAD)
                except OSError:  # whoever reads on meets it again
                    break
                if not more:
                    break
                came += more
        is_all = same == len(wanted)
        self._ahead = memoryview(bytes(came[same if is_all else 0 :]))
        if is_all:
            self._received += same
            self._account(profile.STUDENT)
        return is_all

    def seconds(self) -> float:
        """Time that the sandbox has used up: of a processor, asleep, and at the disk."""
        return self._watch.seconds()

    def spent(self) -> float:
        """`seconds`, and those of this process for what the sandbox sends; differences count."""
        return self.seconds() + self._own()

    @profile.timed(profile.FORK)
    def kill(self) -> None:
        """End the process, if it has not ended; `close` waits for it."""
        self._watch.cpu_seconds()  # the last chance to read it
        self._account(profile.STUDENT)
        self._child.kill()

    @profile.timed(profile.FORK)
    def close(self) -> None:
        """End the process; when this returns, it is gone and its folder is removed."""
        self._child.kill()
        if not self._ended_already:
            self._child.wait(_START_SECONDS)
        self._child.close()

    @profile.timed(profile.TRANSPORT)
    def _send(self, data: bytes, clock: Clock) -> None:
        self._begin(clock)
        rest = memoryview(data)
        try:
            while rest:
                try:
                    rest = rest[self._child.channel.send(rest, socket.MSG_DONTWAIT) :]
                except BlockingIOError:
                    if not self._wait_for(select.POLLOUT):
                        raise self._ended() from None
        except OSError:
            raise self._ended() from None

    def _answer(self, key: bytes, number: int, expected: int) -> Answer:
        structure, blob = self._bounded(expected)
        return Answer(structure, blob, key, number)

    @profile.timed(profile.TRANSPORT)
    def _bounded(self, expected: int) -> tuple[bytearray, bytearray]:
        """The parts of a frame not far larger than expected, or for which the purse has enough."""
        free = _ROOM + _TIMES * expected
        structures = min(wire.REPLY_LIMITS.structure, free)
        blobs = min(wire.REPLY_LIMITS.blob, free + self._purse.spare)
        before = self._received
        try:
            parts = wire.parts_within(self._ahead, structures, blobs)
            if parts is None:
                limits = wire.FrameLimits(structures, blobs)
                return wire.FrameReader(self._receive, limits).read_parts()
            structure, blob, size = parts
            self._ahead = self._ahead[size:]
            self._received += size
            return structure, blob
        except (EOFError, OSError):
            raise self._ended() from None
        except wire.WireError as error:
            raise SandboxLost("crashed", f"it sent something else: {error}") from None
        finally:
            beyond = self._received - before - 2 * free
            self._purse.spare -= min(max(beyond, 0), self._purse.spare)
            self._account(profile.STUDENT)

    def _account(self, part: str) -> None:
        """Have a profile count what the sandbox has used since the last time, as the kernel says.

        What it takes to read questions and to write answers is in that.
        """
        counting = profile.current()
        if counting is not None:
            used = self._watch.cpu_seconds()
            counting.add(part, used - self._accounted)
            self._accounted = used

    def _begin(self, clock: Clock) -> None:
        """Have the clock of a message start."""
        self._clock = clock
        self._watch.pause()
        self._cpu_start = self._cpu()
        self._sleep_start = self._watch.idle
        self._blocked_start = self._watch.blocked
        self._look_if_due()

    def _receive(self, size: int) -> bytes | memoryview:
        """The next bytes, as many as have come of those that are asked for."""
        if not self._ahead:
            self._ahead = memoryview(self._from_channel(max(size, _READ_AHEAD)))
        data, self._ahead = self._ahead[:size], self._ahead[size:]
        self._received += len(data)
        return data

    def _from_channel(self, size: int) -> bytes:
        """What the sandbox has sent, once there is something; nothing once it has ended.

        A process that it started may hold its end of the channel when it has ended itself.
        """
        lives = True
        while True:
            self._look_if_due()
            # An urgent byte (MSG_OOB) is something to read for poll, and nothing for recv.
            try:
                return self._child.channel.recv(size, socket.MSG_DONTWAIT)
            except BlockingIOError:
                if not lives:
                    return b""
                lives = self._wait_for(select.POLLIN)

    def _wait_for(self, event: int) -> bool:
        """Wait for the channel, and look at the sandbox once a tick, whatever comes meanwhile.

        False once the process has ended; what it has sent before can still be read.
        """
        poll = self._polls[event]
        while True:
            ready = poll.poll(_TICK * 1000)
            self._look_if_due()
            if ready:
                return all(descriptor != self._child.pidfd for descriptor, _ in ready)

    def _own(self) -> float:
        return time.process_time() - self._looking

    def _cpu(self) -> float:
        return self._watch.cpu_seconds() + self._own()

    def _look_if_due(self) -> None:
        if time.monotonic() - self._looked >= _TICK:
            self._look()

    def _look(self) -> None:
        """SandboxLost where the sandbox has had all that it may have."""
        began = time.process_time()
        try:
            self._watch.look()
            if self._folder is not None:
                self._folder.look()
        except Exceeded as exceeded:
            raise SandboxLost("crashed", str(exceeded), for_good=True) from None
        self._looking += time.process_time() - began
        self._looked = time.monotonic()
        clock = self._clock
        cpu = self._cpu() - self._cpu_start
        idle = self._watch.idle - self._sleep_start
        blocked = self._watch.blocked - self._blocked_start
        if cpu > clock.cpu_seconds:
            raise self._lost_to_the_clock()
        if idle > clock.idle_seconds:
            raise SandboxLost(
                "timeout",
                f"it did nothing for {clock.idle_seconds:g} s: does it sleep, or wait for "
                "something that never comes?",
                for_good=True,
            )
        if cpu + idle + blocked > clock.wall_seconds:
            raise SandboxLost("timeout", f"it did not end within {clock.wall_seconds:g} s")

    def _lost_to_the_clock(self) -> SandboxLost:
        seconds = self._clock.cpu_seconds
        return SandboxLost(
            "timeout", f"it did not end within {seconds:g} s: is there an endless loop?"
        )

    def _ended(self) -> SandboxLost:
        """How the process ended whose connection is closed."""
        if not self._ends():
            return SandboxLost("crashed", "the process closed its connection")
        status = self._child.wait(_START_SECONDS)
        self._ended_already = status is not None
        if status is None:
            raise ForkServerError("the fork server does not tell how a sandbox ended")
        if os.WIFSIGNALED(status):
            which = os.WTERMSIG(status)
            if which == signal.SIGXCPU:
                return self._lost_to_the_clock()
            reason = f"the process was ended by {signal.Signals(which).name}"
            if which == signal.SIGSEGV:
                reason += " (memory was used that is not there)"
        else:
            reason = f"the process ended itself with exit status {os.WEXITSTATUS(status)}"
        return SandboxLost("crashed", reason)

    def _ends(self) -> bool:
        """Wait for the process to end; False where it has no mind to."""
        poll = select.poll()
        poll.register(self._child.pidfd, select.POLLIN)
        self._clock = replace(self._clock, idle_seconds=_LAST_SECONDS)
        self._sleep_start = self._watch.idle
        while not poll.poll(_TICK * 1000):
            try:
                self._look()
            except SandboxLost:
                return False
        return True
