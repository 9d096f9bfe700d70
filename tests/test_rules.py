"""A sandbox refuses what several functions forbid, and none of them loses a point by that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from grader.course import Course
from grader.examiner.engine import Engine
from grader.examiner.rules import Rules

Files = Mapping[str, bytes]
FORBIDDEN = {"sigmoid": ["sigmoid"], "tanh": ["tanh", "nn.Tanh"], "relu": ["sigmoid"]}


def test_functions_that_forbid_something_share_what_is_refused():
    rules = Rules(FORBIDDEN)
    shared = ("nn.Tanh", "sigmoid", "tanh")
    assert {rules.refused_for(function) for function in FORBIDDEN} == {shared}
    assert rules.refused_for("collapse") == rules.own("collapse") == ()


def test_a_function_that_is_left_alone_has_its_own_names_refused():
    rules = Rules(FORBIDDEN)
    rules.leave_alone("tanh")
    assert rules.refused_for("tanh") == ("nn.Tanh", "tanh")
    assert rules.refused_for("relu") == ("nn.Tanh", "sigmoid", "tanh")


# what comes of it

SELF_TEST = """
import torch.nn.functional as F

x, y = torch.randn(4), torch.randn(4)
expected = F.mse_loss(x, y)
assert torch.allclose(squared_error(x, y), expected), "wrong"
optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)
optimizer.step()
print(expected)
"""
OF_ONE_ANOTHER = """
def sigmoid(x):
    return (torch.tanh(x / 2) + 1) / 2

def tanh(x):
    return 2 * torch.sigmoid(2 * x) - 1

def relu(x):
    return F.leaky_relu(x, 0.0)

def leaky_relu(x, negative_slope=0.01):
    return F.relu(x) - negative_slope * F.relu(-x)
"""


def graded(engine: Engine, solutions: Files, exercise: str, text: str) -> dict[str, Any]:
    """The grade of one exercise of the solutions with text put after it."""
    source = solutions[f"{exercise}.py"].decode() + text
    (grade,) = engine.examine({**solutions, f"{exercise}.py": source.encode()}, [exercise])
    return grade


def outcomes_of(grade: dict[str, Any], function: str) -> set[str]:
    return {check["outcome"] for check in grade["checks"] if check["function"] == function}


@pytest.mark.engine
def test_lines_that_try_functions_out_against_torch_cost_nothing(
    engine: Engine, solutions: Files
) -> None:
    grade = graded(engine, solutions, "linear_regression", SELF_TEST)
    assert grade["points"] == grade["max_points"], grade


@pytest.mark.engine
def test_functions_may_be_made_of_what_only_others_forbid(engine: Engine, solutions: Files) -> None:
    text = f"\nimport torch.nn.functional as F\n{OF_ONE_ANOTHER}"
    assert graded(engine, solutions, "layers", text)["status"] == "passed"


@pytest.mark.engine
def test_a_tensor_of_the_import_can_be_differentiated_where_that_is_allowed(
    engine: Engine, solutions: Files
) -> None:
    text = (
        "\n_ONE = torch.ones(())\n_solved = gradient_lifecycle\n"
        "def gradient_lifecycle(model, loss_fn, inputs, targets):\n"
        "    weighed = lambda output, target: _ONE * loss_fn(output, target)\n"
        "    return _solved(model, weighed, inputs, targets)\n"
    )
    assert graded(engine, solutions, "backprop", text)["status"] == "passed"


@pytest.mark.engine
def test_what_a_statement_would_have_made_by_what_is_forbidden_is_forbidden(
    engine: Engine, solutions: Files
) -> None:
    text = "\n_layer = nn.Linear(2, 2)\ndef linear(x, weight, bias=None):\n    return _layer(x)\n"
    grade = graded(engine, solutions, "layers", text)
    assert outcomes_of(grade, "linear") == {"forbidden"}
    said = next(c["message"] for c in grade["checks"] if c["outcome"] == "forbidden")
    assert "torch.nn.Linear" in said
    lost = [c["id"] for c in grade["checks"] if c["outcome"] != "passed"]
    assert {c["function"] for c in grade["checks"] if c["id"] in lost} == {"linear"}


@pytest.mark.engine
def test_a_module_that_cannot_be_imported_is_told_so_whatever_it_tried_first(
    engine: Engine, solutions: Files
) -> None:
    text = (
        "\ntorch.nn.functional.mse_loss(torch.ones(1), torch.ones(1))\nraise ValueError('mine')\n"
    )
    grade = graded(engine, solutions, "losses", text)
    assert grade["status"] == "error"
    assert all("ValueError: mine" in check["message"] for check in grade["checks"])


@pytest.mark.engine
def test_checks_are_told_in_the_course_order_whatever_came_first(
    engine: Engine, solutions: Files, course: Course
) -> None:
    (grade,) = engine.examine(solutions, ["linear_regression"])
    functions = [check["function"] for check in grade["checks"] if not check["hidden"]]
    assert functions == sorted(functions, key=course.exercise("linear_regression").functions.index)
