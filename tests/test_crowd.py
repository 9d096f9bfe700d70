"""A large class with hostile hand-ins in it is graded in one run as each would be alone.

`CROWD=500 pytest tests/test_crowd.py` makes the class that large; the default is a smaller one.
"""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT
from corpus import attacks
from test_attacks import without_seconds, write
from test_variants import FILES, submission_with

from grader.examiner.engine import Engine

Files = Mapping[str, bytes]
SIZE = int(os.environ.get("CROWD", "40"))
HOSTILE = [
    attack
    for attack in attacks()
    if attack.exercise == "losses"
    and not attack.name.startswith("exhaust/")
    and attack.name != "comparison/written_after_the_return"  # what it answers is a race
]
JOBS = 4
GROWTH = 24  # MiB that three processes may gain while they grade most of the class


@dataclass(frozen=True)
class Sample:
    """What the grader's three lasting processes hold at one moment."""

    memory: int  # MiB
    descriptors: int


def sample(grader: int) -> Sample:
    """Of the grading process and of the warm pair, which are its only children."""
    children = Path(f"/proc/{grader}/task/{grader}/children").read_text().split()
    memory = descriptors = 0
    for pid in [grader, *map(int, children)]:
        status = Path(f"/proc/{pid}/status").read_text()
        memory += next(int(line.split()[1]) for line in status.splitlines() if "VmRSS" in line)
        try:
            descriptors += len(os.listdir(f"/proc/{pid}/fd"))
        except PermissionError:  # an ordinary user sees how many there is room for
            descriptors += next(
                int(line.split()[1]) for line in status.splitlines() if "FDS" in line
            )
    return Sample(memory >> 10, descriptors)


def class_of(size: int, solutions: Files, stubs: Files) -> dict[str, bytes]:
    """By id the source of each; every tenth is hostile, the others are right, wrong or empty."""
    solved = solutions["losses.py"]
    wrong = b"\ndef l1_loss(input, target, reduction='mean'):\n    return (input - target).sum()\n"
    variants = [submission_with(file) for file in FILES if file.parent.name == "losses"]
    innocent = itertools.cycle([solved, *variants, solved + wrong, stubs["losses.py"]])
    hostile = itertools.cycle(attack.submission(solved)[attack.file] for attack in HOSTILE)
    return {
        f"{number:04}": next(hostile) if number % 10 == 5 else next(innocent)
        for number in range(size)
    }


@dataclass(frozen=True)
class Graded:
    grades: dict[str, dict[str, Any]]
    samples: list[Sample]


@pytest.fixture(scope="module")
def crowd(solutions: Files, stubs: Files) -> dict[str, bytes]:
    return class_of(SIZE, solutions, stubs)


@pytest.fixture(scope="module")
def graded(crowd: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory) -> Graded:
    folder = tmp_path_factory.mktemp("crowd")
    for name, source in crowd.items():
        write(folder / "class" / name, {"losses.py": source})
    command = [sys.executable, "-m", "grader.cli", "grade", str(folder / "class")]
    command += ["--only", "losses", "--seed", "0", "--jobs", str(JOBS)]
    command += ["--out", str(folder / "out"), "--json", str(folder / "run.json")]
    samples = []
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        for line in running.stdout:
            if line.startswith("[") and not line.startswith(f"[{SIZE}/"):
                samples.append(sample(running.pid))
    assert running.returncode == 0
    run = json.loads((folder / "run.json").read_text())
    return Graded({grade["id"]: grade for grade in run["submissions"]}, samples)


def test_each_grade_is_what_it_would_be_alone(
    crowd: dict[str, bytes], graded: Graded, engine: Engine
) -> None:
    assert graded.grades.keys() == crowd.keys()
    alone: dict[bytes, Any] = {}
    for name, source in crowd.items():
        if source not in alone:
            alone[source] = without_seconds(engine.examine({"losses.py": source}, ["losses"]))
        assert without_seconds(graded.grades[name]["exercises"]) == alone[source], name


def test_memory_and_descriptors_stay_flat(graded: Graded) -> None:
    samples = graded.samples
    assert len(samples) >= SIZE - 2
    early, late = samples[SIZE // 5 : SIZE // 2], samples[-SIZE // 5 :]
    most = max(sample.memory for sample in early)
    assert max(sample.memory for sample in late) <= most + GROWTH, samples
    assert min(s.descriptors for s in late) <= max(s.descriptors for s in early), samples
