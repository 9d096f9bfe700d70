"""Runs commands as root and as an ordinary user, where the tests themselves run as root.

    @as_each_user
    def test_somebody_can_grade(who: str) -> None:
        with home_of(who) as home:
            give(who, write_submissions(home / "submissions"))
            done = run_as(who, [*GRADER, "grade", "submissions", "--course", ROOT], home)

Where the tests run as an ordinary user, that user is the only one there is.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT

USER = 23456  # nobody on this machine
GRADER = [sys.executable, "-m", "grader.cli"]

is_root = os.getuid() == 0
needs_root = pytest.mark.skipif(not is_root, reason="only root can become another user")


def as_params() -> list[Any]:
    """Both users, as the parameters of a test or of a fixture."""
    return [pytest.param("root", marks=needs_root), pytest.param("ordinary user")]


as_each_user = pytest.mark.parametrize("who", as_params())

# A Python in root's home is made reachable first, as the sandbox server does for its own children.
_BECOME = f"""
import os, sys
from pathlib import Path
from grader.sandbox.view import open_view

root, *command = sys.argv[1:]
open_view([Path(sys.base_prefix).resolve(), Path(sys.prefix).resolve(), Path(root)])
os.setgroups([])
os.setresgid({USER}, {USER}, {USER})
os.setresuid({USER}, {USER}, {USER})
os.execvp(command[0], command)
"""


def command_as(who: str, command: Sequence[object], folder: Path) -> list[str]:
    """The command that runs `command` as that user, who is at home in `folder` and starts there.

    `folder` should come from `home_of`: an ordinary user cannot enter what pytest makes for root.
    Programs are found in PATH; Python, its packages and the course can be read by everybody.
    """
    places = [f"{name}={folder}" for name in ("HOME", "TMPDIR", "XDG_CACHE_HOME")]
    start = ["env", "-C", str(folder), *places, *map(str, command)]
    if who == "ordinary user" and is_root:
        return [sys.executable, "-c", _BECOME, str(ROOT), *start]
    return start


def run_as(
    who: str, command: Sequence[object], folder: Path, seconds: float = 300
) -> subprocess.CompletedProcess[str]:
    """Run a command as that user to its end."""
    return subprocess.run(
        command_as(who, command, folder), capture_output=True, text=True, timeout=seconds
    )


def give(who: str, folder: Path) -> Path:
    """Make a folder, with all that is in it, that user's own."""
    if who == "ordinary user" and is_root:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, USER, USER, follow_symlinks=False)
    return folder


@contextmanager
def home_of(who: str) -> Iterator[Path]:
    """A folder of that user's that others may pass through; removed at the end.

    A sandbox of root's grader has another user, who has to get through to its own folder.
    """
    folder = Path(tempfile.mkdtemp(prefix="home-of-a-user-"))
    folder.chmod(0o755)
    try:
        yield give(who, folder)
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def home(who: str) -> Iterator[Path]:
    """`home_of` the user of a test that is marked `as_each_user`; import it beside that mark."""
    with home_of(who) as folder:
        yield folder
