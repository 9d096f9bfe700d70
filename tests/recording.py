"""What the checks of the course ask, and what they expect, for tests of how it is worded."""

from __future__ import annotations

import functools
import os
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
import torch
from conftest import ROOT
from hypothesis import settings

from grader.checking.expectations import Expectation
from grader.checking.question import Question
from grader.course import Course, load_course

EXAMPLES = 10  # of each property: fewer than a student's run draws
Asked = tuple[Question, Expectation]


class Recorder:
    """Stands in for the student's run: it notes each question and is content with any answer."""

    def __init__(self) -> None:
        self.asked: dict[str, list[Asked]] = defaultdict(list)
        self.broken: list[str] = []

    def examine(self, question: Question, expectation: Expectation) -> None:
        self.asked[question.exercise].append((question, expectation))

    def pytest_collectreport(self, report: Any) -> None:
        if report.failed:
            self.broken.append(f"{report.nodeid}: {report.longreprtext}")

    def pytest_runtest_logreport(self, report: Any) -> None:
        result = getattr(report, "grader_result", None)
        if result is not None and result.outcome != "passed":
            self.broken.append(f"{result.check.id}: {result.message}")


def present(course: Course, name: str) -> bool:
    """Whether all files of an exercise are there."""
    return all(file.exists() for file in [*check_files(course, name), solution_file(course, name)])


def check_files(course: Course, name: str) -> list[Path]:
    """Its public and its hidden checks."""
    return [folder / f"test_{name}.py" for folder in (course.stubs, course.hidden_checks)]


def solution_file(course: Course, name: str) -> Path:
    return course.solutions / f"{name}.py"


def recorded(course: Course, names: list[str]) -> Recorder:
    """Run the checks of these exercises and record what they ask."""
    recorder = Recorder()
    arguments = [str(file) for name in names for file in check_files(course, name)]
    arguments += ["-c", os.devnull, f"--rootdir={course.root}", "--noconftest"]
    arguments += ["--import-mode=importlib", "--hypothesis-seed=0"]
    arguments += ["-p", "no:terminal", "-p", "no:cacheprovider"]
    profile, threads = settings.get_current_profile_name(), torch.get_num_threads()
    torch.set_num_threads(1)  # for tensors this small, more of them only wait for each other
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("grader.plugin.EXAMPLES", EXAMPLES)
            pytest.main(arguments, plugins=[recorder])
    finally:
        settings.load_profile(profile)
        torch.set_num_threads(threads)
    return recorder


@functools.cache
def of_the_course() -> Recorder:
    """What the whole course asks, recorded once for all tests."""
    course = load_course(ROOT)
    return recorded(course, [name for name in course.names if present(course, name)])
