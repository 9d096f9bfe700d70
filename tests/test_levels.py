"""What `--sandbox` does where a layer is missing: strict refuses, best-effort says what held.

The kernel itself refuses the calls (`lacking`); the command is the real one.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT
from lacking import lacking
from test_doctor import layers_of
from users import GRADER, give, home_of, needs_root, run_as

Files = Mapping[str, bytes]
pytestmark = pytest.mark.engine

# A sandbox says who it is: what its user is shows in the message of the check.
WHO_AM_I = b"""
def l1_loss(input, target, reduction="mean"):
    import os
    raise RuntimeError(f"users {sorted(set(os.getresuid()))}")
"""


def graded(
    who: str, home: Path, level: str, lacks: str | None, source: bytes
) -> subprocess.CompletedProcess[str]:
    """One submission of one file, graded at that level where the kernel lacks something."""
    (home / "class" / "ada").mkdir(parents=True)
    (home / "class" / "ada" / "losses.py").write_bytes(source)
    give(who, home)
    command = [*GRADER, "grade", "class", "--course", ROOT, "--only", "losses"]
    command += ["--sandbox", level, "--json", "run.json"]
    return run_as(who, lacking(lacks, command) if lacks else command, home)


def read(home: Path) -> dict[str, Any]:
    run: dict[str, Any] = json.loads((home / "run.json").read_text(encoding="utf-8"))
    return run


@pytest.mark.parametrize(
    ("who", "lacks", "layer"),
    [
        ("ordinary user", "landlock", "landlock"),
        pytest.param("root", "seccomp", "seccomp", marks=needs_root),
    ],
    ids=["landlock", "seccomp"],
)
def test_strict_refuses_where_a_layer_is_missing_and_names_it(
    who: str, lacks: str, layer: str, solutions: Files
) -> None:
    with home_of(who) as home:
        done = graded(who, home, "strict", lacks, solutions["losses.py"])
        assert not (home / "run.json").exists()
    assert done.returncode == 1, done.stdout + done.stderr
    assert done.stderr.startswith("grader: ") and f"{layer}: " in done.stderr
    assert "Traceback" not in done.stderr
    assert "ada" not in done.stdout, "nobody was graded"


def test_best_effort_goes_on_and_says_which_layers_held(solutions: Files) -> None:
    with home_of("ordinary user") as home:
        done = graded("ordinary user", home, "best-effort", "landlock", solutions["losses.py"])
        assert done.returncode == 0, done.stdout + done.stderr
        run = read(home)
    held = [layer for layer in layers_of("ordinary user") if layer != "landlock"]
    assert run["sandbox"] == {"level": "best-effort", "layers": held}
    (ada,) = run["submissions"]
    assert ada["points"] == ada["max_points"]


@needs_root
def test_best_effort_refuses_where_student_code_would_run_as_root(solutions: Files) -> None:
    with home_of("root") as home:
        source = solutions["losses.py"] + WHO_AM_I
        done = graded("root", home, "best-effort", "another user", source)
        assert not (home / "run.json").exists()
    assert done.returncode == 1, done.stdout + done.stderr
    assert done.stderr.startswith("grader: uid: ") and "as root" in done.stderr
    assert "users" not in done.stdout


def test_off_needs_nothing_of_the_kernel_says_that_no_layer_held_and_warns(
    solutions: Files,
) -> None:
    with home_of("ordinary user") as home:
        done = graded("ordinary user", home, "off", "landlock", solutions["losses.py"])
        assert done.returncode == 0, done.stdout + done.stderr
        run = read(home)
    assert run["sandbox"] == {"level": "off", "layers": []}
    assert "the sandbox was off: these grades can be forged" in done.stdout
