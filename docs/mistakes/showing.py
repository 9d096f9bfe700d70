"""Runs `pytest exercises` on a known mistake as a student's file, and keeps what it shows.

Each run is in a fork of this process, which has torch: a run then costs a fraction of a second.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hypothesis  # noqa: F401  # every fork has it
import pytest
import torch

import grader.checking.assertions
import grader.checking.diagnosis  # noqa: F401
from grader.course import Course, load_course
from grader.misconceptions import Misconception, wrong_source
from grader.student.unread import checks_of

WIDTH = 80
_HEADING = re.compile(r"=+ (.+?) =+")
_OTHERS = ("PYTEST_", "COV_", "HYPOTHESIS_", "CI", "BUILD_NUMBER", "FORCE_COLOR", "PY_COLORS")


@dataclass(frozen=True)
class Shown:
    """What a student sees of a mistake: the first check that is not passed.

    `numbers` is how many the input holds that shows it; `found` is the mistake that was named.
    """

    check: str
    text: str
    numbers: int
    hint: str | None
    found: str | None


class _Recorder:
    """A pytest plugin that keeps what came of each check."""

    def __init__(self) -> None:
        self.wrong: list[dict[str, Any]] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        result = getattr(report, "grader_result", None)
        if result is not None and result.outcome != "passed":
            numbers = result.problem.numbers if result.problem else 0
            self.wrong.append(
                {
                    "check": result.check.id,
                    "numbers": numbers,
                    "hint": result.hint,
                    "found": result.misconception,
                }
            )


def copy_of(course: Course, folder: Path) -> Path:
    """Make a copy of a course's public side in `folder`, with all of it solved."""
    shutil.copyfile(course.root / "course.toml", folder / "course.toml")
    shutil.copytree(
        course.stubs, folder / "exercises", ignore=shutil.ignore_patterns("__pycache__")
    )
    for exercise in course.exercises:
        target = folder / "exercises" / exercise.file_name
        shutil.copyfile(course.solutions / exercise.file_name, target)
    return folder


def show(course: Course, copy: Path, exercise: str, known: Misconception) -> Shown | None:
    """What is shown of a mistake in an exercise's file; None where every public check is passed."""
    file = copy / "exercises" / f"{exercise}.py"
    right = (course.solutions / file.name).read_text(encoding="utf-8")
    file.write_text(
        wrong_source(right, known.module_source, known.name, known.function), encoding="utf-8"
    )
    try:
        checks = checks_of(load_course(copy), copy / "exercises" / f"test_{exercise}.py") or []
        names = [name for name, _, check in checks if check.function == known.function]
        _in_a_fork(copy, ["exercises", "-x", "-k", " or ".join(names), "-p", "no:cacheprovider"])
    finally:
        file.write_text(right, encoding="utf-8")
    wrong = json.loads((copy / "wrong.json").read_text(encoding="utf-8"))
    if not wrong:
        return None
    return Shown(text=_failures((copy / "shown.txt").read_text(encoding="utf-8")), **wrong[0])


def _in_a_fork(copy: Path, arguments: list[str]) -> None:
    torch.set_num_threads(1)  # a fork of a process with more hangs at its next parallel loop
    sys.stdout.flush()
    child = os.fork()
    if child:
        _, status = os.waitpid(child, 0)
        if status:
            sys.exit(f"pytest {' '.join(arguments)} ended with status {status}")
        return
    status = 1
    try:
        os.chdir(copy)
        for name in [name for name in os.environ if name.startswith(_OTHERS)]:
            del os.environ[name]
        os.environ |= {"COLUMNS": str(WIDTH), "PYTHONDONTWRITEBYTECODE": "1"}
        sys.dont_write_bytecode = True
        with open("shown.txt", "wb") as shown:
            os.dup2(shown.fileno(), 1)
            os.dup2(shown.fileno(), 2)
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)
        recorder = _Recorder()
        pytest.main(arguments, plugins=[recorder])
        sys.stdout.flush()
        Path("wrong.json").write_text(json.dumps(recorder.wrong), encoding="utf-8")
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


def _failures(output: str) -> str:
    """What pytest writes between the heading FAILURES and the next, without colours."""
    lines = output.splitlines()
    headings = [n for n, each in enumerate(lines) if _HEADING.fullmatch(each)]
    start = next((n for n in headings if lines[n].strip("= ") == "FAILURES"), None)
    if start is None:
        raise ValueError(f"nothing of a failure is shown:\n{output}")
    end = min((n for n in headings if n > start), default=len(lines))
    return "\n".join(each.rstrip() for each in lines[start + 1 : end]).strip("\n")
