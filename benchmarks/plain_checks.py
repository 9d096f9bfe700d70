"""The course's own checks for runners that are not pytest: called as the functions they are.

A check function is given what its fixtures would give it, and the module that was handed in is
asked in this very process. Nothing is forbidden, confined, hinted at or named: this is the less
work. The folder of the course is the environment's COURSE_FOLDER.
"""

from __future__ import annotations

import functools
import importlib.util
import inspect
import os
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import torch

from grader.checking.drawing import Drawn
from grader.checking.expectations import Expectation
from grader.checking.question import Question
from grader.checking.subjects import StandIn
from grader.plugin import draw_as_checks_do, images_in
from grader.probes import run_probe
from grader.sandbox.loader import describe_exception

FOLDER_VARIABLE = "COURSE_FOLDER"


def run_check(exercise: str, name: str, module: ModuleType) -> None:
    """Run one check on a module; AssertionError where its answers are wrong."""
    function = _functions(exercise)[name]
    fixtures: dict[str, Any] = {
        exercise: StandIn(exercise, functools.partial(_examine, module)),
        "drawn": Drawn("0", name),
        "device": "cpu",
    }
    wanted = inspect.signature(function).parameters
    if "images" in wanted:
        fixtures["images"] = images_in(None)
    function(**{name: fixtures[name] for name in wanted if name in fixtures})


def answer_of(function: Callable[..., Any], question: Question) -> dict[str, Any]:
    """What a function answers: what the probe observes, or what was raised."""
    try:
        arguments = question.args, dict(question.kwargs)
        return {"observation": run_probe(question.probe, function, "cpu", *arguments)}
    except Exception as error:
        return {"raised": describe_exception(error, ())}


def _examine(module: ModuleType, question: Question, expectation: Expectation) -> None:
    answer = answer_of(getattr(module, question.function), question)
    problem = expectation.problem_with(question, answer, "cpu")
    if problem is not None:
        raise AssertionError(problem.message)


@functools.cache
def _functions(exercise: str) -> dict[str, Callable[..., Any]]:
    """The check functions of an exercise, public and hidden, by name."""
    torch.set_num_threads(1)
    draw_as_checks_do(derandomize=True)
    course = Path(os.environ[FOLDER_VARIABLE])
    functions = {}
    for number, folder in enumerate((course / "exercises", course / "grader" / "checks")):
        file = folder / f"test_{exercise}.py"
        spec = importlib.util.spec_from_file_location(f"checks_{number}_{exercise}", file)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        functions.update(
            {name: found for name, found in vars(module).items() if name.startswith("test_")}
        )
    return functions
