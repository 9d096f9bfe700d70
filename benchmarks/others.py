"""Other ways to grade the same checks: a fresh pytest, gradescope-utils' runner, and otter.

Each is used as its own documentation has it, one process a submission. What is not part of this
project's environment gets a throwaway one, which sees the project's packages beside its own.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from xml.etree import ElementTree

from classroom import PYTEST, Pupil, check_names, copied_course, write_files
from measuring import PART_SECONDS, BenchmarkError, finish, start
from plain_checks import FOLDER_VARIABLE

from grader.course import Course


@dataclass(frozen=True)
class Verdict:
    """What a way of grading says of a submission: how many checks it ran, and which failed."""

    checks: int
    failed: Mapping[str, int]  # by exercise; none with 0


class NotInstalledError(Exception):
    """A way of grading cannot be had on this machine; says why in a line."""


class Other(Protocol):
    """Another way of grading."""

    name: str

    def ready(self, pupil: Pupil, folder: Path) -> Path:
        """Lay out all that grading this submission needs, in a new folder; not timed."""
        ...

    def grade(self, place: Path) -> Verdict:
        """Grade what was laid out, in a fresh process."""
        ...


class Pytest:
    """What one does without a grader: the checks and the submission in a folder, and `pytest`."""

    name = "pytest, a fresh process each"

    def __init__(self, course: Course) -> None:
        self._course = course

    def ready(self, pupil: Pupil, folder: Path) -> Path:
        copied_course(self._course, folder)
        shutil.rmtree(folder / "grader" / "misconceptions", ignore_errors=True)
        shutil.rmtree(folder / "solutions")
        write_files(pupil, folder / "exercises")
        return folder

    def grade(self, place: Path) -> Verdict:
        results = place / "results.xml"
        command = [sys.executable, "-P", "-m", "pytest", "-q", *PYTEST, f"--rootdir={place}"]
        command += [f"--junitxml={results}", "exercises", "grader/checks"]
        _run(command, place, (0, 1))
        cases = list(ElementTree.parse(results).iter("testcase"))
        failed = [case for case in cases if len(case)]
        return _verdict(len(cases), [_exercise_of(case.attrib["classname"]) for case in failed])


def _exercise_of(classname: str) -> str:
    """`grader.checks.test_losses` is about losses."""
    return classname.rpartition("test_")[2]


class Gradescope:
    """Gradescope's Python autograder: unittest, and gradescope-utils' runner of it.

    https://gradescope-autograders.readthedocs.io/en/latest/python/
    """

    name = "gradescope-utils, a fresh process each"

    def __init__(self, course: Course, folder: Path) -> None:
        self._python = environment(folder / "environment", ["gradescope-utils"])
        self._course = course
        self._source = folder / "source"
        (self._source / "tests").mkdir(parents=True)
        (self._source / "run_tests.py").write_text(_RUN_TESTS, encoding="utf-8")
        names = check_names(course)
        for exercise in course.names:
            text = _written(_UNITTESTS, _UNITTEST, exercise, names)
            (self._source / "tests" / f"test_{exercise}.py").write_text(text, encoding="utf-8")

    def ready(self, pupil: Pupil, folder: Path) -> Path:
        shutil.copytree(self._source, folder)
        write_files(pupil, folder)
        return folder

    def grade(self, place: Path) -> Verdict:
        _run([str(self._python), "run_tests.py"], place, (0,), _variables(self._course))
        tests = json.loads((place / "results.json").read_text(encoding="utf-8"))["tests"]
        failed = [test["number"] for test in tests if test["status"] != "passed"]
        return _verdict(len(tests), [number.partition("/")[0] for number in failed])


_RUN_TESTS = """
import unittest

from gradescope_utils.autograder_utils.json_test_runner import JSONTestRunner

if __name__ == "__main__":
    suite = unittest.defaultTestLoader.discover("tests")
    with open("results.json", "w") as stream:
        JSONTestRunner(visibility="visible", stream=stream).run(suite)
"""
_UNITTESTS = """
import unittest

import {exercise}
from gradescope_utils.autograder_utils.decorators import number, weight
from plain_checks import run_check


class TestExercise(unittest.TestCase):
"""
_UNITTEST = """
    @weight(1)
    @number("{exercise}/{name}")
    def {name}(self):
        run_check("{exercise}", "{name}", {exercise})
"""


class Otter:
    """`otter run` of otter-grader: a notebook imports what is handed in, a check is a test case.

    https://otter-grader.readthedocs.io/en/latest/workflow/executing_submissions/otter_run.html
    """

    name = "otter run"

    def __init__(self, course: Course, folder: Path) -> None:
        # The kernel that runs a notebook is no dependency of otter-grader.
        self._python = environment(folder / "environment", ["otter-grader", "ipykernel"])
        self._course = course
        self._own = folder / "jupyter"
        self._autograder = folder / "autograder.zip"
        names = check_names(course)
        with zipfile.ZipFile(self._autograder, "w") as archive:
            archive.writestr("otter_config.json", json.dumps({"show_hidden": True}))
            for exercise in course.names:
                text = _written(_CASES, _CASE, exercise, names)
                archive.writestr(f"tests/{exercise}.py", text)

    def ready(self, pupil: Pupil, folder: Path) -> Path:
        folder.mkdir(parents=True)
        imports = "\n".join(f"import {name}" for name in self._course.names)
        with zipfile.ZipFile(folder / "submission.zip", "w") as archive:
            archive.writestr("submission.ipynb", json.dumps(_notebook(imports)))
            for name, source in pupil.files.items():
                archive.writestr(name, source)
        return folder

    def grade(self, place: Path) -> Verdict:
        command = [str(self._python.with_name("otter")), "run", "--no-logo"]
        command += ["-a", str(self._autograder), "-o", str(place), "submission.zip"]
        jupyter = {"IPYTHONDIR": str(self._own), "JUPYTER_RUNTIME_DIR": str(self._own / "runtime")}
        said = _run(command, place, (0,), _variables(self._course) | jupyter)
        tests = json.loads((place / "results.json").read_text(encoding="utf-8"))["tests"]
        scored = {test["name"]: test for test in tests if "max_score" in test}
        if set(scored) != set(self._course.names):
            raise BenchmarkError(f"otter run: {tests}\n{said}")
        checks = sum(round(test["max_score"]) for test in scored.values())
        failed = {name: round(test["max_score"] - test["score"]) for name, test in scored.items()}
        return Verdict(checks, {name: count for name, count in failed.items() if count})


_CASES = """
OK_FORMAT = False

from otter.test_files import test_case
from plain_checks import run_check

name = "{exercise}"
points = None
"""
_CASE = """

@test_case(name="{name}", points=1, hidden=True)
def {name}({exercise}):
    run_check("{exercise}", "{name}", {exercise})
"""


def _notebook(source: str) -> dict[str, object]:
    cell: dict[str, object] = {
        "cell_type": "code",
        "id": "imports",
        "metadata": {},
        "execution_count": None,
        "outputs": [],
        "source": source,
    }
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    return {"cells": [cell], "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def _written(head: str, each: str, exercise: str, names: Sequence[tuple[str, str]]) -> str:
    """The tests of an exercise as source: the head, and a function for each of its checks."""
    cases = [each.format(exercise=exercise, name=name) for of, name in names if of == exercise]
    return head.format(exercise=exercise) + "".join(cases)


# processes and environments


def _variables(course: Course) -> dict[str, str]:
    return {FOLDER_VARIABLE: str(course.root), "PYTHONPATH": str(Path(__file__).parent)}


def _run(
    command: Sequence[str],
    folder: Path,
    good: Sequence[int],
    environment: dict[str, str] | None = None,
) -> str:
    status, output = finish(start(command, folder, environment))
    if status not in good:
        raise BenchmarkError(f"{' '.join(command)} ended with {status}:\n{output}")
    return output


def _verdict(checks: int, failed: Sequence[str]) -> Verdict:
    return Verdict(checks, {name: failed.count(name) for name in sorted(set(failed))})


def environment(folder: Path, packages: Sequence[str]) -> Path:
    """The Python of a throwaway environment: packages, and this project's beside them.

    Packages that both have are of the project's versions. NotInstalledError where uv is missing
    or finds a package nowhere.
    """
    if shutil.which("uv") is None:
        raise NotInstalledError("uv is not installed, which makes throwaway environments")
    python = folder / "bin" / "python"
    constraints = folder / "constraints.txt"
    _uv("venv", "--python", sys.executable, str(folder))
    frozen = _uv("pip", "freeze", "--exclude-editable", "--python", sys.executable)
    constraints.write_text(frozen, encoding="utf-8")
    _uv("pip", "install", "--python", str(python), "--constraint", str(constraints), *packages)
    (purelib,) = folder.glob("lib/python*/site-packages")
    site = f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n"
    (purelib / "project.pth").write_text(site, encoding="utf-8")
    return python


def _uv(*arguments: str) -> str:
    """What uv says; NotInstalledError with the last line of its error."""
    kept = {name: text for name, text in os.environ.items() if name != "VIRTUAL_ENV"}
    done = subprocess.run(
        ["uv", *arguments], env=kept, capture_output=True, text=True, timeout=PART_SECONDS
    )
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["it says nothing"])[-1].strip()
        raise NotInstalledError(f"uv {arguments[0]}: {reason}")
    return done.stdout
