"""Every misconception of `convnets` differs from torch on the kind of input its mistake needs."""

import math
from collections import OrderedDict
from typing import Any

import pytest
import torch
from observing import Case, Examination
from torch import nn


def right_size(
    size: int, kernel_size: int, stride: int = 1, padding: int = 0, dilation: int = 1
) -> int:
    """The formula, by trying every position of the window."""
    spread = dilation * (kernel_size - 1) + 1
    if min(size, kernel_size, stride, dilation) < 1 or padding < 0 or spread > size + 2 * padding:
        raise ValueError("bad sizes")
    return len(range(0, size + 2 * padding - spread + 1, stride))


def right_padding(kernel_size: int, dilation: int = 1) -> int:
    taken = dilation * (kernel_size - 1)
    if taken % 2:
        raise ValueError("even effective kernel")
    return taken // 2


def right_count(model: nn.Module) -> int:
    return sum(one.numel() for one in set(model.parameters()) if one.requires_grad)


def cifar_layers() -> "OrderedDict[str, nn.Module]":
    return OrderedDict(
        conv1=nn.Conv2d(3, 32, 5, padding=2),
        maxpool1=nn.MaxPool2d(2),
        conv2=nn.Conv2d(32, 32, 5, padding=2),
        maxpool2=nn.MaxPool2d(2),
        conv3=nn.Conv2d(32, 64, 5, padding=2),
        maxpool3=nn.MaxPool2d(2),
        flatten=nn.Flatten(),
        linear1=nn.Linear(1024, 64),
        linear2=nn.Linear(64, 10),
    )


def right_cifar_net() -> nn.Module:
    return nn.Sequential(cifar_layers())


def right_sequential() -> nn.Module:
    return nn.Sequential(*cifar_layers().values())


def right_lenet() -> nn.Module:
    layers = [nn.Conv2d(3, 6, 5), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.MaxPool2d(2)]
    model = nn.Module()
    linear = [nn.Linear(400, 120), nn.Linear(120, 84), nn.Linear(84, 10)]
    model.model = nn.Sequential(*layers, nn.Flatten(), *linear)
    model.forward = model.model.forward
    return model


def output_of(batch: int, right: Any) -> Case:
    """The output for one batch, with a given state where the model takes it."""

    def case(build: Any) -> Any:
        model = build()
        torch.manual_seed(0)
        state = {key: torch.randn_like(one) / 8 for key, one in right().state_dict().items()}
        if {key: one.shape for key, one in model.state_dict().items()} == {
            key: one.shape for key, one in state.items()
        }:
            model.load_state_dict(state)
        inputs = torch.randn(batch, 3, 32, 32)
        with torch.no_grad():
            return [model(inputs), model(inputs)]

    return case


def keys_of(build: Any) -> Any:
    return {key: list(one.shape) for key, one in build().state_dict().items()}


def shared() -> nn.Module:
    first, second = nn.Linear(3, 3), nn.Linear(3, 3)
    second.weight = first.weight
    return nn.Sequential(first, second)


def frozen() -> nn.Module:
    model = nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 1))
    model[0].weight.requires_grad_(False)
    return model


def sized(*args: int, **options: int) -> Case:
    return lambda function: function(*args, **options)


def network_cases(right: Any) -> dict[str, Case]:
    return {
        "one image": output_of(1, right),
        "two images": output_of(2, right),
        "64 images": output_of(64, right),
        "state_dict": keys_of,
    }


RIGHT = {
    "conv_output_size": right_size,
    "same_padding": right_padding,
    "count_parameters": right_count,
    "CifarNet": right_cifar_net,
    "sequential_cifar_net": right_sequential,
    "named_cifar_net": right_cifar_net,
    "LeNet5": right_lenet,
}
CASES: dict[str, dict[str, Case]] = {
    "conv_output_size": {
        "exact": sized(32, 5, padding=2),
        "stride 2": sized(32, 5, stride=2, padding=2),
        "dilation 3": sized(11, 3, dilation=3),
        "one position": sized(5, 5),
        "kernel too large": sized(4, 7, padding=1),
        "no size": sized(0, 1, padding=3),
        "negative padding": sized(8, 3, padding=-1),
    },
    "same_padding": {
        "kernel 1": sized(1),
        "kernel 5": sized(5),
        "even": sized(4),
        "dilation 2": sized(3, dilation=2),
        "even, made odd": sized(4, dilation=2),
    },
    "count_parameters": {
        "linear": lambda count: count(nn.Linear(3, 2)),
        "frozen": lambda count: count(frozen()),
        "shared": lambda count: count(shared()),
        "batch norm": lambda count: count(nn.BatchNorm2d(4)),
        "deep": lambda count: count(nn.Sequential(nn.Sequential(nn.Linear(3, 2)))),
    },
    "CifarNet": network_cases(right_cifar_net),
    "sequential_cifar_net": network_cases(right_sequential),
    "named_cifar_net": network_cases(right_cifar_net),
    "LeNet5": network_cases(right_lenet),
}


@pytest.fixture(scope="module")
def examination() -> Examination:
    return Examination("convnets", RIGHT, CASES)


# misconception: the case of its function in which it shows
SHOWS = {
    "size_rounded_up": "stride 2",
    "size_padded_once": "exact",
    "size_without_dilation": "dilation 3",
    "size_with_one_gap_too_many": "dilation 3",
    "size_without_the_first_position": "exact",
    "size_without_stride": "stride 2",
    "size_of_a_kernel_too_large": "kernel too large",
    "size_of_anything": "negative padding",
    "padding_without_dilation": "dilation 2",
    "padding_not_halved": "kernel 5",
    "padding_of_an_even_kernel": "even",
    "padding_refuses_by_the_kernel_alone": "even, made odd",
    "count_with_frozen": "frozen",
    "count_shared_twice": "shared",
    "count_of_tensors": "linear",
    "count_with_buffers": "batch norm",
    "count_of_the_top_level": "deep",
    "CifarNetWithoutPadding": "one image",
    "CifarNetFlattensTheBatch": "one image",
    "CifarNetForBatchesOf64": "two images",
    "CifarNetInAList": "state_dict",
    "CifarNetBuiltInForward": "two images",
    "CifarNetWithSoftmax": "two images",
    "CifarNetWithFinalRelu": "two images",
    "CifarNetWithActivations": "two images",
    "CifarNetSkipsConv2": "two images",
    "CifarNetRunsConv2Twice": "two images",
    "CifarNetWithNarrowConv3": "state_dict",
    "CifarNetWithLargePools": "two images",
    "CifarNetWithAveragePools": "two images",
    "CifarNetWithOtherNames": "state_dict",
    "sequential_flattens_the_batch": "one image",
    "sequential_with_softmax": "two images",
    "sequential_with_activations": "two images",
    "sequential_without_conv2": "state_dict",
    "sequential_with_a_tied_conv": "state_dict",
    "sequential_with_names": "state_dict",
    "named_with_underscores": "state_dict",
    "named_by_position": "state_dict",
    "named_flattens_the_batch": "one image",
    "named_with_softmax": "two images",
    "LeNet5FlattensTheBatch": "one image",
    "LeNet5InAList": "state_dict",
    "LeNet5BuiltInForward": "two images",
    "LeNet5WithSoftmax": "two images",
    "LeNet5WithActivations": "two images",
    "LeNet5PoolsWithStrideOne": "state_dict",
    "LeNet5WithAveragePools": "two images",
    "LeNet5WithPadding": "state_dict",
    "LeNet5UnderAnotherName": "state_dict",
}
# Wrong by refusing what is right, or unable to run at all.
CRASHES = {
    "padding_refuses_by_the_kernel_alone",
    "CifarNetWithoutPadding",
    "CifarNetForBatchesOf64",
}


def test_every_misconception_is_in_the_table(examination: Examination) -> None:
    assert set(examination.known) == set(SHOWS)


@pytest.mark.parametrize("name", SHOWS)
def test_the_mistake_shows_in_its_case(examination: Examination, name: str) -> None:
    assert SHOWS[name] in examination.shows_in(name)
    assert examination.always_crashes(name) == (name in CRASHES)


def test_no_two_misconceptions_of_a_function_behave_alike(examination: Examination) -> None:
    assert examination.look_alikes(skipped=set()) == []


def test_a_hard_coded_batch_size_works_for_that_size(examination: Examination) -> None:
    assert "64 images" not in examination.shows_in("CifarNetForBatchesOf64")


def test_a_python_list_of_layers_has_no_parameters(examination: Examination) -> None:
    for name in ("CifarNetInAList", "LeNet5InAList"):
        build: Any = examination.known[name].definition
        assert list(build().parameters()) == []


def test_a_final_softmax_makes_rows_of_probabilities(examination: Examination) -> None:
    build: Any = examination.known["CifarNetWithSoftmax"].definition
    rows = build()(torch.randn(3, 3, 32, 32)).sum(1)
    assert all(math.isclose(row, 1, rel_tol=1e-5) for row in rows.tolist())
