"""Of the misconceptions of `backprop`: those whose numbers are right."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from conftest import solution
from torch.testing import assert_close

from grader.checking.source import forbidden_uses
from grader.course import Course
from grader.misconceptions import misconceptions_of, wrong_source

backprop = solution("backprop")
DOUBLE = torch.float64
X = torch.tensor([[1.0, -2.0], [0.0, 3.0], [0.5, 1.0]], dtype=DOUBLE)
Y = torch.tensor([[2.0, 1.0], [1.0, -1.0], [0.0, 4.0]], dtype=DOUBLE)
BY_AUTOGRAD: dict[str, tuple[Any, ...]] = {
    "numerical_by_autograd": (lambda x: (x**3).sum(), X),
    "linear_by_autograd": (X, Y[:2], X @ Y[:2].T),
    "relu_by_autograd": (X, Y),
    "mse_by_autograd": (X, Y),
    "ce_back_by_autograd": (X, torch.tensor([1, 0, 1])),
}
KNOWN = {known.name: known for known in misconceptions_of("backprop")}


@pytest.mark.parametrize("name", [*BY_AUTOGRAD, "numerical_on_the_cpu"])
def test_what_is_right_by_its_numbers(name: str) -> None:
    known = KNOWN[name]
    assert known.needs_gpu == (name not in BY_AUTOGRAD)
    arguments = BY_AUTOGRAD.get(name, BY_AUTOGRAD["numerical_by_autograd"])
    given = [one.clone() if isinstance(one, torch.Tensor) else one for one in arguments]
    found = known.definition(*given)  # type: ignore[operator]  # it is a function
    assert_close(found, getattr(backprop, known.function)(*arguments))


def test_what_calls_autograd_is_told_by_its_source(course: Course) -> None:
    exercise = course.exercise("backprop")
    source = (course.solutions / exercise.file_name).read_text(encoding="utf-8")
    for known in KNOWN.values():
        wrong = wrong_source(source, known.module_source, known.name, known.function)
        things = exercise.forbidden.get(known.function, ())
        uses = forbidden_uses(wrong, known.name, things)
        assert bool(uses) == (known.name in BY_AUTOGRAD), known.name


def test_each_function_has_its_own_and_shares_no_hint_with_another() -> None:
    hints: dict[str, set[str]] = {}
    for known in KNOWN.values():
        hints.setdefault(known.function, set()).add(known.hint)
    assert all(len(found) >= 8 for found in hints.values())
    assert set(hints) == {
        "numerical_gradient",
        "linear_backward",
        "relu_backward",
        "mse_backward",
        "cross_entropy_backward",
        "gradient_lifecycle",
    }
