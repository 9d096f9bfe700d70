"""The handout in a student's hands: unpacked, installed in a fresh environment, run."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest
from conftest import ROOT
from handouts import changed

from grader.commands import INSTRUCTORS
from grader.course import load_course
from grader.handout import make_handout

COURSE = load_course(ROOT)
CHECKS = sum(
    len(re.findall(r"^def test_", file.read_text(encoding="utf-8"), re.MULTILINE))
    for file in COURSE.stubs.glob("test_*.py")
)
OURS = ("PYTEST_", "COV_", "HYPOTHESIS_", "PYTHON", "VIRTUAL_ENV", "UV_PROJECT_ENVIRONMENT")


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a student has after `unzip course.zip`, far from the repository."""
    made = make_handout(changed(COURSE), tmp_path_factory.mktemp("made") / "course")
    folder = tmp_path_factory.mktemp("student")
    with zipfile.ZipFile(made.archive) as archive:
        archive.extractall(folder)
    shutil.rmtree(made.folder)
    return folder / "course"


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a command as a student types it, with nothing of this run's environment."""
    environment = {name: text for name, text in os.environ.items() if not name.startswith(OURS)}
    return subprocess.run(
        command,
        cwd=folder,
        env=environment | {"COLUMNS": "200", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=900,  # the first installs PyTorch
        check=False,
    )


@pytest.fixture(scope="module")
def first(unpacked: Path) -> subprocess.CompletedProcess[str]:
    """The first command of the handout's README: it makes the environment and runs the checks."""
    if shutil.which("uv") is None:
        pytest.fail("uv is missing: `pip install uv`; students install the handout with it")
    return run(unpacked, "uv", "run", "pytest", "exercises")


def python(unpacked: Path) -> str:
    (found,) = [*unpacked.glob(".venv/bin/python"), *unpacked.glob(".venv/Scripts/python.exe")]
    return str(found)


def test_every_check_of_the_stubs_is_still_to_do(first) -> None:
    assert first.returncode == pytest.ExitCode.TESTS_FAILED, first.stderr
    assert f"= {CHECKS} todo in " in first.stdout
    assert "plugins:" in first.stdout and "torchgrade-" in first.stdout


def test_the_next_function_is_named_with_its_place(first, unpacked: Path) -> None:
    for exercise in COURSE.exercises:
        (line,) = re.findall(rf"^{exercise.name} +[█░]+ .*$", first.stdout, re.MULTILINE)
        assert f" write: {exercise.functions[0]}" in line
    last = first.stdout.splitlines()[-1]
    exercise = COURSE.exercises[0]
    (place,) = re.findall(rf"^next: write {exercise.functions[0]} \((.*):\d+\)$", last)
    assert (unpacked / place).is_file()


def test_a_function_that_is_right_passes_and_a_wrong_one_shows_why(first, unpacked: Path) -> None:
    written = """
def l1_loss(input, target, reduction="mean"):
    if input.shape != target.shape or reduction not in ("mean", "sum", "none"):
        raise ValueError("bad arguments")
    apart = abs(input - target)
    return apart if reduction == "none" else getattr(apart, reduction)()


def mse_loss(input, target, reduction="mean"):
    return ((input - target) ** 2).sum()
"""
    losses = unpacked / "exercises" / "losses.py"
    losses.write_text(losses.read_text(encoding="utf-8") + written, encoding="utf-8")
    checks = ("-m", "pytest", "exercises/test_losses.py", "-k", "l1_loss or mse_loss")
    done = run(unpacked, python(unpacked), *checks)
    assert "= 2 failed, 2 passed, 4 deselected in " in done.stdout, done.stdout + done.stderr
    (expected,) = re.findall(r"^expected  (.*)\ngot       torch.tensor\(10.0\)$", done.stdout, re.M)
    assert expected.startswith("torch.tensor(3.333333")
    assert "next: mend mse_loss (exercises/losses.py:" in done.stdout


def test_what_runs_is_the_graders_part_that_was_handed_out(first, unpacked: Path) -> None:
    source = "import grader; print(grader.__file__); import grader.plugin, grader.student.session"
    done = run(unpacked, python(unpacked), "-c", source)
    assert done.stdout.strip() == str(unpacked / "grader" / "__init__.py"), done.stderr


def test_the_instructors_commands_are_not_offered_and_say_whose_they_are(
    first, unpacked: Path
) -> None:
    offered = run(unpacked, python(unpacked), "-m", "grader.cli", "--help")
    assert offered.returncode == 0, offered.stderr
    assert "pytest exercises" in offered.stdout
    for name in [name for names in INSTRUCTORS.values() for name in names]:
        assert not re.search(rf"^\W*{name}\b", offered.stdout, re.MULTILINE)
    asked = run(unpacked, python(unpacked), "-m", "grader.cli", "grade", "exercises", "--jobs", "2")
    assert asked.returncode == 2
    assert asked.stderr == (
        "grader: `grade` is the instructor's and not part of a handout; "
        "your checks run with: pytest exercises\n"
    )
