"""`grader doctor` says what a machine lacks, on machines that do: the kernel itself refuses."""

from __future__ import annotations

import importlib.metadata
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from lacking import lacking
from users import GRADER, as_each_user, command_as, home, home_of, is_root, needs_root, run_as

from grader.doctor import _PROOFS, _STOPS
from grader.sandbox.confine import LAYERS
from grader.sandbox.view import covered_by, python_folders

__all__ = ["home"]  # a fixture
DOCTOR = [*GRADER, "doctor"]
CAN, CANNOT = "grade --sandbox strict can be used here.", "strict cannot be used here"


def layers_of(who: str) -> list[str]:
    return [name for name in LAYERS if name != "uid" or (who == "root" and is_root)]


def states(shown: str) -> dict[str, str]:
    """What the report says of each layer: holds or missing."""
    rows = (line.split() for line in shown.splitlines() if not line.startswith(" "))
    return {row[0]: row[1] for row in rows if len(row) > 1 and row[1] in ("holds", "missing")}


def diagnosed(
    who: str, home: Path, lacks: str | None, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    command = lacking(lacks, DOCTOR) if lacks else DOCTOR
    places = [f"{name}={value}" for name, value in (environment or {}).items()]
    done = run_as(who, ["env", *places, *command], home)
    assert max(map(len, done.stdout.splitlines()), default=0) <= 80
    assert "\x1b" not in done.stdout
    return done


@as_each_user
def test_where_every_layer_holds_it_says_so(who: str, home: Path) -> None:
    done = diagnosed(who, home, None)
    assert done.returncode == 0, done.stdout + done.stderr
    found = states(done.stdout)
    assert [name for name in found if name != "python"] == layers_of(who)
    assert set(found.values()) == {"holds"}
    assert CAN in done.stdout and "why:" not in done.stdout
    assert list(home.iterdir()) == [], "it leaves nothing behind"


@pytest.mark.parametrize(
    ("lacks", "layer", "why", "cure"),
    [
        ("landlock", "landlock", "has Landlock version 0", "Linux 6.12"),
        ("seccomp", "seccomp", "EINVAL", "CONFIG_SECCOMP_FILTER"),
    ],
    ids=["landlock", "seccomp"],
)
@as_each_user
def test_a_layer_that_the_kernel_lacks_is_named_with_what_to_do(
    who: str, home: Path, lacks: str, layer: str, why: str, cure: str
) -> None:
    done = diagnosed(who, home, lacks)
    assert done.returncode == 1, done.stdout + done.stderr
    missing = {name for name, state in states(done.stdout).items() if state == "missing"}
    assert missing == {layer}, done.stdout
    said = " ".join(done.stdout.split())
    assert f"{CANNOT}: {layer} is missing." in said
    assert why in said.split("why: ")[1]
    assert cure in said.split("do: ")[1]


@pytest.mark.parametrize(
    ("lacks", "layer", "why"),
    [
        ("landlock's effect", "landlock", "a file outside can still be read"),
        ("seccomp's effect", "seccomp", "a socket can still be made"),
    ],
    ids=["landlock", "seccomp"],
)
def test_a_layer_that_is_put_in_place_and_stops_nothing_is_missing(
    lacks: str, layer: str, why: str
) -> None:
    with home_of("ordinary user") as home:
        done = diagnosed("ordinary user", home, lacks)
    assert done.returncode == 1, done.stdout + done.stderr
    assert states(done.stdout)[layer] == "missing"
    assert why in " ".join(done.stdout.split())


@needs_root
@pytest.mark.parametrize(
    ("lacks", "why"),
    [
        ("another user", "Operation not permitted"),
        ("another user's effect", "the process is still root"),
    ],
)
def test_a_root_that_cannot_become_another_user_is_named(lacks: str, why: str) -> None:
    with home_of("root") as home:
        done = diagnosed("root", home, lacks)
    assert done.returncode == 1, done.stdout + done.stderr
    assert states(done.stdout)["uid"] == "missing"
    said = " ".join(done.stdout.split())
    assert why in said and "grade as an ordinary user" in said


@needs_root
@pytest.mark.skipif(
    not covered_by([folder for folder in python_folders() if folder.exists()]),
    reason="every user can reach this Python, so no mount is needed",
)
def test_a_python_of_roots_own_is_the_one_thing_that_lacks_where_no_mount_can_be_made() -> None:
    with home_of("root") as home:
        done = diagnosed("root", home, "mounts")
    assert done.returncode == 1, done.stdout + done.stderr
    missing = {name for name, state in states(done.stdout).items() if state == "missing"}
    assert missing == {"python"}, done.stdout
    assert "grade as an ordinary user" in " ".join(done.stdout.split())


@needs_root
def test_a_folder_that_sandboxes_cannot_reach_is_named(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    done = diagnosed("root", tmp_path, None, {"TMPDIR": str(closed)})
    assert done.returncode == 1, done.stdout + done.stderr
    assert "set TMPDIR" in " ".join(done.stdout.split())


def test_a_machine_without_libseccomp_is_told_what_to_install() -> None:
    with home_of("ordinary user") as home:
        stand_in = home / "packages"
        stand_in.mkdir()
        (stand_in / "pyseccomp.py").write_text('raise RuntimeError("Unable to find libseccomp")')
        done = diagnosed("ordinary user", home, None, {"PYTHONPATH": str(stand_in)})
    assert done.returncode == 1, done.stdout + done.stderr
    assert states(done.stdout)["seccomp"] == "missing"
    assert "apt-get install libseccomp2" in " ".join(done.stdout.split())


def test_it_says_what_the_machine_is_without_importing_torch() -> None:
    script = "import json, sys; from grader.doctor import diagnose; found = diagnose(); "
    script += "assert 'torch' not in sys.modules; print(json.dumps(found.facts))"
    done = subprocess.run(
        command_as("root", [sys.executable, "-c", script], Path.cwd()),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    facts = json.loads(done.stdout)
    assert facts["torch"].startswith(f"{importlib.metadata.version('torch')}, built for")
    assert facts["cores"] == str(len(os.sched_getaffinity(0)))
    assert facts["system"].startswith("Linux ") and facts["device"].startswith("cpu")
    assert facts["Landlock"].startswith("version ")


def test_every_layer_of_the_sandbox_is_known_by_what_it_stops() -> None:
    assert set(_STOPS) == set(_PROOFS) == set(LAYERS)
