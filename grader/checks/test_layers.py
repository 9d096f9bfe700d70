"""Hidden checks of `layers`: functions against torch's own, layers against torch's modules."""

from collections import OrderedDict

import torch
import torch.nn.functional as F
from hypothesis import example, given, settings
from hypothesis import strategies as st
from torch import nn

from grader.checking import (
    assert_gradient_matches,
    assert_matches,
    assert_raises,
    points,
    probes,
    strategies,
)

few = settings(max_examples=10)
BOTH = (torch.float32, torch.float64)
ANY = strategies.elements()
NONZERO = strategies.elements(nonzero=True)
FAR = torch.tensor([[1000.0, -1000.0, 100.0, -100.0], [16.0, -16.0, 8.0, -8.0]])
ZEROS = torch.tensor([[0.0, -1.0], [2.0, 0.0]])
SLOPES = st.sampled_from([{}, *({"negative_slope": slope} for slope in (0.25, 2.0, 0.0, -0.5))])
BOUNDS = st.sampled_from([{}, {"lower": 0.25, "upper": 0.75}, {"lower": 0.0}, {"upper": 2.0}])
LARGE = torch.tensor([[1000.0, 0.0, -1000.0], [-1000.0, -999.0, -1000.0], [0.0, 1.0, 2.0]])
MANY = torch.linspace(-2.0, 2.0, 4000).reshape(50, 80)
IMAGES = torch.arange(1.0, 17.0).reshape(2, 2, 2, 2)
NETWORK = {
    "layer1.weight": torch.tensor([[1.0, 0.0], [-1.0, 0.5], [0.5, 2.0]]),
    "layer1.bias": torch.tensor([0.0, 1.0, -0.5]),
    "layer2.weight": torch.tensor([[1.0, -2.0, 0.5], [0.5, 1.0, -1.0]]),
    "layer2.bias": torch.tensor([-3.0, 0.25]),
}
BATCH = torch.tensor([[1.0, -1.0], [-2.0, 1.0], [0.5, 0.25]])


def with_middle(far, drawn):
    """Each row with two more numbers, which are not far from 0."""
    return torch.cat([far, drawn.near(torch.tensor([[-1.0, 2.0]] * len(far)))], dim=1)


@st.composite
def linear_inputs(draw, bias=None):
    """x (…, in), weight (out, in) and, where asked for, a bias (out,)."""
    inputs, outputs = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    batch, dtype = draw(strategies.shapes(0, 2, 3)), draw(strategies.dtypes())
    x = draw(strategies.tensors((*batch, inputs), dtype))
    weight = draw(strategies.tensors((outputs, inputs), dtype))
    with_bias = draw(st.booleans()) if bias is None else bias
    return (x, weight, *([draw(strategies.tensors((outputs,), dtype))] if with_bias else []))


@points(0.25)
@few
@given(inputs=linear_inputs())
def test_linear_matches_torch(layers, inputs):
    """linear agrees with torch for any number of dimensions, with a bias and without."""
    assert_matches(layers.linear, F.linear, *inputs)


@points(0.25)
@few
@given(inputs=linear_inputs())
def test_linear_gradient(layers, inputs):
    """The gradients by x, weight and bias are torch's."""
    everything = tuple(range(len(inputs)))
    assert_gradient_matches(layers.linear, F.linear, *inputs, wrt=everything)


@points(0.25)
def test_linear_of_squares(layers, drawn):
    """Where batch, inputs and outputs are as many, the weight is transposed and the bias is not."""
    x = drawn.near(torch.tensor([[1.0, 2.0], [3.0, 4.0]]))
    weight = drawn.near(torch.tensor([[1.0, 10.0], [0.0, 2.0]]))
    bias = drawn.near(torch.tensor([100.0, 200.0]))
    for dtype in BOTH:
        square = x.to(dtype), weight.to(dtype)
        assert_matches(layers.linear, F.linear, *square, bias=bias.to(dtype))
        assert_matches(layers.linear, F.linear, *square, bias=None)


@points(0.25)
@few
@given(x=ANY)
def test_sigmoid_matches_torch(layers, x):
    """sigmoid agrees with torch for every shape and dtype."""
    assert_matches(layers.sigmoid, torch.sigmoid, x)


@points(0.25)
@few
@given(x=NONZERO)
def test_sigmoid_gradient(layers, x):
    """The gradient of sigmoid is torch's."""
    assert_gradient_matches(layers.sigmoid, torch.sigmoid, x)


@points(0.5)
def test_sigmoid_far_from_0(layers, drawn):
    """At ±1000 and on the way there sigmoid and its gradient are torch's: no overflow, no NaN."""
    for dtype in BOTH:
        for x in with_middle(FAR, drawn).to(dtype):
            assert_matches(layers.sigmoid, torch.sigmoid, x)
            assert_gradient_matches(layers.sigmoid, torch.sigmoid, x)


@points(0.25)
@few
@given(x=ANY)
def test_tanh_matches_torch(layers, x):
    """tanh agrees with torch for every shape and dtype."""
    assert_matches(layers.tanh, torch.tanh, x)


@points(0.25)
@few
@given(x=NONZERO)
def test_tanh_gradient(layers, x):
    """The gradient of tanh is torch's."""
    assert_gradient_matches(layers.tanh, torch.tanh, x)


@points(0.25)
def test_tanh_far_from_0(layers, drawn):
    """At ±1000 and on the way there tanh and its gradient are torch's: no overflow, no NaN."""
    for dtype in BOTH:
        for x in with_middle(FAR, drawn).to(dtype):
            assert_matches(layers.tanh, torch.tanh, x)
            assert_gradient_matches(layers.tanh, torch.tanh, x)


@points(0.25)
@few
@given(x=ANY)
@example(x=ZEROS)
def test_relu_matches_torch(layers, x):
    """relu agrees with torch for every shape and dtype; at 0 its gradient is finite."""
    assert_matches(layers.relu, F.relu, x)
    assert_matches(layers.relu, F.relu, x, probe=probes.finite_gradient)


@points(0.25)
@few
@given(x=NONZERO)
@example(x=FAR)
def test_relu_gradient(layers, x):
    """The gradient of relu is torch's, at ±1000 too."""
    assert_gradient_matches(layers.relu, F.relu, x)


@points(0.5)
@few
@given(x=ANY, options=SLOPES)
@example(x=ZEROS, options={})
def test_leaky_relu_matches_torch(layers, x, options):
    """leaky_relu agrees with torch for every slope; at 0 its gradient is finite."""
    assert_matches(layers.leaky_relu, F.leaky_relu, x, **options)
    assert_matches(layers.leaky_relu, F.leaky_relu, x, probe=probes.finite_gradient, **options)


@points(0.25)
@few
@given(x=NONZERO, options=SLOPES)
@example(x=FAR, options={})
@example(x=FAR, options={"negative_slope": 2.0})
def test_leaky_relu_gradient(layers, x, options):
    """The gradient of leaky_relu is torch's, at ±1000 too."""
    assert_gradient_matches(layers.leaky_relu, F.leaky_relu, x, **options)


@st.composite
def prelu_inputs(draw, nonzero=False):
    """x of any shape with one slope, or (N, C, d1, …) with C of them."""
    shape = draw(st.one_of(strategies.shapes(1, 2, 3), strategies.shapes(3, 4, 2)))
    dtype = draw(strategies.dtypes())
    slopes = shape[1] if len(shape) > 1 and draw(st.booleans()) else 1
    x = draw(strategies.tensors(shape, dtype))
    weight = draw(strategies.tensors((slopes,), dtype, -1.0, 2.0))
    return torch.where(x == 0, x - 0.25, x) if nonzero else x, weight


@points(0.25)
@few
@given(inputs=prelu_inputs())
@example(inputs=(ZEROS, torch.tensor([0.25, 2.0])))
def test_prelu_matches_torch(layers, inputs):
    """prelu agrees with torch for one slope and for a slope a channel; at 0 no gradient is NaN."""
    assert_matches(layers.prelu, F.prelu, *inputs)
    assert_matches(layers.prelu, F.prelu, *inputs, probe=probes.finite_gradient)


@points(0.25)
@few
@given(inputs=prelu_inputs(nonzero=True))
@example(inputs=(FAR, torch.tensor([0.25, 0.5, 2.0, -1.0])))
@example(inputs=(FAR, torch.tensor([0.25])))
def test_prelu_gradient(layers, inputs):
    """The gradients by x and by the slopes are torch's."""
    assert_gradient_matches(layers.prelu, F.prelu, *inputs, wrt=(0, 1))


@points(0.25)
def test_prelu_channels_are_dimension_1(layers, drawn):
    """The channels are dimension 1, though other dimensions are as long."""
    for dtype in BOTH:
        for x in (torch.full((2, 2), -1.0), torch.full((2, 2, 2), -1.0), -IMAGES):
            weight = drawn.near(torch.tensor([0.25, 2.0], dtype=dtype))
            assert_matches(layers.prelu, F.prelu, x.to(dtype), weight)


@points(0.25)
@few
@given(x=ANY, options=BOUNDS)
@example(x=ZEROS, options={})
@example(x=ZEROS, options={"training": False})
@example(x=ZEROS, options={"lower": 0.5, "upper": 0.5})
def test_rrelu_matches_torch(layers, x, options):
    """Not training, the slope is in the middle of the bounds, which are 1/8 and 1/3 by default."""
    assert_matches(layers.rrelu, F.rrelu, x, **options)
    assert_matches(layers.rrelu, F.rrelu, x, probe=probes.finite_gradient, **options)


@points(0.25)
@few
@given(x=NONZERO, options=BOUNDS)
@example(x=FAR, options={})
def test_rrelu_gradient(layers, x, options):
    """The gradient of rrelu is torch's while nothing is random, at ±1000 too."""
    assert_gradient_matches(layers.rrelu, F.rrelu, x, **options)


@points(0.25)
def test_rrelu_while_training(layers):
    """Each negative element has a slope of its own, evenly drawn; positive ones stay."""
    for x, *bounds in ((MANY, 0.25, 0.75), (MANY.double(), 0.5, 1.5), (MANY.T, 0.0, 2.0)):
        assert_matches(layers.rrelu, F.rrelu, x, *bounds, True, probe=probes.random_slopes)
    for options in ({}, {"upper": 1.0}, {"lower": 0.0}):
        asked = {"training": True, "probe": probes.random_slopes}
        assert_matches(layers.rrelu, F.rrelu, MANY, **options, **asked)


@points(0.25)
def test_rrelu_refuses_bounds_in_the_wrong_order(layers):
    """A lower bound above the upper one raises ValueError, training or not."""
    for options in ({}, {"training": False}, {"training": True}):
        assert_raises(ValueError, layers.rrelu, ZEROS, lower=0.75, upper=0.25, **options)
        assert_raises(ValueError, layers.rrelu, ZEROS, lower=0.5, **options)


@points(0.25)
@few
@given(scores=strategies.scores())
def test_softmax_matches_torch(layers, scores):
    """softmax and its gradient agree with torch, along every dimension."""
    assert_matches(layers.softmax, F.softmax, *scores)
    assert_gradient_matches(layers.softmax, F.softmax, *scores)


@points(0.5)
def test_softmax_of_large_scores(layers, drawn):
    """Scores of ±1000 give torch's values and gradients: no overflow, no NaN."""
    for dtype in BOTH:
        for dim in (1, 0, -1, -2):
            scores = drawn.near(LARGE).to(dtype)
            assert_matches(layers.softmax, F.softmax, scores, dim=dim)
            assert_gradient_matches(layers.softmax, F.softmax, scores, dim=dim)


@points(0.5)
@few
@given(scores=strategies.scores())
def test_log_softmax_matches_torch(layers, scores):
    """log_softmax and its gradient agree with torch, along every dimension."""
    assert_matches(layers.log_softmax, F.log_softmax, *scores)
    assert_gradient_matches(layers.log_softmax, F.log_softmax, *scores)


@points(0.5)
def test_log_softmax_of_large_scores(layers, drawn):
    """Scores of ±1000 give torch's values and gradients: no overflow, no infinity."""
    for dtype in BOTH:
        for dim in (1, 0, -1, -2):
            scores = drawn.near(LARGE).to(dtype)
            assert_matches(layers.log_softmax, F.log_softmax, scores, dim=dim)
            assert_gradient_matches(layers.log_softmax, F.log_softmax, scores, dim=dim)


def reference_collapse(first, second):
    """The layer of the same map: column i of its weight is what it makes of feature i alone."""
    features = torch.eye(first.in_features, dtype=first.weight.dtype)
    with torch.no_grad():
        bias = second(first(torch.zeros_like(features[0])))
        weight = (second(first(features)) - bias).T
    layer = nn.Linear(first.in_features, second.out_features, dtype=weight.dtype)
    layer.load_state_dict({"weight": weight, "bias": bias})
    return layer


SIZES = st.tuples(st.integers(1, 3), st.integers(1, 3), st.integers(1, 3))


@st.composite
def linear_pairs(draw, biases=(True, True), sizes=SIZES):
    """Weight and bias of a linear layer, and of a second that takes what it gives; None is none."""
    (inputs, hidden, outputs), dtype = draw(sizes), draw(strategies.dtypes())
    return (
        draw(strategies.tensors((hidden, inputs), dtype)),
        draw(strategies.tensors((hidden,), dtype)) if biases[0] else None,
        draw(strategies.tensors((outputs, hidden), dtype)),
        draw(strategies.tensors((outputs,), dtype)) if biases[1] else None,
    )


@points(0.25)
@few
@given(pair=linear_pairs())
def test_collapse_computes_the_same(layers, pair):
    """One new layer computes what the two compute; they stay as they were."""
    assert_matches(layers.collapse, reference_collapse, *pair, probe=probes.collapsed)


@points(0.25)
@few
@given(pair=linear_pairs(sizes=st.just((2, 2, 2))))
def test_collapse_of_square_layers(layers, pair):
    """The second weight stands on the left, though the other order fits too."""
    assert_matches(layers.collapse, reference_collapse, *pair, probe=probes.collapsed)


@points(0.5)
@given(data=st.data())
@settings(max_examples=4)
def test_collapse_of_layers_without_bias(layers, data):
    """Either layer may have no bias, and so may both."""
    for biases in ((True, False), (False, True), (False, False)):
        pair = data.draw(linear_pairs(biases))
        assert_matches(layers.collapse, reference_collapse, *pair, probe=probes.collapsed)


def reference_network(input_size, hidden_size, output_size):
    """The network of torch's own layers."""
    layers = {
        "layer1": nn.Linear(input_size, hidden_size),
        "relu": nn.ReLU(),
        "layer2": nn.Linear(hidden_size, output_size),
    }
    return nn.Sequential(OrderedDict(layers))


@st.composite
def networks(draw):
    """The parameters of a two-layer network, and a batch for it."""
    parts = draw(linear_pairs())
    names = ("layer1.weight", "layer1.bias", "layer2.weight", "layer2.bias")
    shape = draw(st.integers(1, 3)), parts[0].shape[1]
    return dict(zip(names, parts, strict=True)), draw(strategies.tensors(shape, parts[0].dtype))


@points(0.25)
def test_two_layer_net_has_two_linear_layers(layers, drawn):
    """layer1 and layer2 are nn.Linear of the sizes asked for; nothing else has parameters."""
    for inputs, hidden, outputs in ((3, 8, 2), (1, 1, 1), (2, 5, 5)):
        parameters = reference_network(inputs, hidden, outputs).named_parameters()
        state = {name: torch.zeros(parameter.shape) for name, parameter in parameters}
        asked = {"probe": probes.two_layers, "seed": drawn.seed()}
        assert_matches(layers.TwoLayerNet, reference_network, state, **asked)


@points(0.25)
@few
@given(network=networks())
def test_two_layer_net_computes_what_the_layers_compute(layers, network):
    """Given the same parameters it puts out what torch's layers do, at any batch size."""
    assert_matches(layers.TwoLayerNet, reference_network, *network, probe=probes.two_layers)


@points(0.25)
def test_two_layer_net_gradients(layers, drawn):
    """Every parameter takes part, with torch's gradient."""
    asked = {"probe": probes.two_layers, "gradients": True}
    for dtype in BOTH:
        # A hundredth more, and nothing lies at the kink of the ReLU.
        state = {name: (drawn.near(part) + 0.01).to(dtype) for name, part in NETWORK.items()}
        batch = drawn.near(BATCH).to(dtype)
        for x in (batch, batch[:1]):
            assert_matches(layers.TwoLayerNet, reference_network, state, x, **asked)


def reference_activation(task):
    """The layer for a task."""
    return {"regression": nn.Identity(), "binary": nn.Sigmoid(), "multiclass": nn.Softmax(1)}[task]


@points(0.25)
def test_output_activation_is_torchs_layer(layers, drawn):
    """Identity, Sigmoid, and Softmax over dimension 1, however many there are."""
    for task in ("regression", "binary", "multiclass"):
        outputs = drawn.tensor(2, 3), drawn.near(IMAGES[0] / 4)
        asked = task, *outputs
        assert_matches(
            layers.output_activation, reference_activation, *asked, probe=probes.activation
        )


@points(0.25)
def test_output_activation_refuses_other_tasks(layers):
    """Any other task raises ValueError."""
    for task in ("clustering", "Binary", "softmax", ""):
        assert_raises(ValueError, layers.output_activation, task, probe=probes.activation)
