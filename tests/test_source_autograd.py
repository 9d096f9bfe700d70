"""Reading a student's source where `autograd` is forbidden: what counts, and what does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.checking.source import forbidden_uses
from grader.course import load_course

ROOT = Path(__file__).parent.parent

IMPORTS = """\
import functorch
import torch
import torch.func as derived
from torch import autograd, nn
from torch.autograd import Variable, functional, grad as of
from torch.func import grad, vmap
"""


def used(lines: str, imports: str = IMPORTS) -> list[str]:
    body = "".join(f"    {line}\n" for line in lines.splitlines())
    return [name for name, _, _ in forbidden_uses(f"{imports}def f(x, y):\n{body}", "f", NAMES)]


NAMES = ["autograd"]


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("y.backward()", "Tensor.backward"),
        ("(x * y).sum().backward(retain_graph=True)", "Tensor.backward"),
        ("run = y.backward", "Tensor.backward"),
        ("torch.Tensor.backward(y)", "Tensor.backward"),
        ("x.requires_grad_()", "Tensor.requires_grad_"),
        ("x.clone().detach().requires_grad_(True)", "Tensor.requires_grad_"),
        ("x.requires_grad_(requires_grad=True)", "Tensor.requires_grad_"),
        ("x.requires_grad = True", "Tensor.requires_grad"),
        ("torch.zeros(2, requires_grad=True)", "requires_grad=True"),
        ("x.new_tensor([1.0], requires_grad=y)", "requires_grad=True"),
        ("torch.autograd.grad(y, x)", "torch.autograd.grad"),
        ("torch.autograd.backward(y)", "torch.autograd.backward"),
        ("autograd.grad(y, x)", "torch.autograd.grad"),
        ("of(y, x)", "torch.autograd.grad"),
        ("functional.jacobian(y, x)", "torch.autograd.functional.jacobian"),
        ("Variable(x)", "torch.autograd.Variable"),
        ("torch.func.grad(y)(x)", "torch.func.grad"),
        ("grad(y)(x)", "torch.func.grad"),
        ("derived.jacrev(y)(x)", "torch.func.jacrev"),
        ("functorch.grad(y)(x)", "functorch.grad"),
        ("torch.ops.aten.threshold_backward(y, x, 0)", "torch.ops.aten.threshold_backward"),
    ],
)
def test_whatever_differentiates_is_found(line, name):
    assert name in used(line)


@pytest.mark.parametrize(
    "line",
    [
        "with torch.no_grad(): return x - y",
        "with torch.autograd.no_grad(): return x - y",
        "with torch.enable_grad(): return x - y",
        "with torch.inference_mode(): return x - y",
        "return torch.autograd.grad_mode.set_grad_enabled(False)",
        "return x.detach()",
        "return x.requires_grad",
        "x.requires_grad_(False)",
        "x.requires_grad = False",
        "return torch.zeros(2, requires_grad=False)",
        "return vmap(torch.sum)(x)",
        "return torch.func.vmap(torch.sum)(x)",
        "return torch.vmap(torch.sum)(x)",
        "return x.grad",
        "return nn.Parameter(x)",
        "return linear_backward(x, y)",
        "return torch.gradient(x)",
        '"""Like loss.backward()."""  # torch.autograd.grad',
    ],
)
def test_what_does_not_differentiate_is_allowed(line):
    assert used(line) == []


def test_the_place_is_told_also_in_a_helper():
    source = (
        "import torch\ndef f(x):\n    return _g(x)\ndef _g(x):\n    x.backward()\n    return x\n"
    )
    assert forbidden_uses(source, "f", NAMES) == [("Tensor.backward", 5, "x.backward()")]
    assert forbidden_uses(source, "f", ["mse_loss"]) == []


def test_a_layer_of_the_students_own_may_have_a_method_backward():
    own = "class Layer:\n    def backward(self, g):\n        return g\n"
    assert used("return Layer().backward(y)", IMPORTS + own) == []
    assert used("return torch.autograd.grad(x, y)", IMPORTS + own) == ["torch.autograd.grad"]


def test_other_names_are_found_beside_it():
    source = "import torch.nn.functional as F\ndef f(x, y):\n    F.mse_loss(x, y).backward()\n"
    found = [name for name, _, _ in forbidden_uses(source, "f", ["autograd", "mse_loss"])]
    assert found == ["torch.nn.functional.mse_loss", "Tensor.backward"]


def test_another_library_may_have_an_autograd():
    assert used("return autograd.grad(x)", "import autograd\n") == []
    assert used("return grad(x)", "from jax import grad\n") == []


def test_right_solutions_by_hand_are_found_to_use_nothing():
    course = load_course(ROOT)
    rules = course.exercise("backprop").forbidden
    solved = (course.solutions / "backprop.py").read_text(encoding="utf-8")
    variants = sorted((ROOT / "tests" / "variants" / "backprop").glob("*.py"))
    assert variants
    for source in (solved, *(file.read_text(encoding="utf-8") for file in variants)):
        for function, things in rules.items():
            assert forbidden_uses(source, function, things) == []
