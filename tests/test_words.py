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
from grader.checking.words import place_text, question_text, shortened
from grader.checking.words_modules import _MODELS
from grader.checking.words_values import (
    part_text,
    python_text,
    tensor_python,
    tensor_text,
    value_text,
)
from grader.probes.modules import MODELS
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
        again = evaluated(tensor_python(tensor))
        assert same(again, tensor)
        assert again.is_contiguous() == tensor.is_contiguous()
        if tensor.numel() <= 64:
            assert same(evaluated(tensor_text(tensor)), tensor)


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


# inputs, which are written in full


@pytest.mark.parametrize(
    ("tensor", "text"),
    [
        (torch.zeros(2, 9), "torch.zeros(2, 9)"),
        (torch.ones(65, dtype=torch.float64), "torch.ones(65, dtype=torch.float64)"),
        (torch.full((3, 3), -100), "torch.full((3, 3), -100)"),
        (torch.full((3, 3), 0.5), "torch.full((3, 3), 0.5)"),
        (torch.ones(3, 3).bool(), "torch.full((3, 3), True)"),
        (torch.zeros(3), "torch.tensor([0.0, 0.0, 0.0])"),
        (torch.arange(70.0).reshape(7, 10), "torch.arange(70.0).reshape(7, 10)"),
        (torch.arange(70), "torch.arange(70)"),
        (torch.linspace(-1, 1, 100), "torch.linspace(-1.0, 1.0, 100)"),
        (torch.linspace(-1, 1, 100).double(), "torch.linspace(-1.0, 1.0, 100).double()"),
        (torch.tensor([[1.0, 2.0], [3.0, 4.0]]).T, "torch.tensor([[1.0, 2.0], [3.0, 4.0]]).T"),
        (torch.ones(3, 2, 9).transpose(0, 2), "torch.ones(3, 2, 9).transpose(0, 2)"),
        (torch.ones(3, 2, 9).permute(1, 2, 0), "torch.ones(3, 2, 9).permute(1, 2, 0)"),
        (
            torch.randn(3, 32, 32, generator=torch.Generator().manual_seed(4)),
            "torch.randn(3, 32, 32, generator=torch.Generator().manual_seed(4))",
        ),
    ],
)
def test_an_input_is_written_as_one_would_make_it(tensor, text):
    assert tensor_python(tensor) == text
    assert same(evaluated(text), tensor)
    assert evaluated(text).stride() == tensor.stride()


def test_an_input_of_some_hundred_elements_is_written_out():
    tensor = torch.arange(300).flip(0).reshape(3, 100) % 7
    assert same(evaluated(python_text(tensor)), tensor)
    assert python_text([0.1 + 0.2, math.inf]) == '[0.30000000000000004, float("inf")]'


@pytest.mark.parametrize(
    "tensor",
    [torch.rand(600), torch.randint(3, 9, (30, 40), dtype=torch.uint8), torch.rand(600).double()],
)
def test_of_a_larger_one_another_of_its_kind_is_written(tensor):
    again = evaluated(python_text(tensor))
    assert (again.shape, again.dtype) == (tensor.shape, tensor.dtype)


def test_an_input_that_is_differentiated_says_so():
    row = torch.tensor([[1.0, 2.0]])
    assert tensor_python(row, True) == "torch.tensor([[1.0, 2.0]], requires_grad=True)"
    for tensor in (row, torch.tensor([[1.0, 2.0], [3.0, 4.0]]).T, torch.zeros(100)):
        again = evaluated(tensor_python(tensor, requires_grad=True))
        assert again.requires_grad and again.is_leaf
        assert same(again.detach(), tensor)


@pytest.mark.parametrize(
    ("part", "text"),
    [
        ((), ""),
        (("value",), ""),
        (("value", 1, 0), "result[1][0]"),
        (("value", "losses", 1), "losses[1]"),
        (("gradients", "0.weight"), "gradients.0.weight"),
    ],
)
def test_a_part_that_no_probe_names_is_named_as_python_would(part, text):
    assert part_text(part) == text


# questions as Python; that they run is what test_words_run.py is about


def asked(probe: str, *args: Any, **kwargs: Any) -> Question:
    return Question("any", "thing", probe, args, kwargs)


def lines(probe: str, *args: Any, **kwargs: Any) -> list[str]:
    return question_text(asked(probe, *args, **kwargs)).splitlines()


ONE, TWO = [torch.tensor([1.0])], [torch.tensor([1.0]), torch.tensor([2.0])]


def test_a_call_is_written_as_it_is_made():
    assert lines("call", ONE[0], 2, reduction="sum") == [
        "thing(torch.tensor([1.0]), 2, reduction='sum')"
    ]


def test_a_long_call_has_an_argument_a_line():
    row = torch.full((8,), 0.25)
    assert lines("call", row, row) == [
        "thing(",
        "    torch.tensor([0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25]),",
        "    torch.tensor([0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25]),",
        ")",
    ]


def test_on_a_gpu_the_text_says_so():
    text = question_text(asked("call", 1), device="cuda")
    assert text == "# with every tensor on cuda\nthing(1)"


def test_a_gradient_is_written_with_the_inputs_it_is_taken_by():
    assert lines("gradient", *TWO) == [
        "input = torch.tensor([1.0], requires_grad=True)",
        "result = thing(input, torch.tensor([2.0]))",
        "result.backward(torch.arange(1.0, 1 + result.numel()).reshape(result.shape))",
        "result, input.grad",
    ]
    assert lines("gradient", *TWO, wrt=(1, "weight"), weight=torch.tensor(3.0)) == [
        "second = torch.tensor([2.0], requires_grad=True)",
        "weight = torch.tensor(3.0, requires_grad=True)",
        "result = thing(torch.tensor([1.0]), second, weight=weight)",
        "result.backward(torch.arange(1.0, 1 + result.numel()).reshape(result.shape))",
        "result, second.grad, weight.grad",
    ]


def test_the_gradient_of_a_scalar_needs_no_weights():
    text = question_text(asked("gradient", *TWO), {"value": torch.tensor(1.0)})
    assert text.splitlines()[2] == "result.backward()"
    several = question_text(asked("gradient", *TWO), {"value": torch.tensor([1.0])})
    assert several.splitlines()[2].startswith("result.backward(torch.arange(")


def test_where_the_value_is_wrong_nothing_is_said_of_the_gradient():
    question = asked("gradient", *TWO, wrt=(0, 1), reduction="sum")
    text = question_text(shortened(question, ("value",)))
    assert text == "thing(torch.tensor([1.0]), torch.tensor([2.0]), reduction='sum')"
    assert shortened(question, ("gradients", 0)) == question
    assert place_text(question, ("gradients", 1)) == "second.grad"
    assert place_text(asked("gradient", *TWO), ("gradients", 0)) == "input.grad"


def test_an_optimizer_is_written_as_the_lines_that_use_it():
    assert lines("optimize", ONE, [ONE, [None]], lr=0.1, betas=(0.5, 0.9)) == [
        "w = nn.Parameter(torch.tensor([1.0]))",
        "optimizer = thing([w], lr=0.1, betas=(0.5, 0.9))",
        "for gradient in [torch.tensor([1.0]), None]:",
        "    w.grad = gradient",
        "    optimizer.step()",
        "    print(w.data)",
    ]


def test_an_optimizer_of_several_parameters_too():
    assert lines("optimize", TWO, [TWO], lr=0.1, zero_between=True, as_generator=True) == [
        "w = [nn.Parameter(torch.tensor([1.0])), nn.Parameter(torch.tensor([2.0]))]",
        "optimizer = thing((p for p in w), lr=0.1)",
        "for gradients in [[torch.tensor([1.0]), torch.tensor([2.0])]]:",
        "    w[0].grad, w[1].grad = gradients",
        "    optimizer.step()",
        "    print(w[0].data, w[1].data)",
        "    w[0].grad.zero_()",
        "    w[1].grad.zero_()",
    ]


def test_an_optimizer_that_is_not_to_be_made_is_only_made():
    assert lines("optimize", [], [], lr=0.1) == ["optimizer = thing([], lr=0.1)"]


def test_no_step_is_shown_after_the_one_that_differs():
    question = asked("optimize", TWO, [TWO, TWO, TWO], lr=0.1)
    part = ("value", 1, 0)
    assert shortened(question, part).args == (TWO, [TWO, TWO])
    assert place_text(question, part) == "after step 2, w[0]"
    chosen = asked("choose", "Adam", ONE, [ONE, ONE, ONE], 0.1)
    assert shortened(chosen, ("value", "class")).args[2] == []
    assert shortened(chosen, ("value", "parameters", 1, 0)).args[2] == [ONE, ONE]
    training = asked("epoch_losses", "perceptron", torch.zeros(2, 1), torch.zeros(2, 1), {})
    assert shortened(training, ("value", 1)).kwargs == {"epochs": 2}
    assert place_text(training, ("value", 1)) == "the loss of epoch 2"


def test_of_several_batches_the_one_that_differs_is_shown():
    question = asked("forward", torch.zeros(1, 3), torch.zeros(2, 3), gradients=True)
    assert place_text(question, ("value", 1)) == "outputs[1]"
    only = shortened(question, ("value", 1))
    assert place_text(only, ("value", 0)) == "the output"
    assert question_text(only).splitlines() == [
        "from grader.probes import fill",
        "network = thing()",
        "fill(network.state_dict(), seed=0)  # each by its name",
        "output = network(torch.tensor([[0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]))",
        "output",
    ]


@pytest.mark.parametrize("name", MODELS)
def test_a_model_is_written_as_it_is_made(name):
    names: dict[str, Any] = {"nn": torch.nn}
    exec("\n".join(_MODELS[name]), names)
    written, made = names["model"], MODELS[name]()
    assert repr(written) == repr(made)
    kinds = [
        [(place, p.shape, p.requires_grad) for place, p in model.named_parameters()]
        for model in (written, made)
    ]
    assert kinds[0] == kinds[1]


def test_a_training_loop_is_written_in_plain_lines():
    settings = {"name": "SGD", "lr": 0.1}
    inputs, targets = torch.tensor([[1.0], [2.0]]), torch.tensor([[3.0], [4.0]])
    assert lines("run_train", "perceptron", inputs, targets, settings, batch_size=2) == [
        "torch.manual_seed(0)",
        "model = nn.Sequential(nn.Linear(1, 6), nn.Tanh(), nn.Linear(6, 1))",
        "model.eval()",
        "optimizer = torch.optim.SGD(model.parameters(), lr=0.1)",
        "sum(p.sum() for p in model.parameters()).mul(0.5).backward()  # grads left from before",
        "loss_fn = lambda output, target: (output - 2 * target).square().mean()",
        "inputs = torch.tensor([[1.0], [2.0]])",
        "targets = torch.tensor([[3.0], [4.0]])",
        "loader = DataLoader(TensorDataset(inputs, targets), batch_size=2, shuffle=True)",
        "thing(model, loader, loss_fn, optimizer, 2)",
        "model.state_dict()",
    ]


@pytest.mark.parametrize(
    ("probe", "part", "text"),
    [
        ("run_train", ("value", "losses", 0), "the loss of epoch 1"),
        ("run_train", ("value", "losses"), "the losses"),
        ("run_train", ("value", "state", "0.weight"), "parameter 0.weight at the end"),
        ("run_train", ("value", "state", "1.running_var"), "buffer 1.running_var at the end"),
        ("run_train_step", ("value", "losses", 2), "the loss of step 3"),
        ("lbfgs_losses", ("value", 0), "the loss of step 1"),
        ("run_evaluate", ("value", 0), "the loss of batch 1"),
        ("learn", ("value", "test accuracy"), "test accuracy"),
        ("describe", ("value", "layers"), "the names of the layers"),
        ("describe", ("value", "layers", "conv1"), "layer conv1"),
        ("describe", ("value", "parameters", "conv1.bias", 0), "dimension 0 of conv1.bias"),
        ("forward", ("gradients", "conv1.bias"), "the gradient of conv1.bias"),
        ("choose", ("value", "settings", "lr"), "the setting lr"),
        ("call", ("value", 1), "result[1]"),
        ("a probe of one's own", ("value", "seen", 1), "seen[1]"),
    ],
)
def test_a_part_is_called_what_it_is(probe, part, text):
    assert place_text(asked(probe, torch.zeros(1), torch.zeros(1)), part) == text


def test_what_is_cleared_and_chosen_has_the_names_of_the_text():
    assert place_text(asked("clear", TWO, TWO, {}), ("value", "gradients", 1)) == "w[1].grad"
    assert place_text(asked("clear", ONE, ONE, {}), ("value", "parameters", 0)) == "w"
    chosen = asked("choose", "Adam", ONE, [ONE], 0.1)
    assert place_text(chosen, ("value", "parameters", 0, 0)) == "after step 1, w"
    evaluation = Question("training", "evaluate", "run_evaluate", (), {})
    assert place_text(evaluation, ("value", 1)) == "the accuracy"


def test_any_other_probe_is_written_as_the_grader_runs_it():
    assert lines("ponder", 2, flag=True) == [
        "from grader.probes import PROBES",
        "PROBES['ponder'](thing, \"cpu\", 2, flag=True)",
    ]
