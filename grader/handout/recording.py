"""Sees to the records of known mistakes that a handout gives: made where they are not up to date.

They follow from the public checks, the known mistakes, this grader and the versions of torch and
hypothesis, and are kept in the course's `.grader/recorded` under a digest of all that: what has not
changed is not recorded again, and what has is never given away stale.
"""

from __future__ import annotations

import ast
import contextlib
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from importlib import metadata
from pathlib import Path
from typing import IO

from grader.course import Course
from grader.handout.modules import PACKAGE, imported_by
from grader.handout.placing import HandoutError
from grader.kept import FOLDER
from grader.writing import write_whole

_START = 300.0  # seconds of wall time until a first check is asked: torch is imported
_PATIENCE = 120.0  # for one mistake and one check
_ENGINE = ("checking", "probes")
_ENGINE_FILES = ("dataset.py", "misconceptions/__init__.py", "plugin.py")
_LIBRARIES = ("torch", "torchvision", "hypothesis", "numpy")

Said = Callable[[str], None]


def recorded(course: Course, say: Said = lambda line: None) -> dict[str, str]:
    """The text of each exercise's records by its name, of those exercises with known mistakes.

    `say` hears a line where something has to be recorded. Raises HandoutError where a check or a
    known mistake cannot be run; OSError passes.
    """
    found, missing = {}, {}
    for exercise in course.exercises:
        if not course.only([exercise.name]).misconception_files():
            continue
        digest = _digest(course, exercise.name)
        text = _kept(course, exercise.name, digest)
        if text is None:
            missing[exercise.name] = digest
        else:
            found[exercise.name] = text
    if missing:
        say(f"recording what known mistakes answer: {', '.join(missing)}")
        for name, text in _record(course, missing):
            _keep(course, name, text)
            found[name] = text
    return {name: found[name] for name in course.names if name in found}


def told(records: Iterable[str]) -> Iterator[str]:
    """What texts of records tell of the mistakes in words: their names and hints."""
    for text in records:
        for name, _, hint, *_ in json.loads(text)["mistakes"]:
            yield from (name, hint)


def _file(course: Course, exercise: str) -> Path:
    return course.root / FOLDER / "recorded" / f"{exercise}.json"


def _kept(course: Course, exercise: str, digest: str) -> str | None:
    """What was recorded earlier; None where that was of something else, or cannot be read."""
    try:
        text = _file(course, exercise).read_text(encoding="utf-8")
        return text if json.loads(text)["of"] == digest else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _keep(course: Course, exercise: str, text: str) -> None:
    file = _file(course, exercise)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        (course.root / FOLDER / ".gitignore").write_text("*\n", encoding="utf-8")
        write_whole(file, text)
    except OSError:
        pass  # a course that cannot be written to is recorded anew for its next handout


def _digest(course: Course, exercise: str) -> str:
    """SHA-256 over all that the records of one exercise follow from."""
    digest = hashlib.sha256()
    versions = [f"{name} {metadata.version(name)}" for name in _LIBRARIES]
    versions.append("python {}.{}".format(*sys.version_info))
    digest.update("\n".join(versions).encode())
    files = [file for room in _ENGINE for file in sorted((PACKAGE / room).rglob("*.py"))]
    files += [PACKAGE / name for name in _ENGINE_FILES]
    files += [Path(__file__).with_name(name) for name in ("recorder.py", "choosing.py")]
    files += course.only([exercise]).misconception_files()
    files += sorted(_check_files(course, exercise))
    for file in files:
        content = hashlib.sha256(file.read_bytes()).hexdigest()
        digest.update(f"\n{file.name} {content}".encode("utf-8", "backslashreplace"))
    return digest.hexdigest()


def _check_files(course: Course, exercise: str) -> set[Path]:
    """The public checks of an exercise, and what they import from beside them."""
    waiting = [course.stubs / f"test_{exercise}.py", course.stubs / "conftest.py"]
    found: set[Path] = set()
    while waiting:
        file = waiting.pop()
        if file in found or not file.is_file():
            continue
        found.add(file)
        for module in imported_by(ast.parse(file.read_bytes())):
            place = course.stubs.joinpath(*module.split("."))
            waiting += [place.with_suffix(".py"), place / "__init__.py"]
    return found


def _record(course: Course, missing: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Record exercises, given with their digests, in a process of its own."""
    at_work = "its start"
    with _recorder(course, missing) as (process, errors):
        for line in _lines(process):
            message = json.loads(line)
            if "error" in message:
                raise HandoutError(f"known mistakes cannot be recorded: {message['error']}")
            if "text" in message:
                yield message["exercise"], message["text"]
            else:
                at_work = f"{message['mistake']} of {message['exercise']} in {message['check']}"
        if process.wait() == 0:
            return
        errors.seek(0)
        said = errors.read().strip()
    if not said:
        said = f"it takes more than {_PATIENCE:g} s, or was killed"
    raise HandoutError(
        f"known mistakes cannot be recorded: {at_work}: {said}\n"
        'mend it, or say `hints = "none"` under [handout] in course.toml'
    )


@contextlib.contextmanager
def _recorder(
    course: Course, missing: dict[str, str]
) -> Iterator[tuple[subprocess.Popen[str], IO[str]]]:
    """The process that records, and where its complaints go; it ends with the block."""
    named = [f"{name}={digest}" for name, digest in missing.items()]
    command = [sys.executable, "-P", "-m", "grader.handout.recorder", str(course.root), *named]
    with (
        tempfile.TemporaryDirectory(prefix="recording-", ignore_cleanup_errors=True) as folder,
        tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as errors,
    ):
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            encoding="utf-8",
            env={
                **os.environ,
                "PYTHONHASHSEED": "0",
                "MPLBACKEND": "agg",
                # Else torch's compiler and hypothesis leave folders of their own.
                "TORCHINDUCTOR_CACHE_DIR": f"{folder}/inductor",
                "HYPOTHESIS_STORAGE_DIRECTORY": f"{folder}/hypothesis",
            },
        )
        try:
            yield process, errors
        finally:
            process.kill()
            process.communicate()


def _lines(process: subprocess.Popen[str]) -> Iterator[str]:
    """What it writes; it is killed where one line takes too long."""
    patience = _START
    while process.stdout is not None:
        watch = threading.Timer(patience, process.kill)
        watch.start()
        try:
            line = process.stdout.readline()
        finally:
            watch.cancel()
        if not line:
            return
        yield line
        patience = _PATIENCE
