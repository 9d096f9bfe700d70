"""The life of one sandbox: confine this process, import one exercise, answer questions about it.

This module runs inside the sandbox: it imports torch and probes, nothing else of the grader. What
it says is never trusted; it only has to be right for students who do not attack it.
"""

from __future__ import annotations

import gc
import linecache
import os
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import msgpack
import torch

from grader.probes import run_probe
from grader.sandbox import wire
from grader.sandbox.confine import Confinement, close_descriptors, name_process
from grader.sandbox.greeting import SANDBOX
from grader.sandbox.loader import clean, describe_exception, frames_now, import_submission
from grader.sandbox.refuse import allow, refuse
from grader.sandbox.unwritten import (
    Stubs,
    may_hold_stubs,
    stubs_named,
    watched,
    with_unwritten,
)

_MOMENT = 0.02  # seconds for which answers may wait to be sent together
_TOGETHER = 1 << 18  # bytes of them that are sent at a time
_EXCEPTIONS = (
    50  # whose frames, where they lead back to their exception, may hold tensors meanwhile
)


@dataclass(frozen=True)
class Settings:
    """What every sandbox of a run has in common."""

    folder: Path
    confinement: Confinement
    level: str  # strict, best-effort or off
    device: str


def enter(channel: socket.socket, uid: int, settings: Settings) -> list[str]:
    """Give up everything but `channel` and a private folder; returns the layers that hold."""
    shared = settings.confinement.shared if settings.level != "off" else None
    kept = {channel.fileno()} if shared is None else {channel.fileno(), shared.fileno()}
    close_descriptors(kept)
    os.environ.clear()
    private = settings.folder / str(os.getpid())
    private.mkdir(mode=0o700)
    os.chdir(private)
    os.environ["TMPDIR"] = tempfile.tempdir = str(private)
    os.environ["HOME"] = str(private)
    if settings.level == "off":
        return []
    return settings.confinement.apply(private, uid, strict=settings.level == "strict")


class Teller:
    """Passes on what refused functions tell, from when there is somebody to tell it to."""

    def __init__(self) -> None:
        self.to: Callable[[str], None] = lambda label: None

    def __call__(self, label: str) -> None:
        self.to(label)


def serve(channel: socket.socket, uid: int, settings: Settings, teller: Teller) -> None:
    """Answer frames until the examiner closes the channel.

    `teller` is what functions tell that this process refuses already.
    """
    name_process(SANDBOX)
    layers = enter(channel, uid, settings)
    reader = wire.FrameReader(channel.recv, wire.REQUEST_LIMITS)
    channel.sendall(wire.encode({"ready": layers, "folder": os.getcwd()}))
    worker = Worker(channel, settings, teller)
    while True:
        try:
            worker.answer(reader)
        except (EOFError, ConnectionError):
            return


class Worker:
    """Answers about one module's functions, once it is imported."""

    def __init__(self, channel: socket.socket, settings: Settings, teller: Teller) -> None:
        self._channel = channel
        self._teller = teller
        teller.to = self._told
        self._settings = settings
        self._device = settings.device
        self._module: ModuleType | None = None
        self._files: list[str] = []
        self._has_stubs = False  # whether a function that is still to be written may be among them
        self._unanswered: tuple[bytes, int] | None = None  # the key and number of a question
        self._at_once = True  # whether each answer is sent as soon as it is there
        self._unsent: list[dict[str, Any]] = []
        self._sent = 0.0  # when something was sent last
        self._exceptions = 0  # since garbage was looked for last
        self._named: dict[str, Stubs] = {}  # by each function, in the check that is put
        self._tried: list[str] = []  # of what is refused, while the module was imported

    def answer(self, reader: wire.FrameReader) -> None:
        message = wire.decode_trusted(*reader.read_parts())
        if message["kind"] == "load":
            # Sent off before anything of the submission runs, and forgotten here.
            self._reply(message["key"], 0, {"undo": self._refuse(message["to refuse"])})
            self._reply(message["key"], 1, self._load(message))
            return
        if message["kind"] == "allow":
            self._reply(message["key"], 0, self._allow(message["undo"]))
            return
        self._named.clear()
        self._at_once = message["at_once"]
        for number, question in enumerate(wire.decode_trusted(*reader.read_parts())):
            self._unanswered = message["key"], number
            answer = self._ask(question)
            if self._unanswered is not None:
                self._reply(message["key"], number, answer)
        self._at_once = True
        self._send()
        if self._exceptions > _EXCEPTIONS:
            self._exceptions = 0
            gc.collect(0)

    def _reply(self, key: bytes, number: int, answer: dict[str, Any]) -> None:
        """Send an answer, alone or with those that come within a moment.

        They are written together too: that takes half as long as each after torch's own work.
        """
        self._unsent.append({"key": key, "number": number, "answer": answer})
        if self._at_once or time.monotonic() - self._sent > _MOMENT:
            self._send()

    def _send(self) -> None:
        unsent, self._unsent = self._unsent, []
        with torch._C.DisableTorchFunction():  # whoever watches torch's API has nothing to see
            for some in wire.encoded(unsent, _TOGETHER):
                self._channel.sendall(some)
        self._sent = time.monotonic()

    def _refuse(self, names: Sequence[str]) -> Any:
        """Refuse what is forbidden; returns what undoes it, as bytes of no meaning to the examiner.

        Nothing of a submission has run when torch is changed, and nothing that it does later can
        get at what there was before.
        """
        return msgpack.packb(refuse(names, self._teller, devices_of(self._device)))

    def _allow(self, undo: bytes) -> dict[str, Any]:
        try:
            allow(msgpack.unpackb(undo))
        except Exception as error:  # a submission may have left torch in any state
            return self._raised(error)
        return {"allowed": True}

    def _load(self, message: Mapping[str, Any]) -> dict[str, Any]:
        """Import the module. Where something is refused, statements that meet it are left out."""
        if self._device == "cuda":  # a rounded product would hide what is right or wrong
            torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
        self._files = list(message["files"])
        self._has_stubs = any(map(may_hold_stubs, message["files"].values()))
        try:
            self._module, skipped = import_submission(
                message["exercise"], message["files"], message["lenient"]
            )
        except BaseException as error:  # SystemExit and KeyboardInterrupt too are the student's
            return self._raised(error)
        return {"loaded": True, "skipped": skipped}

    def _told(self, label: str) -> None:
        """Answer that something was refused, at once: what was said cannot be taken back."""
        if self._module is None:
            self._tried.append(label)
        elif self._unanswered is not None:
            (key, number), self._unanswered = self._unanswered, None
            answer = {"forbidden": [clean(label)], "frames": frames_now(self._files)}
            self._reply(key, number, answer)
            self._send()

    def _ask(self, question: Mapping[str, Any]) -> dict[str, Any]:
        function = question["function"]
        try:
            subject = getattr(self._module, function)
        except AttributeError:
            return self._left_out() or {"missing": function}
        except BaseException as error:  # a module may be anything that its author puts in its place
            return self._raised(error)
        if function not in self._named:  # looked for once a check: it takes as long as a question
            stubs = stubs_named(subject, self._files) if self._has_stubs else {}
            self._named[function] = stubs
        with watched(self._named[function]) as met:
            answer = self._observed(question, subject)
        return with_unwritten(answer, met, subject, self._files)

    def _observed(self, question: Mapping[str, Any], subject: Any) -> dict[str, Any]:
        args, kwargs = question["args"], question["kwargs"]
        try:
            return {
                "observation": run_probe(question["probe"], subject, self._device, args, kwargs)
            }
        except NameError as error:
            return self._left_out() or self._raised(error)
        except BaseException as error:  # SystemExit and KeyboardInterrupt too are the student's
            return self._raised(error)

    def _left_out(self) -> dict[str, Any] | None:
        """What to say where a name is missing that a statement would have defined."""
        if not self._tried:
            return None
        return {"forbidden": [clean(label) for label in dict.fromkeys(self._tried)], "frames": []}

    def _raised(self, error: BaseException) -> dict[str, Any]:
        self._exceptions += 1
        return {"raised": describe_exception(error, self._files)}


def devices_of(device: str) -> tuple[str, ...]:
    """Where torch may run what a submission calls, by the names of its dispatch keys."""
    return ("CPU",) if device == "cpu" else ("CPU", device.upper())


def forget_the_grader() -> None:
    """Have `import grader` find nothing: what is loaded goes on, but is not at hand by its name.

    Its source is not at hand either, of which a warning may have shown a line. It is for the server
    to do, once: whoever walks through all modules touches the page of every name, and a fork would
    then copy each.
    """
    linecache.clearcache()
    for name in list(sys.modules):
        if name == "grader" or name.startswith("grader."):
            del sys.modules[name]
