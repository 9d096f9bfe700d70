"""The probes of derivatives: what they observe of right and of odd implementations."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from conftest import solution
from torch import nn

from grader.checking.question import Question
from grader.checking.words import question_text
from grader.probes import derivatives, run_probe
from grader.probes.observe import prepare

backprop = solution("backprop")
X = torch.tensor([3.0, -1.0, 0.5], dtype=torch.float64)
INPUTS, TARGETS = torch.tensor([[1.0, 2.0], [-0.5, 1.0]]), torch.tensor([[1.0], [0.5]])


def observed(probe: str, subject: Callable[..., Any], *args: Any, **options: Any) -> dict[str, Any]:
    return run_probe(probe, subject, "cpu", args, options)


def differentiated(subject: Callable[..., Any], function: str, **options: Any) -> dict[str, Any]:
    return observed("differentiate", subject, function, X, **options)


def followed(subject: Callable[..., Any], **options: Any) -> dict[str, Any]:
    return observed("lifecycle", subject, "nn.Linear(2, 1)", INPUTS, TARGETS, **options)


# differentiate


@pytest.mark.parametrize("name", derivatives.FUNCTIONS)
def test_a_function_is_what_its_name_says(name: str) -> None:
    assert torch.equal(derivatives.FUNCTIONS[name](X), eval(f"lambda x: {name}")(X))


def test_the_gradient_is_observed_and_x_stands() -> None:
    found = differentiated(backprop.numerical_gradient, "(x**3).sum()", eps=0.5)
    assert found["changed"] == []
    torch.testing.assert_close(found["value"], 3 * X**2 + 0.25)


def test_a_change_of_the_last_bit_is_seen() -> None:
    def nudging(f: Any, x: torch.Tensor) -> torch.Tensor:
        x[0] = math.nextafter(x[0].item(), 4.0)
        return x

    assert differentiated(nudging, "x.prod()")["changed"] == ["x"]


def test_f_may_be_given_x_itself_or_a_copy() -> None:
    def on_itself(f: Any, x: torch.Tensor) -> Any:
        return f(x)

    def on_a_copy(f: Any, x: torch.Tensor) -> Any:
        return f(x.clone())

    for name in derivatives.FUNCTIONS:
        assert differentiated(on_itself, name) == differentiated(on_a_copy, name)


# lifecycle


@pytest.mark.parametrize("name", derivatives.MODELS)
def test_a_model_is_what_its_name_says(name: str) -> None:
    def parameters(model: nn.Module, *_: Any) -> list[torch.Tensor]:
        return [p.detach() for p in model.parameters()]

    prepare()
    torch.manual_seed(0)
    expected = parameters(eval(name))
    found = observed("lifecycle", parameters, name, INPUTS[:, :1], TARGETS)["value"]
    assert all(map(torch.equal, expected, found))
    assert len(expected) == len(found)


def test_four_snapshots_are_observed() -> None:
    found = followed(backprop.gradient_lifecycle, loss="sum")
    value = found["value"]
    assert value["before"] == value["after_zero_grad"] == [None, None]
    assert [grad.tolist() for grad in value["after_backward"]] == [[[0.5, 3.0]], [2.0]]
    assert [grad.tolist() for grad in value["after_second_backward"]] == [[[1.0, 6.0]], [4.0]]
    assert found["changed"] == []
    assert found["the copies are detached"] is True


def test_a_model_comes_as_it_was_asked_for() -> None:
    def described(model: nn.Module, *_: Any) -> dict[str, Any]:
        found = {name: [p.requires_grad, p.grad] for name, p in model.named_parameters()}
        return copy.deepcopy(found)

    fresh = followed(described)["value"]
    assert fresh == {"weight": [True, None], "bias": [True, None]}
    found = followed(described, stale=True, frozen=["bias"], spare=True)["value"]
    assert {name: trained for name, (trained, _) in found.items()} == {
        "spare": True,
        "weight": True,
        "bias": False,
    }
    assert all(bool((grad == 0.5).all()) for _, grad in found.values())


def test_a_snapshot_that_is_no_copy_changes() -> None:
    def referring(model: nn.Module, loss_fn: Any, *batch: torch.Tensor) -> dict[str, Any]:
        loss_fn(model(batch[0]), batch[1]).backward()
        return {"after_backward": [p.grad for p in model.parameters()]}

    grads = followed(referring)["value"]["after_backward"]
    assert all(bool((grad == -1).all()) for grad in grads)


def test_a_snapshot_with_a_graph_is_told_from_a_detached_one() -> None:
    def with_graph(model: nn.Module, *_: Any) -> dict[str, Any]:
        return {"before": [None, next(model.parameters()) * 1]}

    assert followed(with_graph)["the copies are detached"] is False


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda model, batch: model.weight.data.add_(1), "the parameters"),
        (lambda model, batch: model.bias.requires_grad_(False), "the parameters"),
        (lambda model, batch: batch[0].add_(1), "inputs"),
        (lambda model, batch: batch[1].add_(1), "targets"),
    ],
)
def test_what_is_changed_is_told(change: Callable[..., Any], told: str) -> None:
    def changing(model: nn.Module, loss_fn: Any, *batch: torch.Tensor) -> None:
        change(model, batch)

    assert followed(changing)["changed"] == [told]


def test_whatever_comes_back_can_be_told() -> None:
    for odd in (None, 3, "text", [[[[INPUTS]]]], {"before": {"a": [None]}}, nn.Linear(1, 1)):
        found = followed(lambda *_, odd=odd: odd)
        assert found["the copies are detached"] is True


# the words


def test_a_counterexample_runs_and_gives_what_the_probe_observes() -> None:
    options = {"stale": True, "frozen": ["bias"], "spare": True}
    args = "nn.Linear(2, 1)", INPUTS.double(), TARGETS.double()
    question = Question("backprop", "gradient_lifecycle", "lifecycle", args, options)
    names = {"torch": torch, "nn": nn, "F": F, **vars(backprop)}
    *lines, last = question_text(question).split("\n")
    exec("\n".join(lines), names)
    shown = eval(last, names)
    expected = observed("lifecycle", backprop.gradient_lifecycle, *args, **options)["value"]
    torch.testing.assert_close(shown, expected)
    question = Question(
        "backprop", "numerical_gradient", "differentiate", ("x.prod()", X), {"eps": 0.5}
    )
    assert question_text(question) == (
        "x = torch.tensor([3.0, -1.0, 0.5], dtype=torch.float64)\n"
        "numerical_gradient(lambda x: x.prod(), x, eps=0.5)"
    )
