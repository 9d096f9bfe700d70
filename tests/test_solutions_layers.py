"""The reference layers against torch itself; nothing of the grader is used here."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from conftest import solution
from torch import Tensor, nn
from torch.testing import assert_close

layers = solution("layers")
DTYPES = [torch.float32, torch.float64]
SHAPES = [(5,), (1, 1), (3, 4), (2, 3, 4), (2, 3, 2, 5)]
FAR = [1000.0, -1000.0, 710.0, -710.0, 100.0, -100.0, 89.0, -89.0, 17.0, -17.0, 1e-2, -1e-2]
Shape = tuple[int, ...]


@pytest.fixture(autouse=True)
def fixed_seed() -> None:
    torch.manual_seed(0)


def assert_agrees(
    mine: Callable[..., Tensor], theirs: Callable[..., Tensor], *args: Tensor, **options: Any
) -> None:
    """Value, dtype and the gradients by all arguments agree; no argument has changed."""
    results = []
    for function in (mine, theirs):
        given = [arg.clone().requires_grad_() for arg in args]
        value = function(*given, **options)
        weights = torch.linspace(1, 2, value.numel(), dtype=value.dtype).reshape(value.shape)
        results.append((value.detach(), torch.autograd.grad((value * weights).sum(), given)))
        for now, then in zip(given, args, strict=True):
            assert torch.equal(now, then)
    scale = max(1.0, *(arg.abs().max().item() for arg in args))
    assert_close(results[0], results[1], rtol=1e-5, atol=1e-6 * scale)


def normal(*shape: int, dtype: torch.dtype, transposed: bool = False) -> Tensor:
    drawn = torch.randn(shape, dtype=dtype) * 3
    return drawn.mT.contiguous().mT if transposed and len(shape) > 1 else drawn


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("batch", [(), (1,), (4,), (2, 3)])
def test_linear_agrees(batch: Shape, dtype: torch.dtype) -> None:
    for inputs, outputs, transposed in product((1, 3), (1, 3, 5), (False, True)):
        x = normal(*batch, inputs, dtype=dtype, transposed=transposed)
        weight = normal(outputs, inputs, dtype=dtype, transposed=transposed)
        assert_agrees(layers.linear, F.linear, x, weight)
        assert_agrees(layers.linear, F.linear, x, weight, normal(outputs, dtype=dtype))


CURVES = {"sigmoid": torch.sigmoid, "tanh": torch.tanh, "relu": F.relu, "leaky_relu": F.leaky_relu}


@pytest.mark.parametrize("name", [*CURVES, "rrelu"])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("dtype", DTYPES)
def test_elementwise_functions_agree(name: str, shape: Shape, dtype: torch.dtype) -> None:
    theirs = {**CURVES, "rrelu": F.rrelu}[name]
    for x in (normal(*shape, dtype=dtype, transposed=True), torch.tensor(FAR, dtype=dtype)):
        assert_agrees(getattr(layers, name), theirs, x)


def test_sigmoid_and_tanh_have_their_gradient_at_0_too() -> None:
    for name, slope in {"sigmoid": 0.25, "tanh": 1.0}.items():
        zero = torch.zeros(1, requires_grad=True)
        getattr(layers, name)(zero).sum().backward()
        assert zero.grad is not None and zero.grad.item() == slope


@pytest.mark.parametrize("slope", [0.0, 0.3, 1.0, 2.5, -0.5])
def test_leaky_relu_agrees_for_every_slope(slope: float) -> None:
    x = normal(3, 4, dtype=torch.float64)
    assert_agrees(layers.leaky_relu, F.leaky_relu, x, negative_slope=slope)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("dtype", DTYPES)
def test_prelu_agrees(shape: Shape, dtype: torch.dtype) -> None:
    x = normal(*shape, dtype=dtype, transposed=True)
    assert_agrees(layers.prelu, F.prelu, x, normal(1, dtype=dtype))
    if len(shape) > 1:
        assert_agrees(layers.prelu, F.prelu, x, normal(shape[1], dtype=dtype))


@pytest.mark.parametrize("bounds", [{}, {"lower": 0.0, "upper": 2.0}, {"lower": 0.2, "upper": 0.2}])
def test_rrelu_agrees_in_evaluation_and_stays_within_its_bounds_in_training(
    bounds: dict[str, float],
) -> None:
    x = -torch.ones(50, 50, dtype=torch.float64)
    assert_agrees(layers.rrelu, F.rrelu, x, **bounds)
    lower, upper = bounds.get("lower", 1 / 8), bounds.get("upper", 1 / 3)
    slopes = -layers.rrelu(x, **bounds, training=True)
    assert lower <= slopes.min() <= slopes.max() <= upper
    assert slopes.mean().item() == pytest.approx((lower + upper) / 2, abs=0.05)
    assert len(slopes.unique()) == (x.numel() if lower < upper else 1)
    assert torch.equal(layers.rrelu(-x, **bounds, training=True), -x)


@pytest.mark.parametrize("training", [False, True])
def test_rrelu_refuses_bounds_in_the_wrong_order(training: bool) -> None:
    with pytest.raises(ValueError, match="lower"):
        layers.rrelu(torch.ones(2), 0.5, 0.25, training)


@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("size", [1, 1000])
@pytest.mark.parametrize("dtype", DTYPES)
def test_softmax_and_its_logarithm_agree(
    name: str, shape: Shape, size: float, dtype: torch.dtype
) -> None:
    x = normal(*shape, dtype=dtype, transposed=True) * size
    for dim in range(-len(shape), len(shape)):
        assert_agrees(getattr(layers, name), getattr(F, name), x, dim=dim)
        assert_agrees(getattr(layers, name), getattr(F, name), torch.zeros_like(x), dim=dim)


@pytest.mark.parametrize("biases", list(product([False, True], repeat=2)))
@pytest.mark.parametrize("dtype", DTYPES)
def test_collapse_computes_the_same_with_parameters_of_its_own(
    biases: tuple[bool, bool], dtype: torch.dtype
) -> None:
    first = nn.Linear(4, 6, bias=biases[0], dtype=dtype)
    second = nn.Linear(6, 3, bias=biases[1], dtype=dtype)
    layer = layers.collapse(first, second)
    x = normal(5, 4, dtype=dtype)
    expected = second(first(x)).detach()
    assert type(layer) is nn.Linear and layer(x).dtype == dtype
    assert_close(layer(x), expected, check_stride=False)
    layer(x).sum().backward()
    old = [*first.parameters(), *second.parameters()]
    assert all(parameter.grad is None for parameter in old)
    assert all(parameter.grad is not None for parameter in layer.parameters())
    with torch.no_grad():
        for parameter in old:
            parameter.zero_()
    assert_close(layer(x), expected)


@pytest.mark.parametrize("sizes", [(1, 1, 1), (3, 8, 2), (5, 2, 5)])
def test_two_layer_net_is_a_relu_between_two_layers(sizes: tuple[int, int, int]) -> None:
    network = layers.TwoLayerNet(*sizes)
    for batch in (1, 4):
        x = torch.randn(batch, sizes[0])
        hidden = F.relu(F.linear(x, network.layer1.weight, network.layer1.bias))
        assert_close(network(x), F.linear(hidden, network.layer2.weight, network.layer2.bias))
    inputs, hidden_size, outputs = sizes
    numbers = sum(parameter.numel() for parameter in network.parameters())
    assert numbers == (inputs + 1) * hidden_size + (hidden_size + 1) * outputs


def test_output_activations() -> None:
    x = torch.randn(2, 3, 4)
    expected = {"regression": x, "binary": x.sigmoid(), "multiclass": x.softmax(1)}
    for task, output in expected.items():
        assert_close(layers.output_activation(task)(x), output)
    assert isinstance(layers.output_activation("regression"), nn.Identity)
    for task in ("Regression", "", "ranking"):
        with pytest.raises(ValueError, match="task"):
            layers.output_activation(task)
