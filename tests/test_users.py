"""The grader run by root and by an ordinary user: alike but for the layer that only root has."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT
from test_isolation import processes_below
from users import GRADER, USER, as_each_user, command_as, give, home, is_root, run_as

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
    command = [*GRADER, "demo", "--size", "2", "--to", "class", "--course", ROOT]
    process = subprocess.Popen(
        command_as(who, command, home), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    owners = last_owners(process)
    assert process.stdout is not None
    assert process.wait() == 0, process.stdout.read()
    # What the kernel shows of a process that hides itself belongs to root: no other process of the
    # same user can read its memory.
    assert {owners["grader.cli"], owners["examiner"]} == {0}
    run = json.loads((home / "class" / "results" / "run.json").read_text())
    layers = ["rlimits", "capabilities", "uid", "no-new-privileges", "landlock", "seccomp"]
    if who != "root":
        layers.remove("uid")
    assert run["sandbox"] == {"level": "strict", "layers": layers}
    right, wrong = run["submissions"]
    assert right["points"] == 100
    assert 90 < wrong["points"] < 100


def last_owners(process: subprocess.Popen[str]) -> dict[str, int]:
    """To whom /proc last gave the files of the grader's processes, by module and by name."""
    owners: dict[str, int] = {}
    while True:
        for pid in (process.pid, *processes_below(process.pid)):
            try:
                words = Path(f"/proc/{pid}/cmdline").read_text(errors="replace").split("\0")
                name = Path(f"/proc/{pid}/comm").read_text().strip()
                owner = Path(f"/proc/{pid}/environ").stat().st_uid
            except OSError:  # it has ended
                continue
            words = [word for word in words if word.startswith("grader.")]
            owners |= dict.fromkeys([*words, name], owner)
        try:
            process.wait(timeout=1)
            return owners
        except subprocess.TimeoutExpired:
            continue


# What no warm process has imported: it is read when a sandbox has another uid already.
LATE = """
import importlib, sys
names = [
    "wave", "turtledemo", "xmlrpc.client", "curses.ascii", "torch.ao.pruning",
    "torch.utils.benchmark", "numpy.f2py", "numpy.ma.mrecords", "PIL.TiffImagePlugin",
    "PIL.IcoImagePlugin", "matplotlib.backends.backend_svg", "matplotlib.sankey",
    "torch.utils.mobile_optimizer", "numpy.polynomial.laguerre",
]
late = [name for name in names if name not in sys.modules]
assert len(late) > 10, late
for name in late:
    importlib.import_module(name)
"""


@pytest.mark.engine
@as_each_user
def test_what_is_imported_late_is_there_for_every_user(
    who: str, home: Path, solutions: dict[str, bytes]
) -> None:
    source = solutions["losses.py"].decode() + LATE
    home.joinpath("losses.py").write_text(source, encoding="utf-8")
    give(who, home)
    command = ["grade", "losses.py", "--course", ROOT, "--only", "losses", "--json", "run.json"]
    done = run_as(who, [*GRADER, *command], home)
    assert done.returncode == 0, done.stdout + done.stderr
    (grade,) = json.loads((home / "run.json").read_text())["submissions"]
    messages = [c["message"] for e in grade["exercises"] for c in e["checks"] if c["message"]]
    assert grade["points"] == grade["max_points"], messages[:1]
