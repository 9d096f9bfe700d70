"""Starts the warm pair, sandbox server and examiner, and has submissions examined by forks of them.

This runs in the process that grades. It imports no torch: the pair does, side by side.
"""

from __future__ import annotations

import json
import math
import os
from base64 import b64encode
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader import profile
from grader.course import Course, load_course
from grader.examiner.accounts import Account
from grader.examiner.pair import Pair, WarmProcess, taken_pair
from grader.examiner.shelf import shelf_folder
from grader.examiner.warmth import warm_course, warmth_of
from grader.sandbox.forkserver import ForkServerError, fork_child
from grader.sandbox.greeting import heard

_START_SECONDS = 300.0
_SUBMISSION_SECONDS = 3600.0  # the examiner has limits of its own for everything; this is the last


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
    warm = _warm_course(settings)
    warmth = warmth_of(warm)
    cache = kept_recordings(settings)
    protected = (settings.course.root, *settings.protected, *([cache] if cache else []))
    return {
        "folder": str(folder),
        "level": settings.level,
        "device": settings.device,
        "protected": [str(path) for path in protected],
        "forbidden": warm.forbidden_names,
        "imports": warm.imports(),
        "tiers": warmth.tiers(settings.course.names),
        "refused": [list(names) for names in warmth.refused],
        "memory_mib": limits.memory_mib,
        "file_mib": limits.file_mib,
        # The examiner's clock decides; the kernel's is for when there is no examiner any more.
        "cpu_seconds": math.ceil(limits.exercise_seconds + limits.cpu_seconds) + 1,
    }


def _warm_course(settings: EngineSettings) -> Course:
    return warm_course(load_course(settings.course.root), settings.course.names)


def kept_recordings(settings: EngineSettings) -> Path | None:
    """Where recordings are kept for these settings; None where a sandbox could write to it.

    In a strict run it cannot. Else files may not be confined, and then it can, unless it has a user
    of its own, as every sandbox of root's has that is confined at all.
    """
    own_user = os.geteuid() == 0 and settings.level != "off"
    return shelf_folder() if settings.level == "strict" or own_user else None


class Engine:
    """The warm pair; a context manager that ends both processes and removes what they left."""

    def __init__(self, settings: EngineSettings) -> None:
        self._settings = settings
        self._warmth = warmth_of(_warm_course(settings))
        self._pair: Pair | None = None
        self._account: Account | None = None
        self.layers: list[str] = []
        self.torch = ""

    def __enter__(self) -> Engine:
        """Tell both processes what to do, and hear that they are ready.

        EngineError says what is missing.
        """
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
        cache = kept_recordings(settings)
        examination = {
            "course": str(settings.course.root),
            "only": settings.course.names,
            "seed": settings.seed,
            "device": settings.device,
            "data": str(settings.data) if settings.data else None,
            "cache": str(cache) if cache else None,
            "profile": profile.current() is not None,
        }
        pair = self._pair = taken_pair()
        try:
            pair.begin(sandbox_settings(settings, pair.folder), examination)
        except ForkServerError as error:
            raise EngineError(f"torch was not imported: {error}") from None
        hello = _hear("the sandbox server", pair.server)
        pair.serves = True
        self.layers, self.torch = hello["layers"], hello["torch"]
        _hear("the examiner", pair.examiner)
        pair.when_ready()
        counting = profile.current()
        if counting is not None:
            self._account = Account(counting, pair.pids)

    @property
    def folder(self) -> Path:
        """Where the sandboxes have their own folders."""
        return self._started.folder

    @property
    def alive(self) -> bool:
        """Whether both processes run; without either nothing more can be examined."""
        return self._pair is not None and self._pair.alive

    @property
    def _started(self) -> Pair:
        if self._pair is None:
            raise EngineError("the engine is not started")
        return self._pair

    def examine(
        self,
        files: Mapping[str, bytes],
        exercises: Sequence[str] | None = None,
        parts: int = 1,
        **manner: Any,
    ) -> list[dict[str, Any]]:
        """Have one submission examined; its exercises' grades in order. Safe in several threads.

        `exercises` are names, all of the engine's by default; so many `parts` of them are examined
        side by side. `manner` are the fields of `grader.examiner.marking.Manner` that are not left
        as they are.
        """
        names = self._settings.course.only(exercises).names
        # Each part begins with exercises whose sandboxes are there first.
        ordered = sorted(names, key=self._warmth.turn)
        shares = [share for start in range(parts) if (share := ordered[start::parts])]
        if len(shares) < 2:
            return self._examined(files, names, manner)
        with ThreadPoolExecutor(len(shares)) as pool:
            done = pool.map(lambda share: self._examined(files, share, manner), shares)
            graded = [grade for part in done for grade in part]
        return sorted(graded, key=lambda grade: names.index(grade["name"]))

    def _examined(
        self, files: Mapping[str, bytes], names: Sequence[str], manner: Mapping[str, Any]
    ) -> list[dict[str, Any]]:
        """The grades of these exercises, in the order of their names, by one fork."""
        try:
            child = fork_child(self._started.control)
        except ForkServerError as error:
            raise EngineError(str(error)) from None
        child.channel.settimeout(_SUBMISSION_SECONDS)
        message = {
            "files": {name: b64encode(source).decode() for name, source in files.items()},
            "exercises": list(names),
            "manner": dict(manner),
        }
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
            graded.sort(key=lambda grade: names.index(grade["name"]))
            if [grade["name"] for grade in graded] != list(names):
                raise EngineError(
                    "the examiner of this submission ended early; see its error above"
                )
        except (OSError, ValueError, ForkServerError) as error:  # ValueError: half a line of JSON
            raise EngineError(f"the examiner of this submission was lost ({error})") from None
        finally:
            child.kill()
            child.close()
        return graded

    def close(self) -> None:
        """End both processes, which end their children, and remove the sandboxes' folder."""
        if self._account is not None:
            self._account.close()
            self._account = None
        if self._pair is not None:
            self._pair.close()


def _hear(who: str, warm: WarmProcess) -> dict[str, Any]:
    """A warm process's first words; EngineError where it says what is wrong, or says nothing."""
    warm.hello.settimeout(_START_SECONDS)
    with warm.hello as hello:
        try:
            said: dict[str, Any] | None = heard(hello)
        except TimeoutError:
            raise EngineError(f"{who} did not start in {_START_SECONDS:g} s") from None
        except OSError:
            said = None
    if said is None:
        raise EngineError(f"{who} ended before it was ready (status {warm.status()})")
    if "error" in said:
        raise EngineError(str(said["error"]))
    return said
