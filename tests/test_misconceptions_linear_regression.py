"""Of the misconceptions of `linear_regression`: those that show in one case alone."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from conftest import solution

from grader.checking.compare import Tolerance, compare
from grader.misconceptions import misconceptions_of
from grader.probes import run_probe

linear = solution("linear_regression")
KNOWN = {known.name: known for known in misconceptions_of("linear_regression")}
ONE, ZERO = torch.tensor([1.0]), torch.tensor([0.0])
X, Y = torch.tensor([[1.0], [2.0], [4.0]]), torch.tensor([2.0, 3.0, 4.0])
LINE = X, Y, ONE, ONE
MODULE = torch.ones(1, 1), ONE, X, Y.unsqueeze(1)
NOTHING: dict[str, Any] = {}
STALE = {"stale": True}

Case = tuple[str, tuple[Any, ...], dict[str, Any]]
# Where each is wrong, and where it is right.
SHOWS: dict[str, tuple[Case, Case]] = {
    "predict_squeezes_everything": (
        ("call", (X[:1], ONE, ONE), NOTHING),
        ("call", (X, ONE, ONE), NOTHING),
    ),
    "predict_without_bias": (("call", (X, ONE, ONE), NOTHING), ("call", (X, ONE, ZERO), NOTHING)),
    "predict_detached": (
        ("gradient", (X, ONE, ONE), NOTHING),
        ("call", (X, ONE, ONE), NOTHING),
    ),
    "predict_on_the_cpu": (("meta", (), NOTHING), ("call", (X, ONE, ONE), NOTHING)),
    "error_mean_over_the_batch": (
        ("call", (torch.ones(2, 3), torch.zeros(2, 3)), NOTHING),
        ("call", (Y, torch.zeros(3)), NOTHING),
    ),
    "error_compares_numbers": (
        ("call", (X, X.flatten()), NOTHING),
        ("call", (X, X[:1]), NOTHING),
    ),
    "error_compares_rows": (("call", (X, Y), NOTHING), ("call", (X, X[:1]), NOTHING)),
    "error_knows_none": (
        ("call", (Y, Y + 1), {"reduction": "none"}),
        ("call", (Y, Y + 1), {"reduction": "average"}),
    ),
    "step_clears_only_w": (
        ("grads_after_step", (ONE, ONE, ONE, ONE, 0.5), NOTHING),
        ("run_gradient_step", (ONE, ONE, ONE, ONE, 0.5), NOTHING),
    ),
    "step_refuses_a_rate_of_0": (
        ("run_gradient_step", (ONE, ONE, ONE, ONE, 0.0), NOTHING),
        ("run_gradient_step", (ONE, ONE, ONE, ONE, 0.5), NOTHING),
    ),
    "fit_clears_only_at_the_end": (
        ("run_fit", (*LINE, 0.01, 2), STALE),
        ("run_fit", (*LINE, 0.01, 2), NOTHING),
    ),
    "fit_clears_once": (
        ("run_fit", (*LINE, 0.01, 2), NOTHING),
        ("run_fit", (*LINE, 0.01, 1), STALE),
    ),
    "fit_computes_the_loss_once": (
        ("run_fit", (*LINE, 0.01, 2), NOTHING),
        ("run_fit", (*LINE, 0.01, 1), NOTHING),
    ),
    "fit_takes_a_column": (
        ("run_fit", (X, X, ONE, ONE, 0.01, 1), NOTHING),
        ("run_fit", (*LINE, 0.01, 2), NOTHING),
    ),
    "fit_takes_negative_rates": (
        ("run_fit", (*LINE, -0.01, 2), NOTHING),
        ("run_fit", (*LINE, 0.0, 2), NOTHING),
    ),
    "fit_starts_at_zero": (
        ("run_fit", (*LINE, 0.01, 2), NOTHING),
        ("run_fit", (X, Y, ZERO, ZERO, 0.01, 2), NOTHING),
    ),
    "module_clears_only_at_the_end": (
        ("run_fit_module", (*MODULE, 0.01, 2), STALE),
        ("run_fit_module", (*MODULE, 0.01, 2), NOTHING),
    ),
    "module_with_momentum": (
        ("run_fit_module", (*MODULE, 0.01, 3), NOTHING),
        ("run_fit_module", (*MODULE, 0.01, 1), NOTHING),
    ),
    "module_takes_negative_rates": (
        ("run_fit_module", (*MODULE, -0.01, 2), NOTHING),
        ("run_fit_module", (*MODULE, 0.01, 2), NOTHING),
    ),
}


def seen(subject: Any, case: Case) -> Any:
    """What the probe observes, or the type of what is raised."""
    probe, args, options = case
    try:
        if probe == "meta":
            return subject(*(part.to("meta") for part in (X, ONE, ONE))).device.type
        return run_probe(probe, subject, "cpu", args, options)
    except Exception as error:
        return {"raised": type(error).__name__}


def is_right(name: str, case: Case) -> bool:
    known = KNOWN[name]
    expected = seen(getattr(linear, known.function), case)
    return compare(expected, seen(known.definition, case), Tolerance()) is None


@pytest.mark.parametrize("name", SHOWS)
def test_the_mistake_shows_in_its_case_alone(name: str) -> None:
    wrong, right = SHOWS[name]
    assert not is_right(name, wrong)
    assert is_right(name, right)


@pytest.mark.parametrize("name", [name for name in KNOWN if "autograd_off" in name])
def test_no_probe_leaves_autograd_off(name: str) -> None:
    step = KNOWN[name].function == "gradient_step"
    given = (ONE, ONE, ONE, ONE, 0.5) if step else (*LINE, 0.01, 1)
    found = run_probe(
        "run_gradient_step" if step else "run_fit", KNOWN[name].definition, "cpu", given, {}
    )
    assert found["changed"] == ["torch's grad mode (it must not stay off)"]
    assert torch.is_grad_enabled()


def test_every_function_has_its_known_mistakes() -> None:
    of = [known.function for known in KNOWN.values()]
    assert {name: of.count(name) >= 12 for name in of} == dict.fromkeys(
        ["predict", "squared_error", "gradient_step", "fit", "LinearModel", "fit_module"], True
    )
