"""Hidden checks of `convnets`: sizes against torch's own layers, networks layer by layer."""

from collections import OrderedDict

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from grader.checking import assert_matches, assert_raises, points, probes


def some_images(count, dtype=torch.float32):
    """Noise, which one line gives again: a student can paste it."""
    generator = torch.Generator().manual_seed(count)
    return torch.randn(count, 3, 32, 32, dtype=dtype, generator=generator)


BATCHES = [some_images(count) for count in (2, 7, 1)]
SMALL = some_images(2)


def cifar_layers():
    """The nine layers."""
    return [
        ("conv1", nn.Conv2d(3, 32, 5, padding=2)),
        ("maxpool1", nn.MaxPool2d(2)),
        ("conv2", nn.Conv2d(32, 32, 5, padding=2)),
        ("maxpool2", nn.MaxPool2d(2)),
        ("conv3", nn.Conv2d(32, 64, 5, padding=2)),
        ("maxpool3", nn.MaxPool2d(2)),
        ("flatten", nn.Flatten()),
        ("linear1", nn.Linear(1024, 64)),
        ("linear2", nn.Linear(64, 10)),
    ]


def cifar_by_name():
    """The network with named layers."""
    return nn.Sequential(OrderedDict(cifar_layers()))


def cifar_by_position():
    """The network with numbered layers."""
    return nn.Sequential(*(layer for _, layer in cifar_layers()))


class ReferenceLeNet5(nn.Module):
    """LeNet-5 of torch's layers."""

    def __init__(self):
        super().__init__()
        self.model = nn.Sequential(
            nn.Conv2d(3, 6, 5),
            nn.MaxPool2d(2),
            nn.Conv2d(6, 16, 5),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Linear(400, 120),
            nn.Linear(120, 84),
            nn.Linear(84, 10),
        )

    def forward(self, images):
        return self.model(images)


def assert_in_evaluation(subject, reference, drawn):
    """In evaluation mode too the logits come out, of a float64 image in float64, with gradients."""
    options = {"probe": probes.forward, "gradients": True, "training": False}
    image = some_images(1, torch.float64)
    assert_matches(subject, reference, image, seed=drawn.seed(), **options)


def torchs_size(size, kernel_size, stride=1, padding=0, dilation=1):
    """The size that torch's convolution puts out."""
    options = {"stride": stride, "padding": padding, "dilation": dilation}
    convolution = nn.Conv2d(1, 1, kernel_size, **options, device="meta")
    return convolution(torch.empty(1, 1, size, size, device="meta")).shape[-1]


def torchs_same_padding(kernel_size, dilation=1):
    """The padding with which torch's convolution keeps a size."""
    size = dilation * kernel_size + 1
    for padding in range(size):
        if torchs_size(size, kernel_size, padding=padding, dilation=dilation) == size:
            return padding
    raise AssertionError("the check asks for a padding that there is none of")


@points(0.5)
@given(
    size=st.integers(6, 40),
    kernel_size=st.integers(1, 5),
    stride=st.integers(1, 4),
    padding=st.integers(0, 3),
    dilation=st.integers(1, 3),
)
def test_conv_output_size_matches_torch(convnets, size, kernel_size, stride, padding, dilation):
    """conv_output_size is what torch's Conv2d puts out, for every stride, padding, dilation."""
    size += dilation * kernel_size  # so that the kernel fits
    options = {"stride": stride, "padding": padding, "dilation": dilation}
    assert_matches(convnets.conv_output_size, torchs_size, size, kernel_size, **options)


@points(0.25)
def test_conv_output_size_refuses_what_is_no_size(convnets, drawn):
    """A kernel larger than the padded input, a number below 1, a negative padding: ValueError."""
    fitting = {"size": 5, "kernel_size": 3, "stride": 1, "padding": 0, "dilation": 1}
    for wrong in (
        {"size": 2},
        {"kernel_size": 6},
        {"kernel_size": 8, "padding": 1},
        {"dilation": 3},
        {"size": 0, "padding": 5},
        {"kernel_size": 0},
        {"stride": 0},
        {"dilation": 0},
        {"padding": -1},
    ):
        assert_raises(ValueError, convnets.conv_output_size, **{**fitting, **wrong})
    for exact in ({"size": 3}, {"kernel_size": 7, "padding": 1}, {"dilation": 2}):
        assert_matches(convnets.conv_output_size, torchs_size, **{**fitting, **exact})
    larger = {"size": drawn.integer(20, 99), "padding": drawn.integer(1, 9)}
    assert_matches(convnets.conv_output_size, torchs_size, **{**fitting, **larger})


@points(0.25)
def test_conv_output_size_has_conv2ds_defaults(convnets, drawn):
    """Left out, the stride is 1, the padding 0 and the dilation 1."""
    for options in ({}, {"stride": 2}, {"padding": 1}, {"dilation": 2}):
        size = drawn.integer(9, 30)
        assert_matches(convnets.conv_output_size, torchs_size, size, 3, **options)
    for options in ((2, 0, 1), (1, 2, 1), (3, 1, 2)):  # by position
        size = drawn.integer(9, 30)
        assert_matches(convnets.conv_output_size, torchs_size, size, 3, *options)


@points(0.5)
def test_same_padding_keeps_the_size(convnets, drawn):
    """same_padding is the padding with which torch's Conv2d keeps the size."""
    for kernel_size in (1, 3, 5, 7):
        assert_matches(convnets.same_padding, torchs_same_padding, kernel_size)
        for dilation in (1, 2, 3):
            arguments = kernel_size, dilation
            assert_matches(convnets.same_padding, torchs_same_padding, *arguments)
    assert_matches(convnets.same_padding, torchs_same_padding, 2, dilation=2)
    assert_matches(convnets.same_padding, torchs_same_padding, 4, dilation=4)
    for dilation in (1, 2, 3, 4):
        kernel_size = 2 * drawn.integer(4, 63) + 1
        assert_matches(convnets.same_padding, torchs_same_padding, kernel_size, dilation)


@points(0.25)
def test_same_padding_refuses_what_has_none(convnets):
    """An even effective kernel, and a kernel or dilation below 1, raise ValueError."""
    for kernel_size, dilation in ((2, 1), (4, 1), (6, 3), (2, 3), (0, 2), (3, 0), (0, 1), (-1, 2)):
        assert_raises(ValueError, convnets.same_padding, kernel_size, dilation=dilation)


@points(0.5)
def test_cifar_net_has_the_nine_layers(convnets, drawn):
    """CifarNet's layers have the names, kinds and parameters of the table."""
    seed = drawn.seed()
    assert_matches(convnets.CifarNet, cifar_by_name, probe=probes.describe, seed=seed)


@points(0.5)
def test_cifar_net_computes_what_the_layers_compute(convnets, drawn):
    """Given the same parameters, CifarNet puts out what torch's layers do, at any batch size."""
    options = {"probe": probes.forward, "seed": drawn.seed()}
    assert_matches(convnets.CifarNet, cifar_by_name, *BATCHES, **options)


@points(0.5)
def test_cifar_net_gradients(convnets, drawn):
    """Every parameter of CifarNet takes part, with torch's gradient."""
    options = {"probe": probes.forward, "gradients": True, "seed": drawn.seed()}
    assert_matches(convnets.CifarNet, cifar_by_name, SMALL, **options)
    assert_in_evaluation(convnets.CifarNet, cifar_by_name, drawn)


@points(0.5)
def test_sequential_cifar_net_has_the_nine_layers(convnets, drawn):
    """An nn.Sequential of the nine layers, by position."""
    subject = convnets.sequential_cifar_net
    options = {"probe": probes.describe, "sequential": True, "seed": drawn.seed()}
    assert_matches(subject, cifar_by_position, **options)


@points(0.5)
def test_sequential_cifar_net_computes_what_the_layers_compute(convnets, drawn):
    """Given the same parameters, it puts out what torch's layers put out."""
    subject = convnets.sequential_cifar_net
    options = {"probe": probes.forward, "seed": drawn.seed()}
    assert_matches(subject, cifar_by_position, *BATCHES, **options)
    assert_in_evaluation(subject, cifar_by_position, drawn)


@points(0.5)
def test_named_cifar_net_has_the_nine_names(convnets, drawn):
    """An nn.Sequential whose state_dict has the names of CifarNet's."""
    subject = convnets.named_cifar_net
    options = {"probe": probes.describe, "sequential": True, "seed": drawn.seed()}
    assert_matches(subject, cifar_by_name, **options)


@points(0.5)
def test_named_cifar_net_computes_what_the_layers_compute(convnets, drawn):
    """Given the same parameters, it puts out what torch's layers put out."""
    options = {"probe": probes.forward, "seed": drawn.seed()}
    assert_matches(convnets.named_cifar_net, cifar_by_name, *BATCHES, **options)
    assert_in_evaluation(convnets.named_cifar_net, cifar_by_name, drawn)


@points(0.5)
def test_lenet5_has_its_layers(convnets, drawn):
    """LeNet5 has one attribute, model: an nn.Sequential of its eight layers."""
    seed = drawn.seed()
    assert_matches(convnets.LeNet5, ReferenceLeNet5, probe=probes.describe, seed=seed)


@points(0.5)
def test_lenet5_computes_what_the_layers_compute(convnets, drawn):
    """Given the same parameters, LeNet5 puts out what torch's layers put out, with gradients."""
    options = {"probe": probes.forward, "gradients": True, "seed": drawn.seed()}
    assert_matches(convnets.LeNet5, ReferenceLeNet5, *BATCHES, **options)
    assert_in_evaluation(convnets.LeNet5, ReferenceLeNet5, drawn)


@points(0.75)
def test_count_parameters_of_all_kinds(convnets, drawn):
    """What is frozen does not count, what is shared counts once, buffers never."""

    def count(model):
        return sum(p.numel() for p in model.parameters() if p.requires_grad)

    for model in (
        "Linear(3, 4)",
        "two Linear, the first frozen",
        "two Linear that share one weight",
        "Conv2d, BatchNorm2d and Linear, nested",
        "no parameters",
        "two Linear, each half frozen",
        "two PReLU and a GRU, three levels deep",
        "one Linear used twice",
    ):
        assert_matches(convnets.count_parameters, count, model, probe=probes.count)
    sizes = [drawn.integer(1, 50) for _ in range(3)]
    model = "two Linear, the first frozen"
    assert_matches(convnets.count_parameters, count, model, sizes, probe=probes.count)
