"""What the set-up cell of a notebook does once the course is there: it makes the kernel ready.

It runs in the kernel of a student's notebook, on Colab or anywhere else, before anything is
installed: the standard library and nothing of others may be imported at the top.
"""

from __future__ import annotations

import importlib.metadata
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from grader.kept import keep_copy
from grader.notebooks.cells import written_modules
from grader.notebooks.keeping import digest_of

_WITH_A_PIN = re.compile(r"(?P<name>[\w.-]+)==(?P<version>[\w.]+)")
_LOADING = "-p grader.plugin"
_watching: list[Any] = []  # what listens to this kernel: one, however often the set-up is run


def begin(exercise: str, made_from: str) -> None:
    """Make this kernel ready for an exercise of the course in the working folder.

    `made_from` is the digest of the file that the notebook was made from. Raises SystemExit, with
    what to do, where the kernel's Python lacks what the checks need.
    """
    course = Path.cwd()
    project = _project(course)
    missing = [one for one in project.get("dependencies", []) if not _is_installed(one)]
    if missing and is_colab():
        # Colab has torch; what it lacks is small. Its own releases stay as they are.
        subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", *missing], check=True)
    elif missing:
        names = ", ".join(_name(one) for one in missing)
        raise SystemExit(
            f"This kernel's Python, {sys.executable}, lacks {names}. Install the course into it:\n"
            f"    {sys.executable} -m pip install -e {course}\n"
            "or start Jupyter with the course's own: uv run --with jupyterlab jupyter lab"
        )
    _use_plugin(course)
    _watch_writes(course, made_from)
    print(f"{exercise}: {course.joinpath('exercises', exercise)}.py, {_torch(course)}")


def is_colab() -> bool:
    return "google.colab" in sys.modules


def _project(course: Path) -> dict[str, Any]:
    """What pyproject.toml says of the course as a project."""
    file = course / "pyproject.toml"
    if not file.is_file():
        return {}
    found: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8"))
    return {"pins": found.get("tool", {}).get("uv", {}), **found.get("project", {})}


def _name(requirement: str) -> str:
    named = re.match(r"[\w.-]+", requirement)
    return named[0] if named else requirement


def _is_installed(requirement: str) -> bool:
    try:
        importlib.metadata.distribution(_name(requirement))
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def _use_plugin(course: Path) -> None:
    """Have pytest load the course's plugin also where the course is not installed."""
    plugins = importlib.metadata.entry_points(group="pytest11")
    if any(plugin.name == "grader" for plugin in plugins):
        # Loaded twice it would be refused: it may have been installed since an earlier set-up.
        options = os.environ.get("PYTEST_ADDOPTS", "").replace(_LOADING, "").strip()
        os.environ["PYTEST_ADDOPTS"] = options
        return
    _add_words("PYTEST_ADDOPTS", " ", _LOADING)
    _add_words("PYTHONPATH", os.pathsep, str(course))


def _add_words(variable: str, between: str, words: str) -> None:
    before = os.environ.get(variable, "")
    if words not in before:
        os.environ[variable] = between.join(filter(None, (words, before)))


def _torch(course: Path) -> str:
    """The torch that the checks run with, and the grade, where that is another."""
    try:
        here = importlib.metadata.version("torch").partition("+")[0]
    except importlib.metadata.PackageNotFoundError:
        return "no torch"
    pins: Iterable[str] = _project(course).get("pins", {}).get("constraint-dependencies", [])
    matches = [match for match in map(_WITH_A_PIN.match, pins) if match is not None]
    graded = next((match["version"] for match in matches if match["name"] == "torch"), here)
    return f"torch {here}" + ("" if graded == here else f" (graded with {graded})")


def _watch_writes(course: Path, made_from: str) -> None:
    """Have a copy kept of each file that a cell is about to write over, where work may be lost."""
    from IPython import get_ipython

    shell = get_ipython()
    if shell is None:
        return
    while _watching:
        shell.events.unregister("pre_run_cell", _watching.pop())
    watch = WriteWatch(course, made_from)
    shell.events.register("pre_run_cell", watch.before)
    _watching.append(watch.before)


class WriteWatch:
    """Keeps what a `%%writefile` cell would write over, unless a cell of this kernel wrote it."""

    def __init__(self, course: Path, made_from: str) -> None:
        self._course = course
        self._known = {made_from}  # digests of texts that came from this notebook

    def before(self, info: Any) -> None:
        """Called by IPython with the cell that is about to run."""
        for name, module in written_modules([info.raw_cell or ""]).items():
            file = self._course / "exercises" / name
            if module.added or not file.is_file():
                continue
            there = digest_of(file.read_bytes().decode("utf-8", "replace"))
            written = digest_of(module.text)
            if there != written and there not in self._known:
                copy = keep_copy(self._course, name, file.read_bytes())
                kept = copy.relative_to(self._course).as_posix()
                print(f"exercises/{name} was changed outside this notebook: kept as {kept}")
            self._known.add(written)
