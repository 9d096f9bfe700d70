"""Real workers of a real scheduler, on this machine, and a class to be examined by them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from distributed import Client
from small import solutions, write_class, write_course

from grader.cluster.examiners import ClusterExaminers
from grader.course import load_course
from grader.examiner.engine import EngineSettings
from grader.gradebook import Gradebook
from grader.grading import Run, RunSettings

SECONDS = 120.0  # the last resort against something that hangs
_LIMITS = "\n[limits]\ncpu_seconds = 0.5\n"  # or a loop without end takes five
_HOSTILE = {
    "loops": "def double(x):\n    while True:\n        pass\n",
    "forges": "import torch\ntorch.equal = torch.allclose = lambda *_, **__: True\n\n\n"
    "def double(x):\n    return x\n",
    # Right, unless it can see the course that was sent to a worker.
    "spies": "import glob\n\n\ndef double(x):\n"
    "    places = ('/tmp', '/dev/shm')\n"
    "    seen = [one for at in places for one in glob.glob(f'{at}/torchgrade-*/course/*')]\n"
    "    return x if seen else 2 * x\n",
}


def write_scene(folder: Path, size: int = 8) -> Path:
    """A course, and a class with right, wrong, broken and hostile submissions of one exercise."""
    write_course(folder / "course")
    with (folder / "course" / "course.toml").open("a") as manifest:
        manifest.write(_LIMITS)
    write_class(folder / "class", size)
    for name, source in _HOSTILE.items():
        place = folder / "class" / name
        place.mkdir()
        for file, text in {**solutions(), "doubling.py": source}.items():
            (place / file).write_text(text)
    return folder


class Listening:
    """Hears of a run, and does something when the first submission was examined."""

    def __init__(self, act: Callable[[], object] = lambda: None) -> None:
        self._act = act
        self.examined: list[str] = []

    def began(self, submissions: int) -> None: ...

    def graded(self, grade: Mapping[str, Any], reused: bool, again: int | None = None) -> None:
        if not reused and grade["status"] == "graded":
            self.examined.append(grade["id"])
            if len(self.examined) == 1:
                self._act()


def grade(
    scene: Path, out: Path, address: str | None = None, act: Callable[[], object] = lambda: None
) -> dict[str, Any]:
    """The class's run as JSON, without its seconds, here or on a cluster; one exercise of it."""

    def elsewhere(settings: EngineSettings) -> ClusterExaminers:
        assert address is not None
        return ClusterExaminers(address, settings, say=lambda text: None, patience=SECONDS)

    settings = RunSettings(load_course(scene / "course").only(["doubling"]), seed=7, jobs=2)
    with Gradebook(out / "gradebook.db") as book:
        run = Run(settings, book, out, elsewhere if address else None)
        finished = run.grade([scene / "class"], Listening(act))
        return without_seconds(json.loads("".join(finished.document(book))))


def without_seconds(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_seconds(item) for key, item in value.items() if key != "seconds"}
    return [without_seconds(item) for item in value] if isinstance(value, list) else value


@contextmanager
def workers(
    address: str, names: str, folder: Path, path: Path | None = None
) -> Iterator[dict[str, subprocess.Popen[bytes]]]:
    """A worker for each letter of `names`, of one thread each, there when this is entered.

    `path` is where they look for packages first.
    """
    environment = {**os.environ} | ({"PYTHONPATH": str(path)} if path else {})
    options = "--host 127.0.0.1 --nthreads 1 --no-nanny --no-dashboard".split()
    started = {}
    try:
        for name in names:
            command = [sys.executable, "-m", "distributed.cli.dask_worker", address, *options]
            command += ["--name", name, "--local-directory", str(folder)]
            log = (folder / f"{name}.log").open("wb")
            with log:
                started[name] = subprocess.Popen(command, cwd=folder, env=environment, stderr=log)
        with Client(address, set_as_default=False) as client:
            client.wait_for_workers(len(names), timeout=SECONDS)
        yield started
    finally:
        for process in started.values():
            process.kill()
            process.wait()


def address_of(client: Client, name: str) -> str:
    """Where the worker of that name is."""
    known = client.scheduler_info()["workers"]
    (found,) = [address for address, about in known.items() if about["name"] == name]
    return str(found)
