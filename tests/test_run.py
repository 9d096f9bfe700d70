"""`grader grade` and `grader demo` as an instructor runs them: real processes, real files."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT
from notebook_files import notebook, writing

from grader.examiner.accounts import START
from grader.profile import (
    COMPARISON,
    FORK,
    REFERENCE,
    REPORT,
    SHRINKING,
    STUDENT,
    TRANSPORT,
)

Files = Mapping[str, bytes]
WRONG_ADDRESS = "postgresql://ada:secret@127.0.0.1:1/grades"
GRADER = [sys.executable, "-m", "grader.cli"]
CHECK_KEYS = (
    "id title function hidden outcome points max_points message hint misconception seconds"
).split()


def grader(
    *arguments: object, status: int | None = 0, folder: Path = ROOT, **variables: str
) -> subprocess.CompletedProcess[str]:
    command = [*GRADER, *map(str, arguments)]
    environment = {**os.environ, **variables}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300
    )
    assert status is None or done.returncode == status, done.stdout + done.stderr
    return done


def write(folder: Path, files: Files) -> None:
    folder.mkdir(parents=True)
    for name, source in files.items():
        (folder / name).write_bytes(source)


def without_seconds(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_seconds(item) for key, item in value.items() if key != "seconds"}
    return [without_seconds(item) for item in value] if isinstance(value, list) else value


@pytest.fixture(scope="module")
def submissions(tmp_path_factory: pytest.TempPathFactory, solutions: Files, stubs: Files) -> Path:
    """A small class: a folder each, one zip with a notebook, and a hand-in with nothing in it."""
    folder = tmp_path_factory.mktemp("class")
    l1 = b"\ndef l1_loss(input, target, reduction='mean'):\n"
    write(folder / "ada", solutions)
    write(folder / "bela", stubs)
    write(
        folder / "chidi",
        {**solutions, "losses.py": solutions["losses.py"] + l1 + b"    return input.sum()\n"},
    )
    write(
        folder / "dana",
        {"losses.py": solutions["losses.py"] + l1 + b"    import os\n    os._exit(0)\n"},
    )
    with zipfile.ZipFile(folder / "emil.zip", "w") as archive:  # who wrote losses in a notebook
        for name, source in {**solutions, "losses.py": stubs["losses.py"]}.items():
            archive.writestr(f"hw/exercises/{name}", source)
        cell = writing(solutions["losses.py"].decode())
        archive.writestr("hw/notebooks/losses.ipynb", notebook(cell))
    write(folder / "farah", {"notes.txt": b"sorry"})
    return folder


@pytest.fixture(scope="module")
def run(submissions: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The undisturbed run over the class."""
    out = tmp_path_factory.mktemp("undisturbed")
    done = grader("grade", submissions, "--out", out, "--json", out / "run.json", status=1)
    assert "6 submissions" in done.stdout
    loaded: dict[str, Any] = json.loads((out / "run.json").read_text())
    return {**loaded, "out": str(out), "stdout": done.stdout}


def test_the_json_is_as_documented(run: dict[str, Any]) -> None:
    assert run["format"] == 1
    assert 0 <= run["seed"] < 1 << 53 and run["device"] == "cpu"
    assert run["sandbox"]["level"] == "strict"
    assert {"rlimits", "landlock", "seccomp"} <= set(run["sandbox"]["layers"])
    ids = [grade["id"] for grade in run["submissions"]]
    assert ids == sorted(ids) == ["ada", "bela", "chidi", "dana", "emil.zip", "farah"]
    for grade in run["submissions"]:
        assert set(grade) == {"id", "status", "reason", "points", "max_points", "exercises"}
        for exercise in grade["exercises"]:
            assert set(exercise) == {"name", "status", "points", "max_points", "checks"}
            assert all(set(check) == set(CHECK_KEYS) for check in exercise["checks"])


def test_each_submission_gets_its_grade(run: dict[str, Any]) -> None:
    points = {grade["id"]: grade["points"] for grade in run["submissions"]}
    assert points["ada"] == points["emil.zip"] == 100
    assert points["bela"] == points["farah"] == 0
    assert 90 < points["chidi"] < 100
    assert 10 < points["dana"] < 16
    farah = run["submissions"][-1]
    assert farah["status"] == "rejected" and "losses.py" in farah["reason"]


def test_the_table_names_what_failed(run: dict[str, Any]) -> None:
    table = run["stdout"]
    assert "l1_loss (crashed)" in table
    assert "layers: error" in table
    assert "\x1b" not in table


@pytest.fixture(scope="module")
def profiled(
    run: dict[str, Any], submissions: Path, tmp_path_factory: pytest.TempPathFactory
) -> subprocess.CompletedProcess[str]:
    """The same once more, one at a time, with the profile, and nothing kept from before."""
    same = ("--out", tmp_path_factory.mktemp("profiled"), "--seed", run["seed"])
    more = ("--json", "-", "--jobs", 1, "--profile")
    return grader("grade", submissions, *same, *more, status=1, GRADER_CACHE="off")


def test_two_runs_differ_in_nothing_but_the_seconds(
    run: dict[str, Any], profiled: subprocess.CompletedProcess[str]
) -> None:
    again = json.loads(profiled.stdout)
    expected = {key: value for key, value in run.items() if key not in ("out", "stdout")}
    assert without_seconds(again) == without_seconds(expected)


def test_a_profile_accounts_for_the_whole_run(
    profiled: subprocess.CompletedProcess[str],
) -> None:
    _, _, table = profiled.stderr.partition("where the processor time went")
    found = re.findall(r"^ *([^\d\n]+?) {2,}(-?[0-9.]+)", table, re.MULTILINE)
    seconds = {name: float(number) for name, number in found}
    total, left = seconds.pop("in all"), seconds.pop("not accounted for")
    assert len(seconds) == 13
    assert all(number >= 0 for number in seconds.values())
    for name in (STUDENT, COMPARISON, TRANSPORT, FORK, SHRINKING, REFERENCE, START, REPORT):
        assert seconds[name] > 0.01, table
    assert -0.02 * total < left < 0.1 * total, table


def test_a_finished_run_keeps_its_seed_and_grades_nobody_again(
    run: dict[str, Any], submissions: Path
) -> None:
    done = grader("grade", submissions, "--out", run["out"], "--json", "-", status=1)
    again = json.loads(done.stdout)
    expected = {key: value for key, value in run.items() if key not in ("out", "stdout")}
    assert done.stderr.count("(graded before)") == 5
    assert without_seconds(again) == without_seconds(expected)


def test_one_file_is_a_submission_of_one_exercise(tmp_path: Path, solutions: Files) -> None:
    source = solutions["losses.py"] + b"\n\ndef mse_loss(input, target, reduction='mean'):\n"
    file = tmp_path / "losses.py"
    file.write_bytes(source + b"    return (input - target).square().sum()\n")
    options = "--only", "losses", "--out", tmp_path / "out", "--fail-under", "90"
    done = grader("grade", file, *options, status=1)
    assert "mse_loss(torch.tensor(" in done.stdout
    assert "expected  torch.tensor(" in done.stdout
    grader("grade", file, "--only", "losses", "--out", tmp_path / "out", "--fail-under", "50")


def test_bad_usage_is_one_clear_line(tmp_path: Path, submissions: Path) -> None:
    out = "--out", tmp_path / "out"
    for arguments, said in (
        ((tmp_path / "nowhere", *out), "nowhere"),
        ((submissions, "--only", "lossses", *out), "there is no exercise 'lossses'"),
        ((submissions, "--course", tmp_path, *out), "course.toml"),
        ((submissions, "--sandbox", "loose", *out), "strict"),
        ((submissions, "--device", "tpu", *out), "cpu or cuda"),
        ((submissions, "--gradebook", WRONG_ADDRESS, *out), "the server cannot be reached"),
    ):
        done = grader("grade", *arguments, status=2)
        assert said in done.stderr
        assert len(done.stderr.strip().splitlines()) == 1, done.stderr
        assert "Traceback" not in done.stderr and "secret" not in done.stderr


def test_a_gpu_that_is_not_there_is_a_clear_error(tmp_path: Path, submissions: Path) -> None:
    import torch

    if torch.cuda.is_available():
        pytest.skip("this machine has a GPU")
    done = grader("grade", submissions, "--device", "cuda", "--out", tmp_path, status=1)
    assert "torch finds no GPU on this machine" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_course_whose_solution_is_wrong_is_refused(tmp_path: Path, submissions: Path) -> None:
    for name in ("course.toml", "exercises", "solutions"):
        source = ROOT / name
        copy = shutil.copytree if source.is_dir() else shutil.copy
        copy(source, tmp_path / name)
    shutil.copytree(ROOT / "grader" / "checks", tmp_path / "grader" / "checks")
    solution = tmp_path / "solutions" / "losses.py"
    solution.write_text(solution.read_text().replace("100", "90"))
    options = "--course", tmp_path, "--only", "losses", "--out", tmp_path / "out"
    done = grader("grade", submissions, *options, status=1)
    assert "the course's own solution does not pass losses/" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_demo_ends_with_its_table_and_writes_nowhere_else(tmp_path: Path) -> None:
    here = tmp_path / "here"
    here.mkdir()
    options = "--size", "3", "--to", tmp_path / "class", "--course", ROOT
    done = grader("demo", *options, folder=here)
    assert list(here.iterdir()) == []
    assert "100/100" in done.stdout
    assert "l1_loss" in done.stdout
    assert "gradebook.db" in done.stdout
    assert len(os.listdir(tmp_path / "class" / "submissions")) == 3
