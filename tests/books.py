"""Gradebooks for tests: grades to put in, processes that do, and databases of each kind."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import postgres
import pytest

from grader.gradebook import (
    Conditions,
    Gradebook,
    GradedExercise,
    Grading,
    MadeExercise,
    NewGrading,
    RunSetup,
)

ROOT = Path(__file__).parent.parent
WORK = "a" * 64  # the digest of a submission
CONDITIONS = Conditions("b" * 64, "c" * 64, "2.13.0", seed=7, device="cpu", sandbox="strict")
LAYERS = ["rlimits", "landlock", "seccomp"]

# Adds grades to the gradebook argv[1] under ids that start with argv[2], argv[3] of them or until
# it is refused or killed, and reports each once it is committed.
_ADDS = f"""
import itertools, sys
sys.path.insert(0, {str(ROOT / "tests")!r})
from books import begun, graded
from grader.gradebook import Gradebook, GradebookError
with Gradebook(sys.argv[1]) as gradebook:
    run = begun(gradebook)
    print("ready", flush=True)
    sys.stdin.readline()
    for number in itertools.islice(itertools.count(), int(sys.argv[3]) or None):
        id = f"{{sys.argv[2]}}{{number:06}}"
        try:
            graded(gradebook, id, run=run, message="x" * 5000)
        except GradebookError as error:
            print(error, flush=True)
            break
        print(id, flush=True)
"""


def exercise(
    name: str = "losses",
    points: float = 1.5,
    conditions: Conditions = CONDITIONS,
    message: str | None = None,
    **more: Any,
) -> MadeExercise:
    """A result of one exercise of 2 points, with one check."""
    check = {
        "id": f"{name}/test_it",
        "title": "It is right.",
        "function": "it",
        "hidden": True,
        "outcome": "passed" if points == 2 else "failed",
        "points": points,
        "max_points": 2.0,
        "message": message,
        "hint": None,
        "misconception": None,
        "seconds": 0.25,
    }
    status = "passed" if points == 2 else "failed"
    entry = {"name": name, "status": status, "points": points, "max_points": 2.0, "checks": [check]}
    return MadeExercise(name, conditions, LAYERS, {**entry, **more})


def setup(**changed: Any) -> RunSetup:
    """A run over two paths."""
    paths = [Path("/class/one"), Path("two")]
    setup = RunSetup(
        *("Deep learning", 7, "cpu", "strict", "2.13.0", "0.1.0", ""), paths, None, Path("/course")
    )
    return replace(setup, **changed)


def begun(gradebook: Gradebook, **changed: Any) -> int:
    """The number of a run that has begun."""
    return gradebook.begin(setup(**changed))


def graded(
    gradebook: Gradebook,
    id: str,
    points: float = 1.5,
    *,
    run: int | None = None,
    work: str = WORK,
    conditions: Conditions = CONDITIONS,
    message: str | None = None,
) -> Grading:
    """Add a grading of one exercise."""
    made = exercise(points=points, conditions=conditions, message=message)
    number = begun(gradebook) if run is None else run
    return gradebook.add(NewGrading(number, id, work, None, [made]))


def rejected(
    gradebook: Gradebook, id: str, reason: str, run: int, unless_newest: bool = False
) -> Grading:
    """Add a rejection."""
    return gradebook.add(NewGrading(run, id, WORK, reason), unless_newest=unless_newest)


def found(gradebook: Gradebook, id: str, work: str = WORK) -> GradedExercise | None:
    """What is reusable of the exercise `losses`."""
    return gradebook.find(id, work, {"losses": CONDITIONS}).get("losses")


def adding(address: str | Path, prefix: str, number: int, prelude: str = "") -> Any:
    """A process that has opened the gradebook and waits for a line before it adds."""
    process = subprocess.Popen(
        [sys.executable, "-c", prelude + _ADDS, str(address), prefix, str(number)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


@pytest.fixture(scope="session")
def server() -> Iterator[postgres.Server]:
    with postgres.running() as running:
        yield running


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str | Path:
    """Where a new gradebook may be: a file, then a database on a server."""
    if request.param == "sqlite":
        return tmp_path / "gradebook.db"
    database: Callable[[], str] = request.getfixturevalue("server").database
    return database()


@pytest.fixture
def gradebook(address: str | Path) -> Iterator[Gradebook]:
    with Gradebook(address) as gradebook:
        yield gradebook
