"""What the tests of the engine share: one warm pair, and the course's own files as submissions."""

from __future__ import annotations

import atexit
import importlib.util
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import hypothesis
import pytest
from books import address, gradebook, server  # noqa: F401  # fixtures
from browsers import browser, opened  # noqa: F401  # fixtures
from warm_pytest import warm  # noqa: F401  # a fixture

from grader.course import Course, load_course
from grader.examiner.engine import Engine, EngineSettings
from grader.examiner.shelf import VARIABLE

ROOT = Path(__file__).parent.parent


# The same examples in every run; HYPOTHESIS_SEARCH=1 looks for others.
hypothesis.settings.register_profile(
    "steady", derandomize="HYPOTHESIS_SEARCH" not in os.environ, deadline=None, database=None
)


def pytest_configure() -> None:
    """What CI sets for this run is not for those that tests start: `pytest exercises` is one.

    Nor does an engine take what one before these tests has kept.
    """
    os.environ.pop("PYTEST_ADDOPTS", None)
    kept = tempfile.mkdtemp(prefix="kept-recordings-")
    atexit.register(shutil.rmtree, kept, ignore_errors=True)
    os.environ[VARIABLE] = kept
    hypothesis.settings.load_profile("steady")


@pytest.fixture(scope="session")
def course() -> Course:
    return load_course(ROOT)


@pytest.fixture(scope="session")
def engine(course: Course) -> Iterator[Engine]:
    """The warm pair for the whole course, started once for all tests."""
    with Engine(EngineSettings(course)) as running:
        yield running


def solution(name: str) -> ModuleType:
    """A solution as a module, under a name that stands in nobody's way."""
    spec = importlib.util.spec_from_file_location(
        f"solved_{name}", ROOT / "solutions" / f"{name}.py"
    )
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def files_in(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted(folder.glob("*.py"))}


@pytest.fixture(scope="session")
def solutions(course: Course) -> dict[str, bytes]:
    return files_in(course.solutions)


@pytest.fixture(scope="session")
def stubs(course: Course) -> dict[str, bytes]:
    return {
        exercise.file_name: (course.stubs / exercise.file_name).read_bytes()
        for exercise in course.exercises
    }
