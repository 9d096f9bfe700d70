"""What a student is told of an answer that is not as expected."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from grader.checking.compare import (
    Tolerance,
)
from grader.checking.expectations import Matches, Raises
from grader.checking.question import Question
from grader.outcome import Contrast, Problem

EXACT = Tolerance()
QUESTION = Question("losses", "l1_loss", "call", (torch.tensor([1.0]), 2), {"reduction": "sum"})


def observed(value: Any, **more: Any) -> dict[str, Any]:
    return {"value": value, "devices": ["cpu"], "changed": [], **more}


# the problem with an answer


def test_a_wrong_value_is_told_with_the_call_that_gave_it():
    problem = Matches(observed(2), EXACT).problem_with(
        QUESTION, {"observation": observed(3)}, "cpu"
    )
    call = "l1_loss(torch.tensor([1.0]), 2, reduction='sum')"
    assert problem == Problem("failed", numbers=3, call=call, contrast=Contrast("2", "3"))
    assert problem.message == f"{call}\nexpected  2\ngot       3"


def test_what_was_changed_beside_a_wrong_value_is_told_too():
    answer = {"observation": {**observed(3), "changed": ["input", "target"]}}
    problem = Matches(observed(2), EXACT).problem_with(QUESTION, answer, "cpu")
    assert problem is not None
    assert problem.message.splitlines()[-1] == "it changed too: input, target"
    answer = {"observation": {**observed(2), "changed": ["input"]}}
    problem = Matches(observed(2), EXACT).problem_with(QUESTION, answer, "cpu")
    assert problem is not None
    assert problem.message.splitlines()[-1] == "got       changed: input"
    answer = {"observation": {**observed(3), "changed": [7]}}
    problem = Matches(observed(2), EXACT).problem_with(QUESTION, answer, "cpu")
    assert problem is not None and problem.notes == ()


def test_a_right_answer_is_no_problem():
    answer = {"observation": observed(2)}
    assert Matches(observed(2), EXACT).problem_with(QUESTION, answer, "cpu") is None


def test_a_stub_is_still_to_be_written():
    raised = {"types": ["NotImplementedError", "RuntimeError"], "message": "TODO: l1_loss"}
    for expectation in (Matches(observed(2), EXACT), Raises(("NotImplementedError",))):
        problem = expectation.problem_with(QUESTION, {"raised": raised}, "cpu")
        assert problem == Problem("todo", "l1_loss is still to be written")


def test_another_not_implemented_error_is_the_students_own():
    raised = {"types": ["NotImplementedError"], "message": "no such reduction"}
    problem = Matches(observed(2), EXACT).problem_with(QUESTION, {"raised": raised}, "cpu")
    assert problem is not None
    assert problem.outcome == "error"
    assert (
        Raises(("NotImplementedError",)).problem_with(QUESTION, {"raised": raised}, "cpu") is None
    )


def test_an_exception_is_told_with_the_students_lines():
    raised = {
        "types": ["ZeroDivisionError", "ArithmeticError"],
        "message": "division by zero",
        "frames": [["losses.py", 7, "l1_loss", "return 1 / 0"], "garbage", [1, 2]],
    }
    problem = Matches(observed(2), EXACT).problem_with(QUESTION, {"raised": raised}, "cpu")
    assert problem is not None
    assert problem.outcome == "error"
    assert problem.message.splitlines()[1:] == [
        "expected  2",
        "got       ZeroDivisionError: division by zero",
        "  losses.py, line 7: return 1 / 0",
    ]


LOSSES = {"value": {"losses": [1.0], "state": {"0.weight": torch.zeros(1)}}, "changed": []}


@pytest.mark.parametrize(
    ("observation", "expected"),
    [
        (observed(2), "2"),
        (observed([1.5, 0.25]), "[1.5, 0.25]"),
        (observed(torch.tensor([1.0])), "torch.tensor([1.0])"),
        (observed(torch.arange(40.0)), "no exception"),
        (observed([[1.0], [2.0]]), "no exception"),
        (observed({"a": 1}), "no exception"),
        (LOSSES, "no exception"),
    ],
)
def test_where_an_exception_came_only_a_short_value_is_told(observation, expected):
    raised = {"types": ["KeyError"], "message": "'x'"}
    problem = Matches(observation, EXACT).problem_with(QUESTION, {"raised": raised}, "cpu")
    assert problem is not None
    assert problem.message.splitlines()[1] == f"expected  {expected}"


def test_the_part_that_differs_is_told_and_nothing_after_it():
    start, steps = [torch.tensor([1.0])], [[torch.tensor([float(step)])] for step in (1, 2, 4)]
    question = Question("optimizers", "SGD", "optimize", (start, steps), {"lr": 0.1})
    values = [
        [[torch.tensor([number])] for number in row] for row in ((0.9, 0.7, 0.3), (0.9, 1.0, 2.0))
    ]
    expected, got = (observed(value) for value in values)
    problem = Matches(expected, EXACT).problem_with(question, {"observation": got}, "cpu")
    assert problem is not None
    assert problem.numbers == 4
    assert problem.message.splitlines() == [
        "w = nn.Parameter(torch.tensor([1.0]))",
        "optimizer = SGD([w], lr=0.1)",
        "for gradient in [torch.tensor([1.0]), torch.tensor([2.0])]:",
        "    w.grad = gradient",
        "    optimizer.step()",
        "    print(w.data)",
        "after step 2, w:",
        "expected  torch.tensor([0.7])",
        "got       torch.tensor([1.0])",
    ]


def test_a_function_that_is_gone_is_told():
    problem = Matches(observed(2), EXACT).problem_with(QUESTION, {"missing": "l1_loss"}, "cpu")
    assert problem is not None
    assert problem.outcome == "error"
    assert problem.message.startswith("losses.py has no l1_loss")


def test_what_is_forbidden_is_told_by_name_and_line():
    answer = {
        "forbidden": ["torch.nn.functional.l1_loss"],
        "frames": [["exercises/losses.py", 3, "", "return F.l1_loss(input, target)"]],
    }
    problem = Matches(observed(2), EXACT).problem_with(QUESTION, answer, "cpu")
    assert problem is not None
    assert (problem.outcome, problem.message) == (
        "forbidden",
        "l1_loss used torch.nn.functional.l1_loss, which this exercise asks you to write\n"
        "  exercises/losses.py, line 3: return F.l1_loss(input, target)",
    )


def test_an_exception_that_is_expected_may_be_a_derived_one():
    raised = {"types": ["UnicodeError", "ValueError", "Exception"], "message": "no shape"}
    answer = {"raised": raised}
    assert Raises(("ValueError",)).problem_with(QUESTION, answer, "cpu") is None
    assert Raises(("TypeError", "ValueError")).problem_with(QUESTION, answer, "cpu") is None
    assert Raises(("ValueError",), ("shape",)).problem_with(QUESTION, answer, "cpu") is None


def test_what_another_probe_observed_is_not_what_was_returned():
    question = Question("optimizers", "SGD", "optimize", ([], []), {"lr": 0.1})
    problem = Raises(("ValueError",)).problem_with(question, {"observation": observed([])}, "cpu")
    assert problem is not None
    assert problem.message.splitlines()[1:] == ["expected  ValueError", "got       no exception"]


@pytest.mark.parametrize(
    ("answer", "expected", "got"),
    [
        ({"observation": observed(3)}, "ValueError", "no exception; it returned 3"),
        ({"raised": {"types": ["KeyError"], "message": ""}}, "ValueError", "KeyError"),
        (
            {"raised": {"types": ["ValueError"], "message": "bad"}},
            "ValueError whose message names shape",
            "ValueError: bad",
        ),
    ],
)
def test_another_end_than_the_exception_that_is_expected_is_told(answer, expected, got):
    mentions = ("shape",) if "shape" in expected else ()
    problem = Raises(("ValueError",), mentions).problem_with(QUESTION, answer, "cpu")
    assert problem is not None
    assert problem.outcome == "failed"
    assert problem.message.splitlines()[1:] == [f"expected  {expected}", f"got       {got}"]
