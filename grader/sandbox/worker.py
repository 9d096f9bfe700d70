"""The life of one sandbox: confine this process, import one exercise, answer questions about it.

This module runs inside the sandbox: it imports torch and probes, nothing else of the grader. What
it says is never trusted; it only has to be right for students who do not attack it.
"""

from __future__ import annotations

import gc
import os
import socket
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import torch

from grader.probes import run_probe
from grader.sandbox import wire
from grader.sandbox.confine import Confinement, close_descriptors
from grader.sandbox.loader import clean, describe_exception, import_submission
from grader.sandbox.refuse import Guard


@dataclass(frozen=True)
class Settings:
    """What every sandbox of a run has in common."""

    folder: Path
    confinement: Confinement
    level: str  # strict, best-effort or off
    device: str


def enter(channel: socket.socket, uid: int, settings: Settings) -> list[str]:
    """Give up everything but `channel` and a private folder; returns the layers that hold."""
    close_descriptors(kept=channel.fileno())
    os.environ.clear()
    private = settings.folder / str(os.getpid())
    private.mkdir(mode=0o700)
    os.chdir(private)
    os.environ["TMPDIR"] = tempfile.tempdir = str(private)
    os.environ["HOME"] = str(private)
    if settings.level == "off":
        return []
    return settings.confinement.apply(private, uid, strict=settings.level == "strict")


def serve(channel: socket.socket, uid: int, settings: Settings) -> None:
    """Answer frames until the examiner closes the channel."""
    layers = enter(channel, uid, settings)
    reader = wire.FrameReader(channel.recv, wire.REQUEST_LIMITS)
    channel.sendall(wire.encode({"ready": layers, "folder": os.getcwd()}))
    worker = _Worker(channel, settings.device)
    while True:
        try:
            worker.answer(reader)
        except (EOFError, ConnectionError):
            return


class _Worker:
    def __init__(self, channel: socket.socket, device: str) -> None:
        self._channel = channel
        self._device = device
        self._module: ModuleType | None = None
        self._files: list[str] = []
        self._forbidden: Mapping[str, Sequence[str]] = {}
        self._guard = Guard(("CPU",) if device == "cpu" else ("CPU", device.upper()))

    def answer(self, reader: wire.FrameReader) -> None:
        message = reader.read()
        if message["kind"] == "load":
            self._reply(message["key"], 0, self._load(message))
            return
        for number, question in enumerate(reader.read()):
            self._reply(message["key"], number, self._ask(question))

    def _reply(self, key: bytes, number: int, answer: dict[str, Any]) -> None:
        self._channel.sendall(wire.encode({"key": key, "number": number, "answer": answer}))

    def _load(self, message: Mapping[str, Any]) -> dict[str, Any]:
        self._files = list(message["files"])
        self._forbidden = message["forbidden"]
        if self._device == "cuda":  # a rounded product would hide what is right or wrong
            torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
        everywhere = [set(names) for names in self._forbidden.values()]
        # While the module is imported, what is forbidden in all of its functions is refused.
        if len(everywhere) == message["functions"]:
            self._guard.arm(sorted(set.intersection(*everywhere)))
        try:
            self._module = import_submission(message["exercise"], message["files"])
        except BaseException as error:  # SystemExit and KeyboardInterrupt too are the student's
            return self._raised(error)
        return {"loaded": True}

    def _ask(self, question: Mapping[str, Any]) -> dict[str, Any]:
        function = question["function"]
        try:
            subject = getattr(self._module, function)
        except AttributeError:
            return {"missing": function}
        self._guard.arm(self._forbidden.get(function, ()))
        self._guard.tried.clear()
        args, kwargs = question["args"], question["kwargs"]
        try:
            observation = run_probe(question["probe"], subject, self._device, args, kwargs)
            answer = {"observation": observation}
        except BaseException as error:  # SystemExit and KeyboardInterrupt too are the student's
            answer = self._raised(error)
        if self._guard.tried:  # also where the refusal was caught: it was tried
            answer = {"forbidden": [clean(name) for name in self._guard.tried]} | {
                "frames": answer.get("raised", {}).get("frames", [])
            }
        return answer

    def _raised(self, error: BaseException) -> dict[str, Any]:
        description = describe_exception(error, self._files)
        del error  # its frames hold tensors and the student's objects
        gc.collect(0)
        return {"raised": description}
