"""The attacks on secrets succeed where nothing confines them: none is defeated by its own mistake.

Each is run as a program of its own, laid out as a sandbox would be if no layer held.
"""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from conftest import ROOT
from corpus import Attack, attacks
from test_attacks import CANARIES, SIBLING

SECRETS = [attack for attack in attacks() if attack.name.startswith("secrets/")]

# What the warm process must never hold, held by it: in a frame, an object, a module, a descriptor.
UNCONFINED = """
import linecache, os, sys, types

attack, hidden = sys.argv[1:3]
with open(hidden) as file:
    held = [file.read()]
linecache.getlines(hidden)
sys.modules["grader.checks.test_losses"] = types.ModuleType("grader.checks.test_losses")
inherited = os.open(hidden, os.O_RDONLY)
scope = {"__name__": "losses"}
with open(attack) as file:
    exec(compile(file.read(), "losses.py", "exec"), scope)
try:
    scope["l1_loss"](None, None)
except RuntimeError as error:
    print(error)
"""


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course with its history, a class, a gradebook and two private folders, side by side."""
    folder = tmp_path_factory.mktemp("scene")
    for name in ("solutions", "grader"):
        (folder / "course").mkdir(exist_ok=True)
        (folder / "course" / name).symlink_to(ROOT / name)
    checks = (ROOT / "grader" / "checks" / "test_losses.py").read_bytes()
    history = folder / "course" / ".git" / "objects" / "12"
    history.mkdir(parents=True)
    (history / "34").write_bytes(zlib.compress(b"blob\0" + checks))
    (folder / "course" / ".hypothesis" / "examples").mkdir(parents=True)
    (folder / "class" / "mid-innocent").mkdir(parents=True)
    (folder / "class" / "mid-innocent" / "losses.py").write_text(f"# {SIBLING}\n")
    (folder / "results").mkdir()
    with sqlite3.connect(folder / "results" / "gradebook.db") as gradebook:
        gradebook.execute("create table grades (points)")
    for name in ("4242", "4243"):
        (folder / "run" / name).mkdir(parents=True)
    return folder


def unconfined(attack: Attack, scene: Path, **environment: str) -> str:
    """What the attack says where it may do everything."""
    text = scene / f"{Path(attack.name).name}.py"
    text.write_text(attack.text)
    private = scene / "run" / "4242"
    given = {"folder": str(private.parent)}
    given["protected"] = [str(scene / "course"), str(scene / "results")]
    hidden = ROOT / "grader" / "checks" / "test_losses.py"
    done = subprocess.run(
        [sys.executable, "-c", UNCONFINED, text, hidden, json.dumps(given)],
        cwd=private,
        env={**os.environ, **environment, "TMPDIR": str(private), "HOME": str(private)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.stdout or done.stderr


@pytest.mark.parametrize("attack", SECRETS, ids=lambda attack: attack.name)
def test_an_attack_on_a_secret_succeeds_where_nothing_confines_it(
    attack: Attack, scene: Path
) -> None:
    assert unconfined(attack, scene, **CANARIES).startswith("LEAK ")


def test_a_text_that_the_process_holds_is_found_in_its_memory(scene: Path) -> None:
    attack = next(attack for attack in SECRETS if attack.name == "secrets/memory")
    assert unconfined(attack, scene) == "LEAK Ones of one shap in memory\n"


def test_no_attack_holds_the_secret_that_it_looks_for() -> None:
    for attack in SECRETS:
        for secret in (SIBLING, *CANARIES.values(), "Ones of one shape against halves"):
            assert secret not in attack.text, attack.name
