"""What comes to be compared is not trusted: whatever it is, it is told and nothing raises."""

from __future__ import annotations

import math
from typing import Any

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.checking.compare import Tolerance, compare, compare_observations
from grader.checking.expectations import Matches, Problem, Raises, load_problem
from grader.checking.question import Question
from grader.checking.words import value_text
from grader.probes.observe import PLAIN_DTYPES

DTYPES = sorted(PLAIN_DTYPES, key=str)
EXACT = Tolerance()
QUESTION = Question("losses", "l1_loss", "call", (torch.tensor([1.0]), 2), {"reduction": "sum"})
QUICK = settings(max_examples=100, deadline=None, database=None)


def observed(value: Any, **more: Any) -> dict[str, Any]:
    return {"value": value, "devices": ["cpu"], "changed": [], **more}


def compared(expected: dict[str, Any], got: dict[str, Any]) -> str | None:
    found = compare_observations(expected, got, EXACT, "cpu")
    return None if found is None else "\n".join(found.placed().lines())


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
plain_tensors = st.builds(
    lambda shape, dtype, fill: torch.full(shape, fill).to(dtype),
    st.lists(st.integers(0, 3), max_size=3),
    st.sampled_from(DTYPES),
    st.sampled_from([0.0, 1.0, 2.5, math.nan, math.inf]),
)
garbage = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        texts,
        st.binary(max_size=4),
        plain_tensors,
    ),
    lambda items: st.one_of(
        st.lists(items, max_size=4),
        st.lists(items, max_size=3).map(tuple),
        st.dictionaries(st.one_of(texts, st.sampled_from(["type", "value"])), items, max_size=4),
    ),
    max_leaves=8,
)
EXPECTED = observed(
    [torch.tensor([1.0, math.nan]), {"a": 1, "b": [2.0, None]}, "text"],
    graph=True,
    gradients=[torch.ones(2, 2), None],
)


@QUICK
@given(
    st.dictionaries(st.one_of(st.sampled_from(sorted(EXPECTED)), texts), garbage, max_size=6),
    st.sampled_from(["cpu", "cuda"]),
)
def test_no_observation_that_can_arrive_raises(got, device):
    found = compare_observations(EXPECTED, got, EXACT, device)
    assert found is not None
    assert all(isinstance(line, str) for line in found.placed().lines())


@QUICK
@given(garbage, garbage)
def test_no_pair_of_values_raises(expected, got):
    found = compare(expected, got, EXACT)
    assert found is None or "\n".join(found.placed().lines())


@QUICK
@given(
    st.dictionaries(
        st.sampled_from(["missing", "forbidden", "raised", "observation", "frames", "types"]),
        st.one_of(
            garbage,
            st.dictionaries(
                st.sampled_from(["types", "message", "frames", "value"]), garbage, max_size=4
            ),
        ),
        max_size=4,
    )
)
def test_no_answer_that_can_arrive_raises(answer):
    for expectation in (Matches(EXPECTED, EXACT), Raises(("ValueError",), ("shape",))):
        problem = expectation.problem_with(QUESTION, answer, "cpu")
        assert isinstance(problem, Problem)
        assert problem.outcome in ("failed", "error", "todo", "forbidden")
        assert isinstance(problem.message, str)


@QUICK
@given(
    st.one_of(garbage, st.dictionaries(st.sampled_from(["types", "message", "frames"]), garbage))
)
def test_no_reason_for_a_failed_import_raises(raised):
    assert load_problem("losses", raised).message.startswith("losses.py could not be imported: ")


@QUICK
@given(garbage)
def test_every_value_can_be_written_within_bounds(value):
    assert len(value_text(value)) < 700


def test_what_is_long_is_cut_wherever_it_stands():
    many = [f"name{number}" for number in range(100_000)]
    crowd = dict.fromkeys(many, 0)
    for got in (
        observed(1, changed=many),
        observed("x" * 100_000),
        observed(crowd),
        {**observed(1), "devices": many},
    ):
        message = compared(observed(1), got)
        assert message is not None
        assert len(message) < 2000
    message = compared(observed({"a": 1}), observed(crowd))
    assert message is not None
    assert len(message) < 4000
    long = "x" * 100_000
    raised = {"types": [long], "message": long, "frames": [[long, 1, long, long]] * 1000}
    for answer in ({"raised": raised}, {"forbidden": many, "frames": raised["frames"]}):
        problem = Matches(observed(1), EXACT).problem_with(QUESTION, answer, "cpu")
        assert problem is not None
        assert len(problem.message) < 8000
    assert len(load_problem("losses", raised).message) < 8000
