"""The reference derivations against torch itself; nothing of the grader is used here."""

from __future__ import annotations

from typing import Any

import pytest
import torch
import torch.nn.functional as F
from conftest import solution
from torch import Tensor, nn
from torch.testing import assert_close

backprop = solution("backprop")
DTYPES = [torch.float32, torch.float64]
Shape = tuple[int, ...]


@pytest.fixture(autouse=True)
def fixed_seed() -> None:
    torch.manual_seed(0)


def leaf(tensor: Tensor) -> Tensor:
    return tensor.clone().requires_grad_()


@pytest.mark.parametrize("shape", [(), (1,), (4,), (3, 2), (2, 1, 3)])
def test_numerical_gradient_is_that_of_autograd(shape: Shape) -> None:
    def f(x: Tensor) -> Tensor:
        return (x.sin() * x.sum()).prod() + x.exp().sum()

    x = torch.randn(shape, dtype=torch.float64)
    expected = torch.autograd.functional.jacobian(f, x)
    assert_close(backprop.numerical_gradient(f, x), expected, rtol=1e-7, atol=1e-8)
    transposed = x.permute(list(reversed(range(x.dim()))))
    found = backprop.numerical_gradient(f, transposed)
    assert_close(found, torch.autograd.functional.jacobian(f, transposed), rtol=1e-7, atol=1e-8)


def test_numerical_gradient_leaves_x_alone_and_takes_any_scalar() -> None:
    x = torch.rand(20, dtype=torch.float64)
    before = x.clone()
    found = backprop.numerical_gradient(lambda x: x[3], x)
    assert torch.equal(x, before)
    assert_close(found, F.one_hot(torch.tensor(3), 20).double())
    assert_close(backprop.numerical_gradient(lambda x: (x**3).sum(), x, eps=1.0), 3 * x**2 + 1)


@pytest.mark.parametrize("front", [(), (1,), (5,), (2, 3), (2, 1, 4)])
@pytest.mark.parametrize("dtype", DTYPES)
def test_linear_backward_is_that_of_autograd(front: Shape, dtype: torch.dtype) -> None:
    parts = [torch.randn(shape, dtype=dtype) for shape in [(*front, 3), (4, 3), (4,)]]
    leaves = list(map(leaf, parts))
    grad_output = torch.randn((*front, 4), dtype=dtype)
    expected = torch.autograd.grad(F.linear(*leaves), leaves, grad_output)
    assert_close(backprop.linear_backward(*parts[:2], grad_output), expected)


@pytest.mark.parametrize("shape", [(), (6,), (3, 4)])
@pytest.mark.parametrize("dtype", DTYPES)
def test_elementwise_gradients_are_those_of_autograd(shape: Shape, dtype: torch.dtype) -> None:
    x, other = torch.randint(-2, 3, (2, *shape)).to(dtype)
    (expected,) = torch.autograd.grad(F.relu(start := leaf(x)), start, other)
    assert_close(backprop.relu_backward(x, other), expected)
    (expected,) = torch.autograd.grad(F.mse_loss(start := leaf(x), other), start)
    assert_close(backprop.mse_backward(x, other), expected)


@pytest.mark.parametrize("name", ["relu_backward", "mse_backward"])
def test_unequal_shapes_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="shapes"):
        getattr(backprop, name)(torch.zeros(3, 1), torch.zeros(3))


@pytest.mark.parametrize("size", [1, 1000])
@pytest.mark.parametrize("dtype", DTYPES)
def test_cross_entropy_backward_is_that_of_autograd(size: float, dtype: torch.dtype) -> None:
    for batch, classes in [(1, 2), (5, 3), (2, 10)]:
        logits = size * torch.randn(batch, classes, dtype=dtype)
        target = torch.randint(classes, (batch,))
        (expected,) = torch.autograd.grad(F.cross_entropy(start := leaf(logits), target), start)
        before = logits.clone()
        assert_close(backprop.cross_entropy_backward(logits, target), expected)
        assert torch.equal(logits, before)


def test_the_chain_of_all_steps_is_a_network_trained_by_hand() -> None:
    x, target = torch.randn(6, 3), torch.randint(4, (6,))
    network = nn.Sequential(nn.Linear(3, 5), nn.ReLU(), nn.Linear(5, 4))
    F.cross_entropy(network(x), target).backward()
    with torch.no_grad():
        hidden = network[0](x)
        logits = network[2](hidden.relu())
    weights = [network[0].weight.detach(), network[2].weight.detach()]
    back = backprop.cross_entropy_backward(logits, target)
    back, *second = backprop.linear_backward(hidden.relu(), weights[1], back)
    back = backprop.relu_backward(hidden, back)
    _, *first = backprop.linear_backward(x, weights[0], back)
    assert_close([*first, *second], [parameter.grad for parameter in network.parameters()])


def lifecycle_of(model: nn.Module, **options: Any) -> dict[str, list[Tensor | None]]:
    batch = torch.randn(3, 2), torch.randn(3, 1)
    found: dict[str, list[Tensor | None]]
    found = backprop.gradient_lifecycle(model, nn.MSELoss(**options), *batch)
    return found


def test_gradients_add_up_and_are_cleared() -> None:
    model = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 1))
    model[0].requires_grad_(False)
    model[0].bias.grad = torch.ones(2)
    model[1].bias.grad = torch.ones(1)
    values = [parameter.detach().clone() for parameter in model.parameters()]
    seen = lifecycle_of(model, reduction="sum")
    assert seen["before"] == seen["after_zero_grad"] == [None] * 4
    assert seen["after_backward"][:2] == seen["after_second_backward"][:2] == [None, None]
    for once, twice in zip(*(seen[f"after_{n}backward"][2:] for n in ("", "second_")), strict=True):
        assert once is not None and twice is not None
        assert_close(twice, 2 * once)
        assert not once.requires_grad and bool(once.abs().sum() > 0)
    assert all(map(torch.equal, values, model.parameters()))
    assert [p.requires_grad for p in model.parameters()] == [False, False, True, True]
