"""Starts the warm pair, sandbox server and examiner, and has submissions examined by forks of them.

This runs in the process that grades. It imports no torch: the pair does, side by side.
"""

from __future__ import annotations

import json
import math
import os
import socket
import subprocess
import sys
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader import profile
from grader.course import Course, load_course
from grader.examiner.accounts import Account
from grader.examiner.folder import locked_folder
from grader.sandbox.forkserver import ForkServerError, fork_child
from grader.sandbox.greeting import heard, tell
from grader.sandbox.removal import remove_tree

_START_SECONDS = 300.0
_SUBMISSION_SECONDS = 3600.0  # the examiner has limits of its own for everything; this is the last
_KEPT_VARIABLES = ("PATH", "LANG", "LD_LIBRARY_PATH", "CUDA_VISIBLE_DEVICES", "SYSTEMROOT")


class EngineError(Exception):
    """The engine cannot start or has stopped; no submission is to blame."""


@dataclass(frozen=True)
class EngineSettings:
    """What a run of the engine has in common for all submissions."""

    course: Course
    seed: int = 0
    device: str = "cpu"
    level: str = "strict"
    data: Path | None = None
    protected: tuple[Path, ...] = ()  # folders that no sandbox may read, besides the course


def sandbox_settings(settings: EngineSettings, folder: Path) -> dict[str, Any]:
    """What the sandbox server is told; `folder` is where the sandboxes have their own."""
    limits = settings.course.limits
    # Warm for the whole course, whichever part of it is asked for: no verdict depends on that.
    whole = load_course(settings.course.root)
    warm = whole.only({*settings.course.names, *whole.graded().names})
    return {
        "folder": str(folder),
        "level": settings.level,
        "device": settings.device,
        "protected": [str(settings.course.root), *map(str, settings.protected)],
        "forbidden": warm.forbidden_names,
        "imports": warm.imports(),
        "memory_mib": limits.memory_mib,
        "file_mib": limits.file_mib,
        # The examiner's clock decides; the kernel's is for when there is no examiner any more.
        "cpu_seconds": math.ceil(limits.exercise_seconds + limits.cpu_seconds) + 1,
    }


class Engine:
    """The warm pair; a context manager that ends both processes and removes what they left."""

    def __init__(self, settings: EngineSettings) -> None:
        self._settings = settings
        self._processes: list[subprocess.Popen[bytes]] = []
        self._lock: int | None
        self.folder, self._lock = locked_folder()
        self._account: Account | None = None
        self.layers: list[str] = []
        self.torch = ""

    def __enter__(self) -> Engine:
        """Start both processes side by side; EngineError says what is missing."""
        try:
            self._start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _start(self) -> None:
        settings = self._settings
        sandboxes, servers_end = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._control, examiners_end = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        confinement = sandbox_settings(settings, self.folder)
        examination = {
            "course": str(settings.course.root),
            "only": settings.course.names,
            "seed": settings.seed,
            "device": settings.device,
            "data": str(settings.data) if settings.data else None,
            "profile": profile.current() is not None,
        }
        kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
        # Else torch's compiler leaves a folder in the temporary one as soon as it is imported.
        compiler = {"TORCHINDUCTOR_CACHE_DIR": str(self.folder / "inductor")}
        with sandboxes, servers_end, examiners_end:
            server = self._spawn(
                "grader.sandbox.server", confinement, servers_end, {}, kept | compiler
            )
            examiner = self._spawn(
                "grader.examiner.server",
                examination,
                examiners_end,
                {"--sandbox": sandboxes},
                {
                    **os.environ,
                    **compiler,
                    "PYTHONHASHSEED": "0",
                    # Else hypothesis leaves a folder of its own wherever the command is run.
                    "HYPOTHESIS_STORAGE_DIRECTORY": str(self.folder / "hypothesis"),
                },
            )
        hello = _hear("the sandbox server", *server)
        self.layers, self.torch = hello["layers"], hello["torch"]
        _hear("the examiner", *examiner)
        counting = profile.current()
        if counting is not None:
            self._account = Account(counting, [process.pid for process in self._processes])

    def _spawn(
        self,
        module: str,
        given: Mapping[str, Any],
        control: socket.socket,
        more: Mapping[str, socket.socket],
        environment: Mapping[str, str],
    ) -> tuple[subprocess.Popen[bytes], socket.socket]:
        ours, theirs = socket.socketpair()
        sockets = {"--control": control, "--hello": theirs, **more}
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
        try:
            tell(ours, given)
        except OSError:  # it has ended already: what it says, or does not say, is heard below
            pass
        return process, ours

    def examine(
        self,
        files: Mapping[str, bytes],
        exercises: Sequence[str] | None = None,
        **manner: Any,
    ) -> list[dict[str, Any]]:
        """Have one submission examined; its exercises' grades in order. Safe in several threads.

        `exercises` are names, all of the engine's by default; `manner` are the fields of
        `grader.examiner.marking.Manner` that are not left as they are.
        """
        try:
            child = fork_child(self._control)
        except ForkServerError as error:
            raise EngineError(str(error)) from None
        child.channel.settimeout(_SUBMISSION_SECONDS)
        message = {
            "files": {name: b64encode(source).decode() for name, source in files.items()},
            "exercises": exercises,
            "manner": manner,
        }
        expected = self._settings.course.only(exercises).names
        graded = []
        try:
            with child.channel.makefile("rw", encoding="utf-8") as stream:
                stream.write(json.dumps(message) + "\n")
                stream.flush()
                for line in stream:
                    said = json.loads(line)
                    counting = profile.current() if "profile" in said else None
                    if counting is None:
                        graded.append(said)
                    else:
                        counting.hear(said["profile"], said["so far"])
            child.wait(_START_SECONDS)
            if [grade["name"] for grade in graded] != expected:
                raise EngineError(
                    "the examiner of this submission ended early; see its error above"
                )
        except (OSError, ValueError, ForkServerError) as error:  # ValueError: half a line of JSON
            raise EngineError(f"the examiner of this submission was lost ({error})") from None
        finally:
            child.kill()
            child.close()
        return graded

    @property
    def alive(self) -> bool:
        """Whether both processes run; without either nothing more can be examined."""
        return all(process.poll() is None for process in self._processes)

    def close(self) -> None:
        """End both processes, which end their children, and remove the sandboxes' folder."""
        if self._account is not None:
            self._account.close()
            self._account = None
        for process in reversed(self._processes):
            process.kill()
            process.wait()
        self._processes.clear()
        remove_tree(self.folder)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def _hear(who: str, process: subprocess.Popen[bytes], hello: socket.socket) -> dict[str, Any]:
    """A warm process's first words; EngineError where it says what is wrong, or says nothing."""
    hello.settimeout(_START_SECONDS)
    with hello:
        try:
            said: dict[str, Any] | None = heard(hello)
        except TimeoutError:
            raise EngineError(f"{who} did not start in {_START_SECONDS:g} s") from None
        except OSError:
            said = None
    if said is None:
        raise EngineError(f"{who} ended before it was ready (status {process.wait()})")
    if "error" in said:
        raise EngineError(str(said["error"]))
    return said
