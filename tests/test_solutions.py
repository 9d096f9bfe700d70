"""The reference networks and losses against torch itself; nothing of the grader is used here."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from conftest import solution
from torch import Tensor, nn
from torch.testing import assert_close

REDUCTIONS = ["mean", "sum", "none"]
DTYPES = [torch.float32, torch.float64]
Shape = tuple[int, ...]


convnets, losses = solution("convnets"), solution("losses")


@pytest.fixture(autouse=True)
def fixed_seed() -> None:
    torch.manual_seed(0)


CONVOLUTIONS = list(product([1, 7, 32], [1, 2, 5], [1, 3], [0, 2], [1, 2]))


@pytest.mark.parametrize("numbers", CONVOLUTIONS)
def test_conv_output_size_is_that_of_conv2d(numbers: tuple[int, ...]) -> None:
    size, *options = numbers
    try:
        expected = nn.Conv2d(1, 1, *options)(torch.zeros(1, 1, size, size)).shape[-1]
    except RuntimeError:
        with pytest.raises(ValueError, match="kernel"):
            convnets.conv_output_size(*numbers)
    else:
        assert convnets.conv_output_size(*numbers) == expected


@pytest.mark.parametrize(
    "wrong", [{"size": 0}, {"kernel_size": 0}, {"stride": 0}, {"padding": -1}, {"dilation": 0}]
)
def test_conv_output_size_refuses_what_is_no_size(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError):
        convnets.conv_output_size(**{"size": 8, "kernel_size": 3, **wrong})


@pytest.mark.parametrize(("kernel_size", "dilation"), [(1, 1), (3, 1), (5, 2), (2, 2), (4, 4)])
def test_same_padding_keeps_the_size(kernel_size: int, dilation: int) -> None:
    padding = convnets.same_padding(kernel_size, dilation)
    layer = nn.Conv2d(1, 1, kernel_size, padding=padding, dilation=dilation)
    assert layer(torch.zeros(1, 1, 9, 9)).shape[-1] == 9


@pytest.mark.parametrize(("kernel_size", "dilation"), [(2, 1), (4, 3), (0, 1), (-1, 1), (3, 0)])
def test_same_padding_refuses_what_has_none(kernel_size: int, dilation: int) -> None:
    with pytest.raises(ValueError):
        convnets.same_padding(kernel_size, dilation)


def test_the_three_cifar_networks_compute_the_same() -> None:
    network, named = convnets.CifarNet(), convnets.named_cifar_net()
    sequential = convnets.sequential_cifar_net()
    named.load_state_dict(network.state_dict())
    for mine, theirs in zip(sequential.parameters(), network.parameters(), strict=True):
        mine.data.copy_(theirs)
    for batch in (1, 3):
        images = torch.randn(batch, 3, 32, 32)
        x = images
        for layer in (network.conv1, network.conv2, network.conv3):
            x = F.max_pool2d(F.conv2d(x, layer.weight, layer.bias, padding=2), 2)
        x = F.linear(x.flatten(1), network.linear1.weight, network.linear1.bias)
        expected = F.linear(x, network.linear2.weight, network.linear2.bias)
        for candidate in (network, named, sequential):
            assert_close(candidate(images), expected)
    names = [name for name, _ in network.named_children()]
    assert names == [name for name, _ in named.named_children()]
    assert [type(layer) for layer in network.children()] == [type(layer) for layer in sequential]


def test_lenet5_is_a_sequential_of_eight_layers() -> None:
    network = convnets.LeNet5()
    shapes = [tuple(parameter.shape) for parameter in network.model.parameters()]
    assert shapes[::2] == [(6, 3, 5, 5), (16, 6, 5, 5), (120, 400), (84, 120), (10, 84)]
    images = torch.randn(1, 3, 32, 32)
    assert_close(network(images), network.model(images))
    assert len(network.model) == 8


def test_count_parameters_counts_trainable_ones_once() -> None:
    assert convnets.count_parameters(convnets.CifarNet()) == 145_578
    assert convnets.count_parameters(convnets.LeNet5()) == 62_006
    model = nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 4), nn.BatchNorm1d(4))
    model[1].weight = model[0].weight
    model[0].bias.requires_grad_(False)
    assert convnets.count_parameters(model) == 16 + 4 + 8


def assert_agrees(
    mine: Callable[..., Tensor], theirs: Callable[..., Tensor], *args: Any, **kw: Any
) -> None:
    """Value, dtype and gradient by the first argument agree; no argument has changed."""
    results = []
    for function in (mine, theirs):
        given = [arg.clone() for arg in args]
        given[0].requires_grad_()
        value = function(*given, **kw)
        weights = torch.arange(1, value.numel() + 1, dtype=value.dtype).reshape(value.shape)
        (gradient,) = torch.autograd.grad((value * weights).sum(), given[0])
        results.append((value.detach(), gradient))
        for now, then in zip(given, args, strict=True):
            assert torch.equal(now, then)
    scale = max(1.0, args[0].abs().max().item())
    close = {"rtol": 1e-5, "atol": 1e-6 * scale, "equal_nan": True}
    assert_close(results[0], results[1], **close)


@pytest.mark.parametrize("name", ["l1_loss", "mse_loss"])
@pytest.mark.parametrize("shape", [(), (5,), (2, 3), (1, 1, 1, 3)])
@pytest.mark.parametrize("dtype", DTYPES)
def test_elementwise_losses_agree(name: str, shape: Shape, dtype: torch.dtype) -> None:
    pair = torch.randn(2, *shape, dtype=dtype) * 10
    for reduction in REDUCTIONS:
        assert_agrees(getattr(losses, name), getattr(F, name), *pair, reduction=reduction)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_binary_cross_entropy_agrees(reduction: str, dtype: torch.dtype) -> None:
    pair = torch.rand(2, 4, 3, dtype=dtype) * 0.998 + 0.001
    for weight in (None, torch.rand(4, 3, dtype=dtype), torch.rand(3, dtype=dtype)):
        options = {"weight": weight, "reduction": reduction}
        assert_agrees(losses.binary_cross_entropy, F.binary_cross_entropy, *pair, **options)


def test_binary_cross_entropy_is_finite_for_certain_answers() -> None:
    probabilities = torch.tensor([0.0, 0.0, 1.0, 1.0, 1e-30])
    targets = torch.tensor([0.0, 1.0, 0.0, 1.0, 0.25])
    found = losses.binary_cross_entropy(probabilities, targets, reduction="none")
    assert_close(found, F.binary_cross_entropy(probabilities, targets, reduction="none"))


def class_options(classes: int, dtype: torch.dtype) -> Iterator[dict[str, Any]]:
    weights = [None, torch.rand(classes, dtype=dtype)]
    for weight, ignore_index, reduction in product(weights, [-100, 1], REDUCTIONS):
        yield {"weight": weight, "ignore_index": ignore_index, "reduction": reduction}


@pytest.mark.parametrize("shape", [(6, 4), (1, 2), (3, 4, 5), (2, 3, 2, 4)])
@pytest.mark.parametrize("dtype", DTYPES)
def test_nll_loss_agrees(shape: Shape, dtype: torch.dtype) -> None:
    log_probabilities = torch.randn(shape, dtype=dtype).log_softmax(dim=1)
    target = torch.randint(shape[1], shape[:1] + shape[2:])
    for options in class_options(shape[1], dtype):
        assert_agrees(losses.nll_loss, F.nll_loss, log_probabilities, target, **options)


@pytest.mark.parametrize("shape", [(4,), (6, 4), (3, 4, 5), (2, 3, 2, 4)])
@pytest.mark.parametrize("size", [1, 1000])
@pytest.mark.parametrize("label_smoothing", [0.0, 0.1, 1.0])
@pytest.mark.parametrize("dtype", DTYPES)
def test_cross_entropy_agrees(
    shape: Shape, size: float, label_smoothing: float, dtype: torch.dtype
) -> None:
    batched = shape if len(shape) > 1 else (1, *shape)
    logits = torch.randn(batched, dtype=dtype) * size
    target = torch.randint(batched[1], batched[:1] + batched[2:])
    if len(shape) == 1:
        logits, target = logits[0], target[0]
    for options in class_options(batched[1], dtype):
        options["label_smoothing"] = label_smoothing
        assert_agrees(losses.cross_entropy, F.cross_entropy, logits, target, **options)


@pytest.mark.parametrize("label_smoothing", [0.0, 0.2])
@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_negative_targets_are_ignored_even_all_of_them(
    label_smoothing: float, reduction: str
) -> None:
    logits = torch.randn(3, 4)
    for target in (torch.tensor([2, -100, 0]), torch.full((3,), -100)):
        options = {"reduction": reduction, "label_smoothing": label_smoothing}
        assert_agrees(losses.cross_entropy, F.cross_entropy, logits, target, **options)
        assert_agrees(losses.nll_loss, F.nll_loss, logits, target, reduction=reduction)


def test_known_losses() -> None:
    three = torch.tensor([1.0, 2.0, 3.0])
    five = torch.tensor([1.0, 2.0, 5.0])
    assert losses.l1_loss(three, five).item() == pytest.approx(0.6667, abs=1e-4)
    assert losses.l1_loss(three, five, reduction="sum").item() == 2
    assert losses.l1_loss(three, torch.full((3,), 2.0)).item() == pytest.approx(0.6667, abs=1e-4)
    assert losses.mse_loss(three, five).item() == pytest.approx(1.3333, abs=1e-4)
    assert losses.mse_loss(three, five, reduction="sum").item() == 4
    logits, target = torch.tensor([[0.1, 0.2, 0.3]]), torch.tensor([1])
    assert losses.cross_entropy(logits, target).item() == pytest.approx(1.1019, abs=1e-4)
    level = losses.cross_entropy(torch.zeros(5, 10), torch.arange(5))
    assert level.item() == pytest.approx(math.log(10))


@pytest.mark.parametrize("name", ["l1_loss", "mse_loss", "binary_cross_entropy"])
def test_unequal_shapes_are_refused(name: str) -> None:
    for shape in [(3, 1), (1,), (1, 3)]:
        with pytest.raises(ValueError, match="shapes"):
            getattr(losses, name)(torch.full((3,), 0.5), torch.full(shape, 0.5))


def test_bad_settings_are_refused() -> None:
    half, logits, target = torch.full((3,), 0.5), torch.zeros(3, 4), torch.arange(3)
    elementwise = [losses.l1_loss, losses.mse_loss, losses.binary_cross_entropy]
    calls = [(loss, half, half) for loss in elementwise]
    calls += [(loss, logits, target) for loss in (losses.nll_loss, losses.cross_entropy)]
    for (loss, *pair), reduction in product(calls, ("average", "", None, "Mean")):
        with pytest.raises(ValueError, match="reduction"):
            loss(*pair, reduction=reduction)
    for loss in (losses.nll_loss, losses.cross_entropy):
        with pytest.raises(ValueError, match="shapes"):
            loss(logits, target[:2])
    for label_smoothing in (-0.1, 1.1, math.nan):
        with pytest.raises(ValueError, match="label_smoothing"):
            losses.cross_entropy(logits, target, label_smoothing=label_smoothing)
