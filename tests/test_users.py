"""The grader run by root and by an ordinary user: alike but for the layer that only root has."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest
from conftest import ROOT
from users import GRADER, USER, as_each_user, home, is_root, run_as

__all__ = ["home"]  # a fixture


@as_each_user
def test_a_command_is_run_by_the_user_who_is_meant_in_a_home_of_his_own(
    who: str, home: Path
) -> None:
    source = "import os; print(*os.getresuid(), *os.getgroups(), os.getcwd(), os.environ['HOME'])"
    done = run_as(who, [sys.executable, "-c", f"{source}; open('mine', 'w')"], home)
    expected = {"root": 0, "ordinary user": USER if is_root else os.getuid()}[who]
    *ids, folder, at_home = done.stdout.split()
    assert (ids[:3], folder, at_home) == ([str(expected)] * 3, str(home), str(home)), done.stderr
    assert home.joinpath("mine").stat().st_uid == expected


@pytest.mark.engine
@as_each_user
def test_every_user_grades_under_every_layer_that_is_his(who: str, home: Path) -> None:
    done = run_as(who, [*GRADER, "demo", "--size", "2", "--to", "class", "--course", ROOT], home)
    assert done.returncode == 0, done.stdout + done.stderr
    run = json.loads((home / "class" / "results" / "run.json").read_text())
    layers = ["rlimits", "capabilities", "uid", "no-new-privileges", "landlock", "seccomp"]
    if who != "root":
        layers.remove("uid")
    assert run["sandbox"] == {"level": "strict", "layers": layers}
    right, wrong = run["submissions"]
    assert right["points"] == 100
    assert 90 < wrong["points"] < 100
