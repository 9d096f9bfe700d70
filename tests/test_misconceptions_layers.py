"""Of the misconceptions of `layers`: those that show in one case and are right in its neighbour."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
import torch
from conftest import ROOT, solution

from grader.checking.compare import Tolerance, compare
from grader.course import load_course
from grader.misconceptions import misconceptions_of
from grader.probes import run_probe

layers = solution("layers")
KNOWN = {known.name: known for known in misconceptions_of("layers")}
X = torch.tensor([[1.0, -2.0], [-0.5, 3.0]])
FAR = torch.tensor([[1000.0, -1000.0]])
W, B = torch.tensor([[1.0, 2.0], [0.0, -1.0]]), torch.tensor([3.0, 5.0])
IMAGES = -torch.arange(1.0, 13.0).reshape(1, 2, 3, 2)
SLOPES = torch.tensor([0.5, 2.0])
MANY = torch.linspace(-2.0, 2.0, 4000).reshape(50, 80)
NOTHING: dict[str, Any] = {}

Case = tuple[str, tuple[Any, ...], dict[str, Any]]
# Where each is wrong, and where it is right.
SHOWS: dict[str, tuple[Case, Case]] = {
    "linear_without_transpose": (("call", (X, W), NOTHING), ("call", (X, W + W.T), NOTHING)),
    "linear_bias_along_the_batch": (("call", (X, W, B), NOTHING), ("call", (X[0], W, B), NOTHING)),
    "linear_of_matrices_only": (("call", (X[0], W), NOTHING), ("call", (X, W), NOTHING)),
    "linear_detaches_the_weight": (
        ("gradient", (X, W), {"wrt": (1,)}),
        ("gradient", (X, W), NOTHING),
    ),
    "sigmoid_overflows_in_the_gradient": (
        ("gradient", (FAR,), NOTHING),
        ("call", (FAR,), NOTHING),
    ),
    "sigmoid_of_both_branches": (("gradient", (FAR,), NOTHING), ("gradient", (X,), NOTHING)),
    "tanh_of_both_branches": (("gradient", (FAR,), NOTHING), ("gradient", (X,), NOTHING)),
    "relu_capped_at_six": (("call", (3 * X,), NOTHING), ("call", (X,), NOTHING)),
    "relu_by_roots": (("finite_gradient", (0 * X,), NOTHING), ("gradient", (X,), NOTHING)),
    "leaky_as_the_maximum": (("call", (X, 2.0), NOTHING), ("call", (X, 0.5), NOTHING)),
    "leaky_other_default": (("call", (X,), NOTHING), ("call", (X, 0.01), NOTHING)),
    "prelu_along_the_last_dimension": (
        ("call", (IMAGES, SLOPES), NOTHING),
        ("call", (X, SLOPES), NOTHING),
    ),
    "prelu_of_images_only": (("call", (X, SLOPES), NOTHING), ("call", (IMAGES, SLOPES), NOTHING)),
    "prelu_needs_a_slope_a_channel": (
        ("call", (X, SLOPES[:1]), NOTHING),
        ("call", (X, SLOPES), NOTHING),
    ),
    "prelu_detaches_the_slopes": (
        ("gradient", (X, SLOPES), {"wrt": (1,)}),
        ("gradient", (X, SLOPES), NOTHING),
    ),
    "rrelu_always_random": (
        ("call", (X,), NOTHING),
        ("random_slopes", (MANY,), {"training": True}),
    ),
    "rrelu_one_slope_for_all": (
        ("random_slopes", (MANY,), {"training": True}),
        ("call", (X,), {"training": False}),
    ),
    "rrelu_refuses_in_training_only": (
        ("call", (X, 0.5, 0.25), NOTHING),
        ("call", (X, 0.5, 0.25, True), NOTHING),
    ),
    "rrelu_refuses_equal_bounds": (
        ("call", (X, 0.5, 0.5), NOTHING),
        ("call", (X, 0.25, 0.5), NOTHING),
    ),
    "softmax_of_the_last_dimension": (("call", (X, 0), NOTHING), ("call", (X, 1), NOTHING)),
    "softmax_one_maximum_for_all": (
        ("call", (torch.cat([FAR + 1000, FAR * 0]), 1), NOTHING),
        ("call", (X, 1), NOTHING),
    ),
    "log_softmax_of_a_softmax": (("call", (FAR, 1), NOTHING), ("call", (X, 1), NOTHING)),
    "log_softmax_with_a_constant_sum": (
        ("gradient", (X, 1), NOTHING),
        ("call", (X, 1), NOTHING),
    ),
    "collapse_in_the_wrong_order": (
        ("collapsed", (W, B, W.T, B), NOTHING),
        ("collapsed", (W, B, W, B), NOTHING),
    ),
    "collapse_adds_the_biases": (
        ("collapsed", (W, B, W, B), NOTHING),
        ("collapsed", (W, None, W, B), NOTHING),
    ),
    "collapse_with_two_biases_or_none": (
        ("collapsed", (W, B, W, None), NOTHING),
        ("collapsed", (W, B, W, B), NOTHING),
    ),
    "collapse_borrows_the_bias": (
        ("collapsed", (W, None, W, B), NOTHING),
        ("collapsed", (W, B, W, B), NOTHING),
    ),
    "activation_without_a_dimension": (
        ("activation", ("multiclass", IMAGES[0]), NOTHING),
        ("activation", ("multiclass", X), NOTHING),
    ),
    "activation_of_any_case": (
        ("activation", ("Binary", X), NOTHING),
        ("activation", ("binary", X), NOTHING),
    ),
}


def seen(subject: Any, case: Case) -> Any:
    """What the probe observes, or the type of what is raised."""
    probe, args, options = case
    try:
        return run_probe(probe, subject, "cpu", args, options)
    except Exception as error:
        return {"raised": type(error).__name__}


def is_right(name: str, case: Case) -> bool:
    known = KNOWN[name]
    expected = seen(getattr(layers, known.function), case)
    return compare(expected, seen(known.definition, case), Tolerance()) is None


@pytest.mark.filterwarnings("ignore:Implicit dimension choice")
@pytest.mark.parametrize("name", SHOWS)
def test_the_mistake_shows_in_its_case_alone(name: str) -> None:
    wrong, right = SHOWS[name]
    assert not is_right(name, wrong)
    assert is_right(name, right)


def test_every_function_has_its_known_mistakes() -> None:
    functions = load_course(ROOT).exercise("layers").functions
    counted = Counter(known.function for known in KNOWN.values())
    assert set(counted) == set(functions)
    assert min(counted.values()) >= 11
