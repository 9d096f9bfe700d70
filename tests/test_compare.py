"""Comparing observations: what counts as equal, and what is said where they differ."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.checking.compare import (
    Difference,
    Tolerance,
    compare,
    compare_observations,
    largest_input,
)
from grader.checking.question import Question
from grader.probes.observe import PLAIN_DTYPES, plain

DTYPES = sorted(PLAIN_DTYPES, key=str)
FLOATS = [dtype for dtype in DTYPES if dtype.is_floating_point]
EXACT = Tolerance()
QUESTION = Question("losses", "l1_loss", "call", (torch.tensor([1.0]), 2), {"reduction": "sum"})
QUICK = settings(max_examples=100, deadline=None, database=None)
TEXT = {"torch": torch, "float": float}  # what a student has when pasting


def difference(expected: Any, got: Any, tolerance: Tolerance = EXACT) -> Difference:
    found = compare(expected, got, tolerance)
    assert found is not None
    return found


def agree(expected: Any, got: Any, tolerance: Tolerance = EXACT) -> bool:
    return compare(expected, got, tolerance) is None


def observed(value: Any, **more: Any) -> dict[str, Any]:
    return {"value": value, "devices": ["cpu"], "changed": [], **more}


def compared(expected: dict[str, Any], got: dict[str, Any], device: str = "cpu") -> str | None:
    found = compare_observations(expected, got, EXACT, device)
    return None if found is None else "\n".join(found.placed().lines())


# tensors


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 0, 2), (2, 3)], ids=str)
def test_a_tensor_agrees_with_its_copy(dtype, shape):
    tensor = (torch.arange(math.prod(shape)) % 2).to(dtype).reshape(shape)
    assert agree(tensor, tensor.clone())


def test_strides_do_not_matter():
    tensor = torch.arange(6.0).reshape(2, 3)
    assert agree(tensor, tensor.t().contiguous().t())


def test_another_shape_is_told():
    assert difference(torch.zeros(3, 1), torch.zeros(3)).contrast.all_notes == (
        "shape (3, 1) is expected, (3,) came",
    )


def test_a_scalar_is_not_a_tensor_of_one_element():
    assert difference(torch.tensor(1.0), torch.tensor([1.0])).contrast.all_notes == (
        "shape () is expected, (1,) came",
    )


def test_another_dtype_is_told():
    found = difference(torch.tensor([1.0]), torch.tensor([1.0], dtype=torch.float64))
    assert found.contrast.all_notes == ("dtype torch.float32 is expected, torch.float64 came",)
    assert found.placed().lines() == [
        "expected  torch.tensor([1.0])",
        "got       torch.tensor([1.0], dtype=torch.float64)",
        "dtype torch.float32 is expected, torch.float64 came",
    ]


@pytest.mark.parametrize(
    ("got", "note"),
    [
        (1.0, "a float came"),
        (1, "an int came"),
        (None, "nothing came: None"),
        ([1.0], "a list came"),
        ("1.0", "a str came"),
        ({"a": 1}, "a dict came"),
    ],
)
def test_what_is_no_tensor_is_told(got, note):
    assert difference(torch.tensor(1.0), got).contrast.all_notes == (note,)


def test_an_object_outside_the_grammar_is_told_by_its_type():
    found = difference(torch.tensor(1.0), {"type": "ndarray"})
    assert found.contrast.got == "an object of type ndarray"
    assert found.contrast.all_notes == ()


def test_nan_agrees_with_nan_and_with_nothing_else():
    assert agree(torch.tensor([math.nan, 1.0]), torch.tensor([math.nan, 1.0]))
    assert not agree(torch.tensor([math.nan, 1.0]), torch.tensor([0.0, 1.0]))
    assert not agree(torch.tensor([0.0, 1.0]), torch.tensor([math.nan, 1.0]))


def test_an_infinity_agrees_with_itself_and_not_with_its_negative():
    assert agree(torch.tensor([math.inf]), torch.tensor([math.inf]))
    assert not agree(torch.tensor([math.inf]), torch.tensor([-math.inf]))
    assert not agree(torch.tensor([math.inf]), torch.tensor([3e38]))


@pytest.mark.parametrize("dtype", FLOATS, ids=str)
def test_tensors_agree_to_torchs_own_tolerances(dtype):
    expected = torch.tensor([1.0, 1000.0], dtype=torch.float64)
    relative, absolute = Tolerance().of(dtype)
    within = expected + 0.5 * (absolute + relative * expected)
    beyond = expected + 4 * (absolute + relative * expected)
    # what a dtype cannot hold is not asked of it
    assert agree(expected.to(dtype), within.to(dtype))
    assert not agree(expected.to(dtype), beyond.to(dtype))


def test_the_absolute_tolerance_grows_with_the_inputs_and_the_relative_one_does_not():
    zero, small = torch.tensor(0.0), torch.tensor(5e-4)
    assert not agree(zero, small)
    assert agree(zero, small, Tolerance(scale=100.0))
    assert not agree(torch.tensor(1e6), torch.tensor(1e6 + 10), Tolerance(scale=100.0))


def test_another_device_is_given_more_room():
    assert Tolerance(scale=3.0).on("cpu") == Tolerance(scale=3.0)
    wider = Tolerance(scale=3.0).on("cuda")
    assert wider.scale == 3.0
    for dtype in FLOATS:
        narrow = Tolerance(scale=3.0).of(dtype)
        assert wider.of(dtype) == pytest.approx([10 * part for part in narrow])
    assert wider.of_float() == pytest.approx([10 * part for part in Tolerance(3.0).of_float()])


@pytest.mark.parametrize("dtype", [d for d in DTYPES if not d.is_floating_point], ids=str)
def test_whole_numbers_and_bools_agree_exactly_or_not_at_all(dtype):
    expected = torch.tensor([0, 1, 1], dtype=dtype)
    found = difference(expected, torch.tensor([0, 1, 0], dtype=dtype), Tolerance(scale=1e6))
    assert found.contrast.all_notes == ("worst at [2]: expected 1, got 0",)


def test_the_worst_element_is_named():
    expected = torch.arange(24.0).reshape(2, 3, 4)
    got = expected.clone()
    got[0, 1, 2] += 1
    got[1, 2, 0] -= 3
    assert difference(expected, got).contrast.all_notes == (
        "worst at [1, 2, 0]: expected 20, got 17",
    )


@pytest.mark.parametrize("wrong", [math.nan, math.inf, -math.inf])
def test_what_is_not_finite_is_worse_than_any_number(wrong):
    expected = torch.tensor([math.nan, math.inf, 1.0, 2.0])
    got = torch.tensor([math.nan, math.inf, 1e30, wrong])
    assert difference(expected, got).contrast.all_notes == (
        f"worst at [3]: expected 2, got {wrong:g}",
    )


def test_of_a_single_element_none_is_the_worst():
    assert difference(torch.tensor([1.0]), torch.tensor([2.0])).contrast.all_notes == ()
    assert difference(torch.tensor(1), torch.tensor(2)).contrast.all_notes == ()


@QUICK
@given(st.data())
def test_a_tensor_agrees_with_another_only_if_all_elements_are_close(data):
    dtype = data.draw(st.sampled_from(FLOATS))
    element = st.sampled_from([0.0, -0.0, 1.0, 1.25, -3.0, 1e4, math.nan, math.inf, -math.inf])
    pairs = data.draw(st.lists(st.tuples(element, element), min_size=1, max_size=4))
    expected, got = (torch.tensor(list(side), dtype=dtype) for side in zip(*pairs, strict=True))
    same = all(left == right or (left != left and right != right) for left, right in pairs)
    assert agree(expected, got) == same


# numbers, texts and containers


def test_python_floats_agree_to_five_digits():
    assert agree(1.0, 1.000_009)
    assert not agree(1.0, 1.000_02)
    assert agree(1e6, 1e6 + 5)
    assert not agree(1e6, 1e6 + 20)
    assert agree(0.0, 9e-8)
    assert not agree(0.0, 1e-6)
    assert agree(0.0, 1e-6, Tolerance(scale=20.0))


def test_python_floats_that_are_not_finite():
    assert agree(math.nan, math.nan)
    assert agree(math.inf, math.inf)
    assert not agree(math.inf, -math.inf)
    assert not agree(math.nan, 0.0)
    assert not agree(0.0, math.nan)


@pytest.mark.parametrize(
    ("expected", "got", "note"),
    [
        (1, 1.0, "a float came"),
        (1.0, 1, "an int came"),
        (1, True, "a bool came"),
        (True, 1, "an int came"),
        (1.0, True, "a bool came"),
        (1.0, torch.tensor(1.0), "a Tensor came"),
        ([1], (1,), "a tuple came"),
        ("a", b"a", "a bytes came"),
        (None, 0, "an int came"),
        (0, None, "nothing came: None"),
    ],
)
def test_numbers_of_different_types_are_not_equal(expected, got, note):
    assert difference(expected, got).contrast.all_notes == (note,)


@pytest.mark.parametrize("value", [None, True, 3, "text", b"bytes", [], {}, [1, [2.0]], {"a": []}])
def test_a_plain_value_agrees_with_itself(value):
    assert agree(value, value)


@pytest.mark.parametrize(("expected", "got"), [(3, 4), ("a", "b"), (True, False), (b"a", b"b")])
def test_another_plain_value_is_told(expected, got):
    assert difference(expected, got).placed().lines() == [
        f"expected  {expected!r}",
        f"got       {got!r}",
    ]


def test_a_list_of_another_length_is_told():
    assert difference([1, 2, 3], [1, 2]).contrast.all_notes == ("3 entries are expected, 2 came",)


def test_the_part_that_differs_is_named():
    expected = {"losses": [1.0, {"weight": torch.zeros(2)}]}
    got = {"losses": [1.0, {"weight": torch.ones(2)}]}
    found = difference(expected, got)
    assert found.part == ("losses", 1, "weight")
    assert found.placed().lines()[0] == "losses[1].weight:"
    assert found.placed("the weight after step 2").lines() == [
        "the weight after step 2:",
        "expected  torch.tensor([0.0, 0.0])",
        "got       torch.tensor([1.0, 1.0])",
        "worst at [0]: expected 0, got 1",
    ]
    assert found.placed("").lines()[0] == "expected  torch.tensor([0.0, 0.0])"


def test_of_a_dict_its_keys_are_told_where_something_else_came():
    expected = {"losses": [1.0] * 100, "state": {"weight": torch.zeros(2)}}
    assert difference(expected, None).placed().lines() == [
        "expected  {'losses': …, 'state': …}",
        "got       None",
        "nothing came: None",
    ]
    assert difference(expected, {"type": "Net"}).placed().lines() == [
        "expected  {'losses': …, 'state': …}",
        "got       an object of type Net",
    ]


def test_missing_and_unexpected_keys_are_told():
    found = difference({"a": 1, "b": 2}, {"b": 2, "c": 3})
    assert found.contrast.all_notes == ("missing: a", "not expected: c")
    assert difference({"a": 1}, {}).contrast.all_notes == ("missing: a",)


def test_the_order_of_keys_does_not_matter():
    assert agree({"a": 1, "b": 2}, {"b": 2, "a": 1})


# whole observations


def test_equal_observations_have_no_difference():
    assert compared(observed(torch.ones(2)), observed(torch.ones(2))) is None


def test_what_was_observed_stays_as_it_was_when_the_tensor_changes():
    parameter = torch.nn.Parameter(torch.zeros(2, 3))
    seen = plain([parameter, parameter.t(), parameter[:, 1]])
    with torch.no_grad():
        parameter += 1
    assert all(agree(torch.zeros_like(part), part) for part in seen)


def test_the_value_itself_needs_no_name():
    assert compared(observed(1), observed(2)) == "expected  1\ngot       2"


def test_another_part_of_an_observation_is_named():
    message = compared(observed(1, gradients=[torch.ones(1)]), observed(1, gradients=[None]))
    assert message is not None
    assert message.startswith("gradients[0]:\nexpected  torch.tensor([1.0])\ngot       None")


def test_a_missing_part_differs():
    assert compared(observed(1), {"changed": [], "devices": ["cpu"]}) is not None
    assert compared(observed(1), {}) is not None


def test_what_is_no_network_has_no_parameters():
    message = compared({"parameters": {}, **observed(1)}, observed({"type": "list"}))
    assert message == "expected  something with parameters\ngot       an object of type list"


def test_more_than_was_expected_is_not_looked_at():
    assert compared({"value": 1}, observed(1, more="whatever")) is None


def test_a_changed_input_is_told():
    message = compared(observed(1), observed(1, changed=["argument 1", "weight"]))
    assert message == (
        "side effects:\nexpected  nothing else changed\ngot       changed: argument 1, weight"
    )


@pytest.mark.parametrize("changed", [None, 0, "", (), {}, "argument 1", torch.zeros(0), [None]])
def test_only_an_empty_list_says_that_nothing_was_changed(changed):
    assert compared(observed(1), observed(1, changed=changed)) is not None


def test_a_wrong_value_is_told_before_a_changed_input():
    message = compared(observed(1), observed(2, changed=["argument 1"]))
    assert message == "expected  1\ngot       2"


@pytest.mark.parametrize("graph", [False, None, 1, "True", torch.ones(1)])
def test_a_result_that_is_cut_off_from_its_inputs_is_told(graph):
    expected = observed(1, graph=True, gradients=[torch.ones(1)])
    message = compared(expected, observed(1, graph=graph, gradients=[None]))
    assert message is not None
    assert "a result cut off from its inputs" in message
    assert ".detach()" in message


def test_a_graph_that_the_reference_has_not_is_allowed():
    assert compared(observed(1, graph=False), observed(1, graph=True)) is None
    assert compared(observed(1, graph=False), observed(1, graph=False)) is None


def test_a_result_on_another_device_is_told():
    message = compared(observed(1), {**observed(1), "devices": ["cpu"]}, "cuda")
    assert message == ("the device of the result:\nexpected  ['cuda']\ngot       ['cpu']")


def test_the_reference_on_the_cpu_stands_for_the_device_of_the_run():
    assert compared(observed(1), {**observed(1), "devices": ["cuda"]}, "cuda") is None
    assert compared(observed(1), {**observed(1), "devices": ["cuda"]}, "cpu") is not None
    nowhere = {**observed(1), "devices": []}
    assert compared(nowhere, nowhere, "cuda") is None
    assert compared(nowhere, observed(1), "cpu") is not None


def test_where_no_device_is_expected_any_will_do():
    assert compared({"value": 1}, {**observed(1), "devices": ["meta"]}) is None


# the scale of the inputs


def test_the_largest_input_is_that_of_all_float_tensors():
    first, second = torch.tensor([1.0, -7.0]), torch.tensor([3.0], dtype=torch.float64)
    assert largest_input([(first,), {"weight": second}, "text", 100, None]) == 7.0


def test_whole_numbers_and_what_is_not_finite_do_not_scale():
    assert largest_input(torch.tensor([100, -200])) == 0.0
    assert largest_input(torch.tensor([math.nan, math.inf, -math.inf, 2.0])) == 2.0
    assert largest_input(torch.tensor([])) == 0.0
    assert largest_input([]) == 0.0
