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
from dataclasses import dataclass
from typing import Any

from grader.sandbox import wire
from grader.sandbox.forkserver import ForkServerError, fork_child

_TICK = 0.05  # seconds between looks at the processor clock while a sandbox is silent
_START_SECONDS = 120.0


class SandboxLost(Exception):
    """The sandbox ended before it answered: by the clock, or by itself."""

    def __init__(self, outcome: str, message: str) -> None:
        super().__init__(message)
        self.outcome = outcome  # "timeout" or "crashed"
        self.message = message


@dataclass(frozen=True)
class Clock:
    """How long one message may take, in seconds of processor time and on the wall."""

    cpu_seconds: float
    wall_seconds: float


class Sandbox:
    """One confined process that holds one exercise of one submission."""

    def __init__(self, control: socket.socket) -> None:
        """Fork one from the server behind `control`; ForkServerError if the server is at fault."""
        self._child = fork_child(control)
        self._undo: Any = None  # what makes it refuse nothing any more: it does not know itself
        self._ended_already = False  # whether the server has told how the process ended
        self._reader = wire.FrameReader(self._receive, wire.REPLY_LIMITS)
        self._cpu_clock = (~self._child.pid << 3) | 2  # clock_getcpuclockid(3)
        self._begin(Clock(_START_SECONDS, _START_SECONDS))
        try:
            ready = self._reader.read()
        except (EOFError, OSError, wire.WireError, _OutOfTime) as error:
            self.close()
            raise ForkServerError(f"a sandbox did not start: {error}") from None
        self.layers: list[str] = ready["ready"]

    def load(
        self,
        exercise: str,
        files: Mapping[str, bytes],
        forbidden: Sequence[str],
        clock: Clock,
    ) -> dict[str, Any]:
        """Import one exercise where `forbidden` names are refused: "loaded", or "raised".

        "skipped" is how many statements were left out. SandboxLost if it hangs.
        """
        key = secrets.token_bytes(16)
        message = {
            "kind": "load",
            "key": key,
            "exercise": exercise,
            "files": dict(files),
            "forbidden": list(forbidden),
        }
        self._send(wire.encode(message), clock)
        self._undo = self._answer(key, 0).get("undo")
        return self._answer(key, 1)

    def allow(self, clock: Clock) -> bool:
        """Have it refuse nothing any more; False where that failed. SandboxLost if it hangs."""
        key = secrets.token_bytes(16)
        undo, self._undo = self._undo, None
        self._send(wire.encode({"kind": "allow", "key": key, "undo": undo}), clock)
        return self._answer(key, 0).get("allowed") is True

    def ask(self, questions: bytes, count: int, clock: Clock) -> Iterator[dict[str, Any]]:
        """Send the frame of a list of `count` questions; yields the answers in order.

        SandboxLost where the sandbox was lost before it had answered them all.
        """
        key = secrets.token_bytes(16)
        self._send(wire.encode({"kind": "ask", "key": key}) + questions, clock)
        for number in range(count):
            yield self._answer(key, number)

    def cpu_seconds(self) -> float:
        """Processor time that the sandbox has used; 0 once it has ended."""
        try:
            return time.clock_gettime(self._cpu_clock)
        except OSError:
            return 0.0

    def kill(self) -> None:
        """End the process, if it has not ended; `close` waits for it."""
        self._child.kill()

    def close(self) -> None:
        """End the process; when this returns, it is gone and its folder is removed."""
        self._child.kill()
        if not self._ended_already:
            self._child.wait(_START_SECONDS)
        self._child.close()

    def _send(self, data: bytes, clock: Clock) -> None:
        self._begin(clock)
        self._child.channel.settimeout(clock.wall_seconds)
        try:
            self._child.channel.sendall(data)
        except TimeoutError:
            raise self._lost_to_the_clock() from None
        except OSError:
            raise self._ended() from None

    def _answer(self, key: bytes, number: int) -> dict[str, Any]:
        try:
            reply = self._reader.read()
        except _OutOfTime:
            raise self._lost_to_the_clock() from None
        except (EOFError, OSError):
            raise self._ended() from None
        except wire.WireError as error:
            raise SandboxLost("crashed", f"it sent something else: {error}") from None
        if not isinstance(reply, dict) or set(reply) != {"key", "number", "answer"}:
            raise SandboxLost("crashed", "it sent something that is no answer")
        # Types first: a comparison with a tensor has no truth value.
        if type(reply["key"]) is not bytes or type(reply["number"]) is not int:
            raise SandboxLost("crashed", "it sent something that is no answer")
        if reply["key"] != key or reply["number"] != number:
            raise SandboxLost("crashed", "it answered what was not asked")
        if not isinstance(reply["answer"], dict):
            raise SandboxLost("crashed", "it sent something that is no answer")
        return reply["answer"]

    def _begin(self, clock: Clock) -> None:
        self._clock = clock
        self._cpu_start = self.cpu_seconds()
        self._wall_start = time.monotonic()

    def _receive(self, size: int) -> bytes:
        """The next bytes; the wall decides only where the processor's clock cannot."""
        channel = self._child.channel
        poll = select.poll()
        poll.register(channel, select.POLLIN)
        while not poll.poll(_TICK * 1000):
            cpu = self.cpu_seconds() - self._cpu_start
            wall = time.monotonic() - self._wall_start
            if cpu > self._clock.cpu_seconds or wall > self._clock.wall_seconds:
                raise _OutOfTime
        return channel.recv(size)

    def _lost_to_the_clock(self) -> SandboxLost:
        seconds = self._clock.cpu_seconds
        return SandboxLost(
            "timeout", f"it did not end within {seconds:g} s: is there an endless loop?"
        )

    def _ended(self) -> SandboxLost:
        status = self._child.wait(10.0)
        self._ended_already = status is not None
        if status is not None and os.WIFSIGNALED(status):
            which = os.WTERMSIG(status)
            if which == signal.SIGXCPU:
                return self._lost_to_the_clock()
            reason = f"the process was ended by {signal.Signals(which).name}"
            if which == signal.SIGSEGV:
                reason += " (memory was used that is not there)"
        elif status is not None:
            reason = f"the process ended itself with exit status {os.WEXITSTATUS(status)}"
        else:
            reason = "the process closed its connection"
        return SandboxLost("crashed", reason)


class _OutOfTime(Exception):
    """The clock of the message has run out."""
