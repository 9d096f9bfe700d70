"""The grader run by an ordinary user, where the tests themselves run as root."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import ROOT

# A Python in root's home is made reachable first, as the sandbox server does for its own children.
AS_USER = """
import os, sys
from pathlib import Path
from grader.sandbox.view import open_view

folder, root = sys.argv[1:]
open_view([Path(sys.base_prefix).resolve(), Path(sys.prefix).resolve(), Path(root)])
os.setgroups([])
os.setresgid(23456, 23456, 23456)
os.setresuid(23456, 23456, 23456)
os.environ.update(HOME=folder, TMPDIR=folder, XDG_CACHE_HOME=folder)
os.chdir(root)
grader = [sys.executable, "-m", "grader.cli", "demo", "--size", "2", "--to", f"{folder}/class"]
os.execv(sys.executable, grader)
"""


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder of the other user's, which the folders that pytest makes for root would hide."""
    folder = Path(tempfile.mkdtemp(prefix="home-of-a-user-"))
    os.chown(folder, 23456, 23456)
    yield folder
    shutil.rmtree(folder)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user")
def test_an_ordinary_user_grades_under_every_layer_but_the_change_of_user(home: Path) -> None:
    command = [sys.executable, "-c", AS_USER, str(home), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stdout + done.stderr
    run = json.loads((home / "class" / "results" / "run.json").read_text())
    layers = ["rlimits", "no-new-privileges", "landlock", "seccomp"]
    assert run["sandbox"] == {"level": "strict", "layers": layers}
    right, wrong = run["submissions"]
    assert right["points"] == 100
    assert 90 < wrong["points"] < 100
