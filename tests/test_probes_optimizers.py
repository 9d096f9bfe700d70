"""The probes of optimizers: what they observe of right and of odd implementations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from conftest import solution

from grader.probes import run_probe

optimizers = solution("optimizers")
STARTS = [torch.tensor([1.0, -2.0]), torch.tensor([[0.5]])]
ROWS = [
    [torch.tensor([1.0, 0.5]), torch.tensor([[2.0]])],
    [torch.tensor([-1.0, 2.0]), None],
    [None, torch.tensor([[4.0]])],
]
MEMORY = "the parameters' memory (a step must be in place)"
LEAVES = "the parameters' place in the graph (they must stay leaves)"
GRADIENTS = "the gradients (step() must leave them)"


def optimized(subject: Callable[..., Any], **options: Any) -> dict[str, Any]:
    return run_probe("optimize", subject, "cpu", (STARTS, ROWS), {"lr": 0.5, **options})


class Plain:
    """SGD, one line of which the tests replace."""

    def __init__(self, params: Any, lr: float) -> None:
        self.params, self.lr = list(params), lr

    def step(self) -> None:
        for param in self.params:
            if param.grad is not None:
                self.move(param)

    def move(self, param: Any) -> None:
        param.data -= self.lr * param.grad


def test_the_parameters_are_observed_after_every_step() -> None:
    found = optimized(Plain)
    expected = [
        [torch.tensor([0.5, -2.25]), torch.tensor([[-0.5]])],
        [torch.tensor([1.0, -3.25]), torch.tensor([[-0.5]])],
        [torch.tensor([1.0, -3.25]), torch.tensor([[-2.5]])],
    ]
    assert (found["changed"], found["devices"]) == ([], ["cpu"])
    for got, wanted in zip(found["value"], expected, strict=True):
        assert all(map(torch.equal, got, wanted))
    assert torch.equal(STARTS[0], torch.tensor([1.0, -2.0])), "the inputs stay as they were"


def replaced_data(param: Any, lr: float) -> None:
    param.data = param.data - lr * param.grad


def tracked(param: Any, lr: float) -> None:
    param.requires_grad_(False)
    param -= lr * param.grad


def grown_gradient(param: Any, lr: float) -> None:
    param.data -= param.grad.mul_(lr)


def lost_gradient(param: Any, lr: float) -> None:
    param.data -= lr * param.grad
    param.grad = None


@pytest.mark.parametrize(
    ("way", "fault"),
    [
        (replaced_data, MEMORY),
        (tracked, LEAVES),
        (grown_gradient, GRADIENTS),
        (lost_gradient, GRADIENTS),
    ],
)
def test_what_a_step_must_not_do_is_seen(way: Callable[..., None], fault: str) -> None:
    class Odd(Plain):
        def move(self, param: Any) -> None:
            way(param, self.lr)

    found, right = optimized(Odd), optimized(Plain)
    assert found["changed"] == [fault]
    assert all(map(torch.equal, found["value"][-1], right["value"][-1]))


def test_a_gradient_given_where_there_was_none_is_seen() -> None:
    class Odd(Plain):
        def step(self) -> None:
            for param in self.params:
                if param.grad is None:
                    param.grad = torch.zeros_like(param)
                self.move(param)

    assert optimized(Odd)["changed"] == [GRADIENTS]


def test_a_generator_can_be_walked_through_once() -> None:
    class Walking(Plain):
        def __init__(self, params: Any, lr: float) -> None:
            self.params, self.lr = params, lr

    moved, stuck = optimized(Walking), optimized(Walking, as_generator=True)
    assert not torch.equal(moved["value"][1][0], moved["value"][0][0])
    assert torch.equal(stuck["value"][1][0], stuck["value"][0][0])


def test_gradients_are_zeroed_in_the_memory_that_the_optimizer_saw() -> None:
    seen = []

    class Keeping(Plain):
        def move(self, param: Any) -> None:
            seen.append(param.grad)
            super().move(param)

    optimized(Keeping)
    assert [bool(grad.any()) for grad in seen] == [True] * 4
    seen.clear()
    assert optimized(Keeping, zero_between=True)["changed"] == []
    assert [bool(grad.any()) for grad in seen] == [False] * 4


@pytest.mark.parametrize("name", "SGD Adam Adagrad RMSprop Adadelta Adamax Rprop ASGD".split())
def test_clear_shows_gradients_and_parameters(name: str) -> None:
    for zero_grad, expected in (({}, None), ({"set_to_none": False}, torch.zeros(2))):
        arguments = STARTS, ROWS[1], zero_grad
        subject = getattr(optimizers, name)
        value = run_probe("clear", subject, "cpu", arguments, {"lr": 0.5})["value"]
        (first, second), parameters = value["gradients"], value["parameters"]
        assert second is None
        assert first is None if expected is None else torch.equal(first, expected)
        assert all(map(torch.equal, parameters, STARTS))


def test_choose_tells_the_class_its_settings_and_two_steps() -> None:
    arguments = "ASGD", STARTS, ROWS[:1], 0.5
    found = run_probe("choose", optimizers.make_optimizer, "cpu", arguments, {})["value"]
    assert found["class"] == "ASGD"
    assert (found["settings"]["lr"], found["settings"]["lambd"]) == (0.5, 1e-4)
    assert len(found["parameters"]) == 1
    made = run_probe("choose", lambda *_: "an optimizer", "cpu", arguments, {})
    assert made["value"] == "an optimizer"
