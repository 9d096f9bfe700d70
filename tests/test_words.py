"""Values and questions, written as Python that can be pasted."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.checking import strategies
from grader.checking.question import Question
from grader.checking.words import question_text, tensor_text, value_text
from grader.probes.observe import PLAIN_DTYPES

DTYPES = sorted(PLAIN_DTYPES, key=str)
FLOATS = [dtype for dtype in DTYPES if dtype.is_floating_point]
QUICK = settings(max_examples=100, deadline=None, database=None)
TEXT = {"torch": torch, "float": float}  # what a student has when pasting


# values as Python


def evaluated(text: str) -> Any:
    return eval(text, {"__builtins__": {}, **TEXT})


def same(left: torch.Tensor, right: torch.Tensor) -> bool:
    if (left.shape, left.dtype) != (right.shape, right.dtype):
        return False
    return torch.equal(left.nan_to_num(123.0), right.nan_to_num(123.0)) and torch.equal(
        left != left, right != right
    )


@QUICK
@given(st.data())
def test_what_a_check_draws_is_written_as_python_that_gives_the_same_tensor(data):
    drawn = data.draw(
        st.one_of(
            strategies.pairs(),
            strategies.probabilities(),
            strategies.classifications(single=True),
            strategies.class_weights(3, torch.float32).map(lambda weight: (weight,)),
        )
    )
    for tensor in drawn:
        text = tensor_text(tensor)
        if tensor.numel() <= 64:
            assert same(evaluated(text), tensor)


@QUICK
@given(st.data())
def test_whole_numbers_bools_and_empty_tensors_are_written_exactly(data):
    dtype = data.draw(st.sampled_from(DTYPES))
    shape = data.draw(st.lists(st.integers(0, 3), max_size=3))
    count = math.prod(shape)
    least, most = (0, 1) if dtype is torch.bool else (0, 127)
    numbers = data.draw(st.lists(st.integers(least, most), min_size=count, max_size=count))
    tensor = torch.tensor(numbers, dtype=dtype).reshape(shape)
    assert same(evaluated(value_text(tensor)), tensor)


@pytest.mark.parametrize("number", [2**63 - 1, -(2**63), 2**53 + 1, 0])
def test_large_whole_numbers_are_written_exactly(number):
    tensor = torch.tensor([number])
    assert torch.equal(evaluated(tensor_text(tensor)), tensor)


@QUICK
@given(
    st.sampled_from([torch.float32, torch.float64]),
    st.lists(st.floats(width=32), min_size=1, max_size=6),
)
def test_any_float_tensor_is_written_to_seven_digits(dtype, numbers):
    tensor = torch.tensor(numbers, dtype=dtype)
    written = evaluated(tensor_text(tensor))
    assert written.dtype == tensor.dtype
    torch.testing.assert_close(written, tensor, rtol=1e-6, atol=1e-44, equal_nan=True)


@pytest.mark.parametrize("dtype", FLOATS, ids=str)
def test_nan_and_infinities_are_written_as_python(dtype):
    tensor = torch.tensor([math.nan, math.inf, -math.inf], dtype=dtype)
    assert same(evaluated(tensor_text(tensor)), tensor)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (torch.tensor([1.0, 2.5]), "torch.tensor([1.0, 2.5])"),
        (torch.tensor(3), "torch.tensor(3)"),
        (torch.tensor([True]), "torch.tensor([True])"),
        (torch.tensor([[1.0]], dtype=torch.float64), "torch.tensor([[1.0]], dtype=torch.float64)"),
        (torch.empty(2, 0), "torch.empty((2, 0))"),
        (torch.empty(0, dtype=torch.int64), "torch.empty((0,), dtype=torch.int64)"),
        ([1, 2.5, "a", None], "[1, 2.5, 'a', None]"),
        ((1,), "(1,)"),
        ((), "()"),
        ((1, torch.tensor(2)), "(1, torch.tensor(2))"),
        ({"lr": 0.1, "momentum": 1.0}, "{'lr': 0.1, 'momentum': 1.0}"),
        (0.30000000000000004, "0.3"),
        (1e-8, "1e-08"),
        (2.0, "2.0"),
        (True, "True"),
        ({"type": "ndarray"}, "an object of type ndarray"),
        (torch.zeros(65), "a float32 tensor of shape (65,)"),
        (torch.zeros(100, 100, dtype=torch.int64), "an int64 tensor of shape (100, 100)"),
    ],
)
def test_values_are_written_as_one_would_write_them(value, text):
    assert value_text(value) == text


def test_a_long_value_is_cut():
    text = value_text(list(range(10_000)))
    assert text.startswith("[0, 1, 2, 3, ")
    assert text.endswith(" …")
    assert len(text) < 610


# questions as Python


def question(probe: str, *args: Any, **kwargs: Any) -> str:
    return question_text(Question("any", "thing", probe, args, kwargs))


def test_a_call_is_written_as_it_is_made():
    text = question("call", torch.tensor([1.0]), 2, reduction="sum")
    assert text == "thing(torch.tensor([1.0]), 2, reduction='sum')"


def test_a_gradient_names_what_it_is_taken_by():
    pair = torch.tensor([1.0]), torch.tensor([2.0])
    call = "thing(torch.tensor([1.0]), torch.tensor([2.0]))"
    assert question("gradient", *pair) == f"{call}, differentiated by argument 1"
    text = question("gradient", *pair, wrt=[1, "weight"])
    assert text == f"{call}, differentiated by argument 2, weight"


def test_an_optimizer_is_written_as_the_lines_that_use_it():
    text = question("optimize", [torch.tensor([1.0])], [[None]], lr=0.1, zero_between=True)
    assert text.splitlines() == [
        "parameters = [nn.Parameter(p) for p in [torch.tensor([1.0])]]",
        "optimizer = thing(parameters, lr=0.1)",
        "after a step() with each row of gradients [[None]]",
    ]


def test_a_network_is_written_with_the_shapes_it_is_tried_on():
    assert question("describe") == "network = thing()"
    text = question("forward", torch.zeros(2, 3), torch.zeros(1, 3))
    assert text == "network = thing(), with given parameters, on inputs of shape (2, 3) and (1, 3)"


def test_any_other_probe_is_written_with_its_inputs():
    assert question("size", 2, 3, flag=True) == "thing, tried with 2, 3, flag=True"
