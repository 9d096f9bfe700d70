"""The probes of fitting a line: what they observe of right and of odd implementations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch
from conftest import solution
from torch import nn

from grader.checking.question import Question
from grader.checking.words import place_text, question_text, shortened
from grader.probes import run_probe

linear = solution("linear_regression")
ONE, ZERO = torch.tensor([1.0]), torch.tensor([0.0])
STEP = torch.tensor([2.0]), ONE, torch.tensor([4.0]), torch.tensor([-2.0])
X, Y = torch.tensor([[1.0], [2.0]]), torch.tensor([2.0, 4.0])
CLEARED = "None or zeros"


def observed(probe: str, subject: Callable[..., Any], *args: Any, **options: Any) -> dict[str, Any]:
    return run_probe(probe, subject, "cpu", args, options)


def stepped(subject: Callable[..., Any], *rest: Any, **options: Any) -> dict[str, Any]:
    return observed("run_gradient_step", subject, *STEP, *rest, **options)


def grads_after(subject: Callable[..., Any]) -> dict[str, Any]:
    found: dict[str, Any] = observed("grads_after_step", subject, *STEP)["value"]
    return found


def fitted(subject: Callable[..., Any], *rest: Any, **options: Any) -> dict[str, Any]:
    return observed("run_fit", subject, X, Y, ZERO, ZERO, *rest, **options)


# gradient_step


def test_a_step_is_seen_and_inputs_stay_with_the_probe() -> None:
    found = stepped(linear.gradient_step, learning_rate=0.5)
    assert found == {
        "value": {"w": ZERO, "b": torch.tensor([2.0])},
        "devices": ["cpu"],
        "changed": [],
    }
    assert [part.item() for part in STEP] == [2.0, 1.0, 4.0, -2.0]
    assert not any(part.requires_grad for part in STEP)


def test_w_and_b_come_as_leaves_with_grads() -> None:
    def looking(w: Any, b: Any, learning_rate: float) -> None:
        assert w.is_leaf and w.requires_grad and b.is_leaf and b.requires_grad
        assert (w.grad.item(), b.grad.item(), learning_rate) == (4.0, -2.0, 0.25)

    assert stepped(looking, 0.25)["changed"] == []


def replaced(w: Any, b: Any) -> None:
    for _ in range(2):  # the second time, the allocator may hand out the first memory again
        w.data = w.data - 1


def frozen(w: Any, b: Any) -> None:
    b.requires_grad_(False)


def switched_off(w: Any, b: Any) -> None:
    torch.set_grad_enabled(False)


@pytest.mark.parametrize(
    ("subject", "fault"),
    [
        (replaced, "the memory of w (w must change in place)"),
        (frozen, "the kind of b (b must stay a leaf that requires grad)"),
        (switched_off, "torch's grad mode (it must not stay off)"),
    ],
)
def test_what_becomes_of_the_leaves_is_seen(subject: Callable[..., Any], fault: str) -> None:
    assert stepped(subject)["changed"] == [fault]
    assert observed("run_fit", lambda x, y, w, b: subject(w, b), X, Y, ONE, ONE)["changed"] == [
        fault
    ]
    assert torch.is_grad_enabled()


def test_none_and_zeros_are_alike() -> None:
    def cleared(w: Any, b: Any) -> None:
        w.grad, b.grad = None, torch.zeros_like(b)

    def half_cleared(w: Any, b: Any) -> None:
        w.grad = None

    assert grads_after(cleared) == {"w.grad": CLEARED, "b.grad": CLEARED}
    assert grads_after(half_cleared) == {"w.grad": CLEARED, "b.grad": STEP[3]}


# fit


def test_a_fit_is_seen_and_stale_grads_are_there_only_when_asked_for() -> None:
    grads = []

    def looking(*given: Any) -> list[float]:
        grads.append([leaf.grad for leaf in given[2:4]])
        found: list[float] = linear.fit(*given)
        return found

    for stale in (False, True):
        found = fitted(looking, 0.1, 2, stale=stale)
        assert found["changed"] == []
        assert found["value"]["losses"] == pytest.approx([10.0, 1.06])
        assert found["value"]["w"].item() == pytest.approx(1.32)
        assert found["value"]["b"].item() == pytest.approx(0.78)
    assert grads == [[None, None], [torch.tensor([0.5]), torch.tensor([0.5])]]


def test_changed_points_are_seen() -> None:
    def changing(x: Any, y: Any, w: Any, b: Any) -> None:
        y += 1

    assert observed("run_fit", changing, X, Y, ZERO, ZERO)["changed"] == ["y"]
    run = torch.ones(1, 1), ZERO, X, X
    assert observed("run_fit_module", lambda model, x, y: x.zero_(), *run)["changed"] == ["x"]


def test_many_losses_are_summed_up() -> None:
    run = X, Y, ZERO, ZERO
    found = observed("descent", linear.fit, *run, 0.1, 3)["value"]
    assert list(found) == [
        "the number of losses",
        "the first loss",
        "the last loss",
        "the loss falls in every epoch",
        "w",
        "b",
    ]
    assert found["the number of losses"] == 3 and found["the loss falls in every epoch"] is True
    rising = observed("descent", lambda *_: [1.0, 2.0], *run)["value"]
    assert (rising["the first loss"], rising["the last loss"]) == (1.0, 2.0)
    assert rising["the loss falls in every epoch"] is False


@pytest.mark.parametrize("losses", [None, 1.0, [], [torch.tensor(1.0)], "abc", [None, "x"]])
def test_what_is_no_list_of_floats_is_summed_up_too(losses: Any) -> None:
    found = observed("descent", lambda *_: losses, X, Y, ZERO, ZERO)["value"]
    assert len(found) == 6
    assert found["the number of losses"] == (len(losses) if isinstance(losses, list) else losses)


# modules


class Odd(nn.Module):
    """A module whose parameters are not those of one nn.Linear(1, 1)."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Conv1d(1, 1, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        raise AssertionError("it is not run")


def test_a_module_is_described_before_it_is_run() -> None:
    run = torch.tensor([[2.0]]), ONE, X
    found = observed("run_linear_model", Odd, *run)
    assert (found["linear"], found["value"]) == ("Conv1d", None)
    assert found["parameters"] == {"linear.bias": [1], "linear.weight": [1, 1, 1]}
    assert observed("run_linear_model", nn.Identity, *run)["linear"] == "nothing"
    assert observed("run_linear_model", lambda: 3, *run)["value"] == 3


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_module_gets_weight_and_bias(dtype: torch.dtype) -> None:
    run = [part.to(dtype) for part in (torch.tensor([[2.0]]), ONE, X)]
    found = observed("run_linear_model", linear.LinearModel, *run, gradients=True)
    assert found["linear"] == "an nn.Linear" and found["graph"] is True
    assert torch.equal(found["value"], torch.tensor([[3.0], [5.0]], dtype=dtype))
    assert torch.equal(found["gradients"]["linear.bias"], torch.tensor([16.0], dtype=dtype))


def test_an_output_without_a_graph_is_no_error() -> None:
    class Detached(linear.LinearModel):  # type: ignore[misc,name-defined]  # loaded at run time
        def forward(self, x: torch.Tensor) -> Any:
            return super().forward(x).detach()

    run = torch.tensor([[2.0]]), ONE, X
    found = observed("run_linear_model", Detached, *run, gradients=True)
    assert found["graph"] is False
    assert found["gradients"] == {"linear.bias": None, "linear.weight": None}


def test_a_trained_module_is_asked() -> None:
    run = torch.ones(1, 1), ZERO, X, 2 * X, 0.1, 1
    options = {"asked": torch.tensor([[4.0]]), "stale": True}
    found = observed("run_fit_module", linear.fit_module, *run, **options)["value"]
    assert found["losses"] == [5.0]
    assert found["weight"].item() == pytest.approx(2.0)
    assert found["bias"].item() == pytest.approx(0.6)
    assert found["prediction"].item() == pytest.approx(8.6)


# words: that each text runs is seen to by test_words_run


def asked(probe: str, *args: Any, **options: Any) -> Question:
    return Question("linear_regression", "fit", probe, args, options)


def test_a_fit_is_told_line_by_line() -> None:
    question = asked("run_fit", X, Y, ZERO, ONE, 0.1, 2, stale=True, reduction="sum")
    assert question_text(question).split("\n") == [
        "x = torch.tensor([[1.0], [2.0]])",
        "y = torch.tensor([2.0, 4.0])",
        "w = torch.tensor([0.0], requires_grad=True)",
        "b = torch.tensor([1.0], requires_grad=True)",
        "w.grad, b.grad = torch.tensor([0.5]), torch.tensor([0.5])  # left from before",
        "fit(x, y, w, b, 0.1, 2, reduction='sum')",
        "w, b",
    ]


@pytest.mark.parametrize("named", [False, True])
def test_epochs_after_the_loss_that_differs_are_left_out(named: bool) -> None:
    question = asked("run_fit", X, Y, ZERO, ONE, 0.1, 9)
    if named:
        question = replace(
            question, args=question.args[:5], kwargs={"epochs": 9, "reduction": "mean"}
        )
    assert "9" in question_text(question)
    shorter = shortened(question, ("value", "losses", 2))
    assert ("epochs=3" if named else "0.1, 3)") in question_text(shorter)
    assert shortened(question, ("value", "w")) is question


@pytest.mark.parametrize(
    ("probe", "part", "text"),
    [
        ("run_gradient_step", ("value", "w"), "w afterwards"),
        ("grads_after_step", ("value", "b.grad"), "b.grad afterwards"),
        ("run_fit", ("value", "losses"), "the losses"),
        ("run_fit", ("value", "losses", 1), "the loss of epoch 2"),
        ("run_fit_module", ("value", "weight"), "model.weight afterwards"),
        ("descent", ("value", "the last loss"), "the last loss"),
        ("run_linear_model", ("linear",), "model.linear"),
        ("run_linear_model", ("parameters", "linear.bias"), "the parameters of the model"),
        ("run_linear_model", ("gradients", "linear.bias"), "model.linear.bias.grad"),
    ],
)
def test_parts_have_names(probe: str, part: tuple[str | int, ...], text: str) -> None:
    assert place_text(asked(probe, X, Y, ZERO, ONE), part) == text


def test_a_prediction_is_named_by_what_it_is_for() -> None:
    question = asked("run_fit_module", ONE, ZERO, X, Y, asked=torch.tensor([[4.0]]))
    place = place_text(question, ("value", "prediction"))
    assert place == "the prediction for torch.tensor([[4.0]])"
