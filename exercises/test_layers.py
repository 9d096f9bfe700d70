"""What `layers` must do, on examples you can follow by hand."""

import torch
import torch.nn.functional as F
from hypothesis import given, settings

from grader.checking import (
    assert_gives,
    assert_gradient_matches,
    assert_matches,
    assert_raises,
    points,
    probes,
    strategies,
)

FAR_APART = torch.tensor([0.0, 1000.0, -1000.0])
SIGNS = torch.tensor([-2.0, 0.0, 3.0])


@points(0.5)
def test_linear_by_hand(layers):
    """Two features become three: the first, the second, and the sum of both, plus the bias."""
    x = torch.tensor([[2.0, 5.0], [-1.0, 1.0]])
    weight = torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    without = torch.tensor([[2.0, 5.0, 7.0], [-1.0, 1.0, 0.0]])
    assert_gives(layers.linear, without[:1], x[:1], weight)
    bias = torch.tensor([0.0, 10.0, -1.0])
    assert_gives(layers.linear, without + bias, x, weight, bias)


@points(0.25)
def test_sigmoid_from_0_to_1(layers):
    """0 becomes ½, 1000 becomes 1 and -1000 becomes 0; the gradient is torch's there."""
    assert_gives(layers.sigmoid, torch.tensor([0.5, 1.0, 0.0]), FAR_APART)
    assert_gradient_matches(layers.sigmoid, torch.sigmoid, torch.tensor([-1.0, 1000.0, -1000.0]))


@points(0.25)
def test_tanh_from_minus_1_to_1(layers):
    """0 stays 0, 1000 becomes 1 and -1000 becomes -1; the gradient is torch's there."""
    assert_gives(layers.tanh, torch.tensor([0.0, 1.0, -1.0]), FAR_APART)
    assert_gradient_matches(layers.tanh, torch.tanh, torch.tensor([-1.0, 1000.0, -1000.0]))


@points(0.25)
def test_relu_of_three_numbers(layers):
    """Negatives become 0, the rest stays."""
    assert_gives(layers.relu, torch.tensor([0.0, 0.0, 3.0]), SIGNS)


@points(0.25)
def test_leaky_relu_of_three_numbers(layers):
    """Negatives are multiplied by the slope, 0.01 where none is given."""
    assert_gives(layers.leaky_relu, torch.tensor([-0.02, 0.0, 3.0]), SIGNS)
    assert_gives(layers.leaky_relu, torch.tensor([-1.0, 0.0, 3.0]), SIGNS, negative_slope=0.5)


@points(0.5)
def test_prelu_has_a_slope_for_each_channel(layers):
    """Two images of two channels: the first has slope 0.5, the second 0.25."""
    x = torch.tensor([[[-4.0, 1.0], [-4.0, -8.0]], [[-2.0, -2.0], [3.0, -2.0]]])
    expected = torch.tensor([[[-2.0, 1.0], [-1.0, -2.0]], [[-1.0, -1.0], [3.0, -0.5]]])
    assert_gives(layers.prelu, expected, x, torch.tensor([0.5, 0.25]))
    assert_gives(layers.prelu, torch.tensor([-1.0, 0.0, 3.0]), SIGNS, torch.tensor([0.5]))


@points(0.25)
def test_rrelu_without_training_is_not_random(layers):
    """The slope between 0.25 and 0.75 is 0.5; a lower above the upper raises ValueError."""
    expected = torch.tensor([-1.0, 0.0, 3.0])
    assert_gives(layers.rrelu, expected, SIGNS, lower=0.25, upper=0.75)
    assert_raises(ValueError, layers.rrelu, SIGNS, lower=0.75, upper=0.25)


@points(0.25)
def test_rrelu_while_training_is_random(layers):
    """Each negative element has a slope of its own, spread evenly from 0.25 to 0.75."""
    x = torch.linspace(-2.0, 2.0, 4000).reshape(50, 80)
    options = {"lower": 0.25, "upper": 0.75, "training": True}
    assert_matches(layers.rrelu, F.rrelu, x, probe=probes.random_slopes, **options)


@points(0.25)
def test_softmax_by_hand(layers):
    """Scores of ln 1, ln 2 and ln 5 have the probabilities 1/8, 2/8 and 5/8."""
    scores = torch.tensor([[1.0, 2.0, 5.0], [5.0, 2.0, 1.0]]).log()
    expected = torch.tensor([[0.125, 0.25, 0.625], [0.625, 0.25, 0.125]])
    assert_gives(layers.softmax, expected, scores, dim=1)
    assert_gives(layers.softmax, expected.T, scores.T, dim=0)


@points(0.25)
@settings(max_examples=10)
@given(scores=strategies.scores())
def test_softmax_is_torchs(layers, scores):
    """softmax and its gradient are torch's, along every dimension."""
    assert_gradient_matches(layers.softmax, F.softmax, *scores)


@points(0.25)
def test_log_softmax_by_hand(layers):
    """Two equal scores have log ½ each; a score 1000 below another has about -1000."""
    scores = torch.tensor([[0.0, 0.0], [1000.0, 0.0]])
    expected = torch.tensor([[-0.6931472, -0.6931472], [0.0, -1000.0]])
    assert_gives(layers.log_softmax, expected, scores, dim=1)


@points(0.5)
def test_collapse_by_hand(layers):
    """3 · (2x + 1) + 4 is 6x + 7; with no bias in the first layer it is 6x + 4."""
    two, three = torch.tensor([[2.0]]), torch.tensor([[3.0]])
    one, four = torch.tensor([1.0]), torch.tensor([4.0])
    expected = {"weight": torch.tensor([[6.0]]), "its parameters can be trained": True}
    for bias, sum_of_both in ((one, 7.0), (None, 4.0)):
        assert_gives(
            layers.collapse,
            {**expected, "bias": torch.tensor([sum_of_both])},
            *(two, bias, three, four),
            probe=probes.collapsed,
        )


@points(0.5)
def test_two_layer_net_by_hand(layers):
    """layer1 makes (2, -2) of 2, the ReLU (2, 0) of that, and layer2 2 + 0 - 5 = -3."""
    state = {
        "layer1.weight": torch.tensor([[1.0], [-1.0]]),
        "layer1.bias": torch.tensor([0.0, 0.0]),
        "layer2.weight": torch.tensor([[1.0, 1.0]]),
        "layer2.bias": torch.tensor([-5.0]),
    }
    x, expected = torch.tensor([[2.0]]), torch.tensor([[-3.0]])
    assert_gives(layers.TwoLayerNet, expected, state, x, probe=probes.two_layers)


@points(0.25)
def test_output_activation_of_three_outputs(layers):
    """Any numbers; a probability for each; probabilities that sum to 1 in each row."""
    outputs = torch.tensor([[1.0, 2.0, 5.0]]).log()
    for task, expected in {
        "regression": outputs,
        "binary": torch.tensor([[1 / 2, 2 / 3, 5 / 6]]),
        "multiclass": torch.tensor([[0.125, 0.25, 0.625]]),
    }.items():
        assert_gives(layers.output_activation, [expected], task, outputs, probe=probes.activation)
