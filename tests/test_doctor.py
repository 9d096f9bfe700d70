"""`grader doctor` and `grader grade` on machines that lack a layer.

A machine that lacks one is this machine with a filter over the command, by which the kernel answers
what a kernel, or a container, without that layer answers.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from conftest import ROOT
from users import GRADER, as_each_user, give, home_of, needs_root, run_as

from grader.sandbox.view import covered_by, python_folders

LACKING = """
import errno, os, sys
import pyseccomp
from pyseccomp import EQ, NE, ERRNO, Arg

ANSWERS = {
    "landlock": [(errno.ENOSYS, "landlock_create_ruleset")],
    "seccomp": [(errno.EINVAL, "prctl", Arg(0, EQ, 22)), (errno.ENOSYS, "seccomp")],
    "uid": [(errno.EPERM, "setresuid")],
    "capabilities": [(errno.EPERM, "capset")],
    "rlimits": [(errno.EPERM, "prlimit64", Arg(2, NE, 0))],
    "no-new-privileges": [(errno.EINVAL, "prctl", Arg(0, EQ, 38))],
    "view": [(errno.EPERM, "unshare"), (errno.EPERM, "mount")],
}
names, *command = sys.argv[1:]
answers = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
answers.set_attr(pyseccomp.Attr.CTL_NNP, int(os.getuid() != 0))
for name in names.split(","):
    for number, *rule in ANSWERS[name]:
        answers.add_rule(ERRNO(number), *rule)
answers.load()
os.execv(command[0], command)
"""


def lacking(names: str, *command: object) -> list[object]:
    return [sys.executable, "-c", LACKING, names, *GRADER, *command]


def marks(done: subprocess.CompletedProcess[str]) -> dict[str, str]:
    """Of each layer that doctor speaks of, whether it held."""
    lines = [line.split("stops")[0].split() for line in done.stdout.splitlines() if "stops" in line]
    return {" ".join(words[1:]): words[0] for words in lines}


@as_each_user
def test_doctor_finds_every_layer_here(who: str) -> None:
    with home_of(who) as home:
        done = run_as(who, [*GRADER, "doctor"], home)
        assert list(home.iterdir()) == []
    assert done.returncode == 0, done.stdout + done.stderr
    held = marks(done)
    assert set(held.values()) == {"held"}
    expected = {
        "rlimits",
        "capabilities",
        "no-new-privileges",
        "landlock",
        "seccomp",
        "all together",
    }
    assert held.keys() == expected | ({"uid", "view"} if who == "root" else set())
    for fact in ("user", "kernel", "Landlock", "libseccomp", "Python", "torch", "GPU", "cores"):
        assert f"\n{fact} " in f"\n{done.stdout}"


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ("landlock", "Linux 6.12 or newer"),
        ("seccomp", "apt install libseccomp2"),
        ("rlimits", "no limit be lowered"),
        ("capabilities", "grade as an ordinary user"),
        ("landlock,seccomp", "best-effort goes on without"),
    ],
)
@as_each_user
def test_doctor_names_what_is_missing_and_what_to_do(who: str, names: str, words: str) -> None:
    with home_of(who) as home:
        done = run_as(who, lacking(names, "doctor"), home)
    assert done.returncode == 1
    missing = {name for name, mark in marks(done).items() if mark == "MISSING"}
    assert missing == {*names.split(","), "all together"}
    assert words in done.stdout
    assert "strict refuses" in done.stdout


@needs_root
@pytest.mark.parametrize("name", ["uid", "view", "no-new-privileges"])
def test_doctor_as_root_names_what_only_root_can_lack(name: str) -> None:
    if name == "view" and not covered_by(python_folders()):
        pytest.skip("Python lies where every user can read it")
    with home_of("root") as home:
        done = run_as("root", lacking(name, "doctor"), home)
    assert done.returncode == 1
    assert marks(done)[name] == "MISSING"
    assert ("best-effort refuses too" in done.stdout) == (name != "no-new-privileges")


def grade(
    who: str, home: Path, names: str, level: str, solutions: Mapping[str, bytes]
) -> subprocess.CompletedProcess[str]:
    """Grade the solution of losses where the machine lacks these layers."""
    home.joinpath("losses.py").write_bytes(solutions["losses.py"])
    give(who, home)
    command = ["grade", "losses.py", "--course", ROOT, "--only", "losses", "--json", "run.json"]
    return run_as(who, lacking(names, *command, "--sandbox", level), home)


@pytest.mark.engine
def test_strict_refuses_to_grade_and_names_all_that_is_missing(solutions: dict[str, bytes]) -> None:
    with home_of("ordinary user") as home:
        done = grade("ordinary user", home, "landlock,seccomp", "strict", solutions)
        assert not (home / "run.json").exists()
    assert done.returncode == 1
    said = done.stderr.strip().splitlines()[-1]
    assert said.startswith("grader: --sandbox strict: landlock: ")
    assert "; seccomp: " in said
    assert said.endswith("(`grader doctor` says what to do)")


@pytest.mark.engine
def test_best_effort_grades_and_says_which_layers_held(solutions: dict[str, bytes]) -> None:
    with home_of("ordinary user") as home:
        done = grade("ordinary user", home, "landlock", "best-effort", solutions)
        assert done.returncode == 0, done.stderr
        run = json.loads((home / "run.json").read_text())
    layers = ["rlimits", "capabilities", "no-new-privileges", "seccomp"]
    assert run["sandbox"] == {"level": "best-effort", "layers": layers}
    assert run["submissions"][0]["points"] == run["submissions"][0]["max_points"]


@pytest.mark.engine
@needs_root
def test_root_that_must_stay_root_grades_nobody_not_even_by_best_effort(
    solutions: dict[str, bytes],
) -> None:
    with home_of("root") as home:
        done = grade("root", home, "uid", "best-effort", solutions)
        assert not (home / "run.json").exists()
    assert done.returncode == 1
    assert "no student code runs as root; grade as an ordinary user" in done.stderr
