"""Reading a student's source: where a function is, and which forbidden names it uses."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.checking.source import forbidden_uses, line_of
from grader.course import load_course

ROOT = Path(__file__).parent.parent
QUICK = settings(max_examples=100, deadline=None, database=None)


def used(source: str, *forbidden: str, function: str = "f") -> list[str]:
    return [name for name, _, _ in forbidden_uses(source, function, forbidden)]


def in_body(line: str, imports: str = "import torch\nimport torch.nn.functional as F") -> str:
    return f"{imports}\ndef f(x, y):\n    {line}\n"


# where a function is


SOURCE = """\
import torch


def first(x):
    return x


@decorated
class Second:
    def inner(self):
        pass


async def third():
    pass


def first(x):
    return -x


if True:
    def fourth():
        pass
"""


@pytest.mark.parametrize(
    ("function", "line"),
    [("first", 18), ("Second", 9), ("third", 14), ("inner", None), ("fourth", None), ("x", None)],
)
def test_a_function_is_where_its_last_definition_begins(function, line):
    assert line_of(SOURCE, function) == line


def test_every_function_of_the_course_is_found_in_its_stub():
    course = load_course(ROOT)
    for exercise in course.exercises:
        source = (course.stubs / exercise.file_name).read_text(encoding="utf-8")
        lines = source.splitlines()
        for function in exercise.functions:
            line = line_of(source, function)
            assert line is not None
            assert lines[line - 1].split()[1].startswith(function)


def test_a_source_that_is_no_python_says_so():
    with pytest.raises(SyntaxError):
        line_of("def f(:\n", "f")
    with pytest.raises(SyntaxError):
        forbidden_uses("def f(:\n", "f", ["mse_loss"])


# what is used


@pytest.mark.parametrize(
    ("imports", "call", "name"),
    [
        ("import torch", "torch.nn.functional.mse_loss", "torch.nn.functional.mse_loss"),
        ("import torch.nn.functional", "torch.nn.functional.mse_loss", None),
        ("import torch.nn.functional as F", "F.mse_loss", None),
        ("from torch.nn import functional", "functional.mse_loss", None),
        ("from torch.nn import functional as tools", "tools.mse_loss", None),
        ("from torch import nn", "nn.functional.mse_loss", None),
        ("from torch.nn.functional import mse_loss", "mse_loss", None),
        ("from torch.nn.functional import mse_loss as mine", "mine", None),
        ("from torch import nn", "nn.MSELoss()", "torch.nn.MSELoss"),
        ("from torch.nn import MSELoss as Loss", "Loss()", "torch.nn.MSELoss"),
        ("import torch", "torch.nn.modules.loss.MSELoss()", "torch.nn.modules.loss.MSELoss"),
        ("import torch", "torch.ops.aten.mse_loss", "torch.ops.aten.mse_loss"),
        ("import torch", "torch._C._nn.mse_loss", "torch._C._nn.mse_loss"),
    ],
)
def test_a_forbidden_loss_is_found_by_whatever_name_it_was_imported(imports, call, name):
    source = in_body(f"return {call}(x, y)", imports)
    expected = (name or "torch.nn.functional.mse_loss", 3, f"return {call}(x, y)")
    assert forbidden_uses(source, "f", ["mse_loss"]) == [expected]


def test_an_import_inside_the_function_is_found_too():
    source = "def f(x, y):\n    from torch.nn.functional import mse_loss as m\n    return m(x, y)\n"
    assert forbidden_uses(source, "f", ["mse_loss"]) == [
        ("torch.nn.functional.mse_loss", 3, "return m(x, y)")
    ]


@pytest.mark.parametrize(
    ("thing", "used_name"),
    [
        ("cross_entropy", "F.cross_entropy"),
        ("cross_entropy", "torch.nn.CrossEntropyLoss"),
        ("nll_loss", "torch.nn.NLLLoss"),
        ("l1_loss", "torch.nn.L1Loss"),
        ("smooth_l1_loss", "torch.nn.SmoothL1Loss"),
        ("huber_loss", "torch.nn.HuberLoss"),
        ("binary_cross_entropy", "F.binary_cross_entropy"),
        ("binary_cross_entropy", "torch.nn.BCELoss"),
        ("binary_cross_entropy_with_logits", "torch.nn.BCEWithLogitsLoss"),
        ("nn.PairwiseDistance", "torch.nn.PairwiseDistance"),
        ("torch.optim", "torch.optim.SGD"),
        ("torch.optim", "torch.optim"),
        ("torch.optim", "torch.optim.lr_scheduler.StepLR"),
        ("linear", "torch.nn.Linear"),
        ("linear", "torch.nn.LazyLinear"),
        ("sigmoid", "torch.special.expit"),
        ("sigmoid", "torch.nn.Sigmoid"),
        ("relu", "F.relu_"),
        ("leaky_relu", "torch.nn.LeakyReLU"),
        ("prelu", "torch.nn.PReLU"),
        ("rrelu", "torch.nn.RReLU"),
        ("softmax", "torch.nn.Softmax2d"),
        ("softmax", "F.softmin"),
        ("softmax", "F.gumbel_softmax"),
        ("log_softmax", "torch.special.log_softmax"),
        ("logsumexp", "torch.special.logsumexp"),
    ],
)
def test_a_function_and_its_class_are_one_thing(thing, used_name):
    assert len(used(in_body(f"return {used_name}"), thing)) == 1


@pytest.mark.parametrize(
    ("thing", "used_name"),
    [
        ("cross_entropy", "F.binary_cross_entropy"),
        ("cross_entropy", "F.log_softmax"),
        ("l1_loss", "F.smooth_l1_loss"),
        ("binary_cross_entropy", "torch.nn.BCEWithLogitsLoss"),
        ("nll_loss", "F.poisson_nll_loss"),
        ("nll_loss", "torch.nn.PoissonNLLLoss"),
        ("mse_loss", "torch.square"),
        ("torch.optim", "torch.optimize"),
        ("torch.optim", "torch.nn.Module"),
        ("nn.PairwiseDistance", "F.pairwise_distance"),
        ("linear", "F.bilinear"),
        ("sigmoid", "F.logsigmoid"),
        ("tanh", "F.hardtanh"),
        ("tanh", "torch.atanh"),
        ("relu", "F.leaky_relu"),
        ("relu", "torch.nn.PReLU"),
        ("leaky_relu", "F.rrelu"),
        ("softmax", "F.softplus"),
        ("mse_loss", "x.mse_loss"),
        ("mse_loss", "mse_loss"),
        ("mse_loss", "y"),
    ],
)
def test_what_is_not_forbidden_is_not_found(thing, used_name):
    assert used(in_body(f"return {used_name}"), thing) == []


@pytest.mark.parametrize(
    "call",
    [
        "x.relu()",
        "x.relu_()",
        "(x - 1).relu()",
        "x.abs().relu()",
        "x[0].relu()",
        "torch.Tensor.relu",
    ],
)
def test_a_method_of_a_tensor_is_found_on_whatever_it_stands(call):
    (name,) = used(in_body(f"return {call}"), "relu")
    assert name in ("torch.Tensor.relu", "torch.Tensor.relu_")


@pytest.mark.parametrize(
    "call", ["x.tanh()", "x.leaky_relu()", "x.relu", "self.relu(x)", "relu(x)"]
)
def test_a_method_of_another_name_is_not_found(call):
    assert used(in_body(f"return {call}"), "relu") == []


def test_a_method_of_ones_own_class_is_not_torchs():
    source = in_body("return Bends().relu(x)") + "class Bends:\n    def relu(self, x): ...\n"
    assert used(source, "relu") == []


def test_a_function_of_another_library_is_no_method():
    assert used(in_body("return math.tanh(x)", "import math"), "tanh") == []
    assert used(in_body("return np.tanh(x)", "import numpy as np"), "tanh") == []


def test_a_name_of_another_library_is_not_torchs():
    assert used(in_body("return np.mse_loss(x)", "import numpy as np"), "mse_loss") == []
    assert used(in_body("return mse_loss(x)", "from .mine import mse_loss"), "mse_loss") == []
    assert used(in_body("return mse_loss(x)", "from mine import mse_loss"), "mse_loss") == []


def test_words_in_comments_and_texts_are_not_used():
    source = in_body('"""Like F.mse_loss."""  # torch.nn.functional.mse_loss')
    assert used(source, "mse_loss") == []


def test_nothing_forbidden_means_nothing_is_read():
    assert forbidden_uses("def f(:", "f", []) == []


# where it is looked for


def test_only_the_function_that_is_asked_about_is_looked_at():
    source = in_body("return x - y") + "def g(x, y):\n    return F.mse_loss(x, y)\n"
    assert used(source, "mse_loss") == []
    assert used(source, "mse_loss", function="g") == ["torch.nn.functional.mse_loss"]
    assert used(source, "mse_loss", function="missing") == []


def test_helpers_are_looked_at_however_many_stand_between():
    source = in_body("return _first(x, y)") + (
        "def _first(x, y):\n    return _second(x, y) if x else f(x, y)\n"
        "def _second(x, y):\n    return F.mse_loss(x, y)\n"
    )
    assert forbidden_uses(source, "f", ["mse_loss"]) == [
        ("torch.nn.functional.mse_loss", 8, "return F.mse_loss(x, y)")
    ]


def test_what_another_function_of_the_module_calls_counts_as_it_does_in_grading():
    source = in_body("return other(x, y)") + "def other(x, y):\n    return F.mse_loss(x, y)\n"
    assert used(source, "mse_loss") == ["torch.nn.functional.mse_loss"]


def test_a_class_is_looked_at_with_its_bases_and_methods():
    source = (
        "import torch\nfrom torch.optim import SGD as Base\n"
        "class SGD(Base):\n    def step(self):\n        torch.optim.Adam.step(self)\n"
    )
    assert forbidden_uses(source, "SGD", ["torch.optim"]) == [
        ("torch.optim.SGD", 3, "class SGD(Base):"),
        ("torch.optim.Adam.step", 5, "torch.optim.Adam.step(self)"),
    ]


def test_decorators_and_defaults_belong_to_the_function():
    source = "import torch.nn.functional as F\n@wrap(F.mse_loss)\ndef f(x, loss=F.l1_loss): ...\n"
    assert used(source, "mse_loss", "l1_loss") == [
        "torch.nn.functional.mse_loss",
        "torch.nn.functional.l1_loss",
    ]


def test_uses_come_in_the_order_of_their_lines_and_once_each():
    source = in_body(
        "a = F.mse_loss(x, y)\n    b = F.l1_loss(x, y) + F.l1_loss(y, x)\n    return a"
    )
    assert used(source, "l1_loss", "mse_loss") == [
        "torch.nn.functional.mse_loss",
        "torch.nn.functional.l1_loss",
    ]


@pytest.mark.parametrize(
    ("form", "newline"),
    [("\f", "\n"), ("\x1c", "\n"), ("\u2028", "\n"), ("\x85", "\n"), ("", "\r\n"), ("", "\r")],
)
def test_the_line_shown_is_the_line_that_python_counts(form, newline):
    lines = ["import torch.nn.functional as F", f"text = '{form}'", "def f(x):"]
    source = newline.join([*lines, "    return F.mse_loss(x, 0)", ""])
    assert forbidden_uses(source, "f", ["mse_loss"]) == [
        ("torch.nn.functional.mse_loss", 4, "return F.mse_loss(x, 0)")
    ]


# any source


names = st.sampled_from(["f", "_g", "torch", "F", "mse_loss", "x", "nn"])
expressions = st.recursive(
    names,
    lambda inner: st.one_of(
        st.tuples(inner, names).map(".".join),
        inner.map("({})".format),
        inner.map("{}()".format),
        inner.map("[{}]".format),
    ),
    max_leaves=4,
)
statements = st.one_of(
    expressions,
    expressions.map("return {}".format),
    names.map("import torch.nn as {}".format),
    names.map("from torch.nn.functional import mse_loss as {}".format),
    st.just("from torch.nn.functional import *"),
    st.just("from . import f"),
)


@QUICK
@given(st.lists(statements, min_size=1, max_size=4), st.lists(statements, min_size=1, max_size=3))
def test_every_use_names_something_of_torch_and_a_line_of_the_source(body, helper):
    source = "import torch\ndef f():\n    " + "\n    ".join(body) + "\n"
    source += "def _g():\n    " + "\n    ".join(helper) + "\n"
    lines = source.splitlines()
    for name, line, text in forbidden_uses(source, "f", ["mse_loss", "torch.nn"]):
        assert name.startswith("torch.")
        assert lines[line - 1].strip() == text


def test_the_courses_solutions_and_stubs_use_nothing_that_is_forbidden():
    course = load_course(ROOT)
    for exercise in course.exercises:
        for folder in (course.stubs, course.solutions):
            source = (folder / exercise.file_name).read_text(encoding="utf-8")
            for function, things in exercise.forbidden.items():
                assert forbidden_uses(source, function, things) == []
