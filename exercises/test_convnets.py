"""What `convnets` must do: sizes on paper first, then the same network three ways."""

from grader.checking import assert_gives, assert_raises, points, probes


@points(0.5)
def test_conv_output_size_on_paper(convnets):
    """A 5×5 kernel makes 28 of 32; with padding 2 it keeps 32; a 2×2 pool of stride 2 halves it."""
    assert_gives(convnets.conv_output_size, 28, 32, 5)
    assert_gives(convnets.conv_output_size, 32, 32, 5, padding=2)
    assert_gives(convnets.conv_output_size, 16, 32, 2, stride=2)
    assert_gives(convnets.conv_output_size, 3, 7, 3, stride=2)


@points(0.5)
def test_same_padding_on_paper(convnets):
    """A kernel of 5 needs padding 2, one of 3 with dilation 2 as well; one of 2 has none."""
    assert_gives(convnets.same_padding, 2, 5)
    assert_gives(convnets.same_padding, 2, 3, dilation=2)
    assert_raises(ValueError, convnets.same_padding, 2)


@points(0.5)
def test_cifar_net_gives_ten_logits_an_image(convnets):
    """CifarNet maps (N, 3, 32, 32) to (N, 10) with 145,578 parameters, also for one image."""
    for images in (64, 1):
        expected = {"output shape": [images, 10], "trainable elements": 145_578}
        assert_gives(convnets.CifarNet, expected, images, 3, 32, 32, probe=probes.size)


@points(0.5)
def test_sequential_cifar_net_is_as_large(convnets):
    """The Sequential by position has the same size."""
    expected = {"output shape": [2, 10], "trainable elements": 145_578}
    assert_gives(convnets.sequential_cifar_net, expected, 2, 3, 32, 32, probe=probes.size)


@points(0.5)
def test_named_cifar_net_is_as_large(convnets):
    """The Sequential by name has the same size."""
    expected = {"output shape": [2, 10], "trainable elements": 145_578}
    assert_gives(convnets.named_cifar_net, expected, 2, 3, 32, 32, probe=probes.size)


@points(0.5)
def test_lenet5_gives_ten_logits_an_image(convnets):
    """LeNet5 maps (N, 3, 32, 32) to (N, 10) with 62,006 parameters."""
    expected = {"output shape": [2, 10], "trainable elements": 62_006}
    assert_gives(convnets.LeNet5, expected, 2, 3, 32, 32, probe=probes.size)


@points(1)
def test_count_parameters_counts_what_is_trained(convnets):
    """A Linear(3, 4) has 3·4 weights and 4 biases; what is frozen does not count."""
    assert_gives(convnets.count_parameters, 16, "Linear(3, 4)", probe=probes.count)
    frozen = "two Linear, the first frozen"
    assert_gives(convnets.count_parameters, 10, frozen, probe=probes.count)
