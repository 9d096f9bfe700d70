"""Hidden checks of `backprop`: each function against what torch derives itself."""

import torch
import torch.nn.functional as F
from hypothesis import example, given, settings
from hypothesis import strategies as st

from grader.checking import assert_matches, assert_raises, points, probes, strategies

DOUBLE = torch.float64
FUNCTIONS = st.sampled_from(["(x**2).sum()", "(x**3).sum()", "x.sum() ** 2", "x.prod()"])
LARGE = torch.tensor([[1000.0, 0.0, -1000.0], [-1000.0, -999.0, -1000.0], [500.0, 499.0, 498.0]])
INPUTS = torch.tensor([[1.0, 2.0], [-0.5, 1.0], [3.0, 0.25]])
TARGETS = torch.tensor([[1.0], [0.5], [-1.0]])
PERCEPTRON = "nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))"


def torch_gradient(f, x):
    """The gradient of a scalar function."""
    return torch.autograd.functional.jacobian(f, x)


def central_difference(f, x, eps):
    """The formula, with a step so large that it is not the gradient any more."""
    found = []
    for place in range(x.numel()):
        step = torch.zeros(x.numel(), dtype=x.dtype)
        step[place] = eps
        step = step.reshape(x.shape)
        found.append((f(x + step) - f(x - step)) / (2 * eps))
    return torch.stack(found).reshape(x.shape)


def torch_linear(x, weight, grad_output):
    """What torch derives for F.linear."""
    bias = torch.zeros(len(weight), dtype=x.dtype, device=x.device)
    leaves = [part.requires_grad_() for part in (x, weight, bias)]
    return torch.autograd.grad(F.linear(*leaves), leaves, grad_output)


def torch_relu(x, grad_output):
    """What torch derives for F.relu; ValueError for shapes that differ."""
    if x.shape != grad_output.shape:
        raise ValueError("shapes differ")
    return torch.autograd.grad(F.relu(x.requires_grad_()), x, grad_output)[0]


def torch_mse(input, target):
    """What torch derives for F.mse_loss."""
    return torch.autograd.grad(F.mse_loss(input.requires_grad_(), target), input)[0]


def torch_cross_entropy(logits, target):
    """What torch derives for F.cross_entropy."""
    return torch.autograd.grad(F.cross_entropy(logits.requires_grad_(), target), logits)[0]


def snapshots(model, loss_fn, inputs, targets):
    """The gradients as torch gives them out, the second time twice."""
    parameters = list(model.parameters())
    trained = [parameter for parameter in parameters if parameter.requires_grad]
    loss = loss_fn(model(inputs), targets)
    found = torch.autograd.grad(loss, trained, allow_unused=True)
    gradients = dict(zip(trained, found, strict=True))
    once = [gradients.get(parameter) for parameter in parameters]
    return {
        "before": [None] * len(parameters),
        "after_backward": once,
        "after_second_backward": [None if found is None else 2 * found for found in once],
        "after_zero_grad": [None] * len(parameters),
    }


@st.composite
def points_in_space(draw):
    """A float64 tensor, now and then transposed in memory."""
    shape = draw(strategies.shapes(most=2, longest=3))
    return draw(strategies.tensors(shape, DOUBLE))


@st.composite
def linear_steps(draw, leading):
    """x (…, in), weight (out, in) and grad_output (…, out), with so many dimensions in front."""
    dtype, sizes = draw(strategies.dtypes()), st.integers(1, 3)
    front = tuple(draw(sizes) for _ in range(draw(leading)))
    in_features, out_features = draw(sizes), draw(sizes)
    shapes = (*front, in_features), (out_features, in_features), (*front, out_features)
    return [draw(strategies.tensors(shape, dtype)) for shape in shapes]


@points(0.5)
@given(function=FUNCTIONS, x=points_in_space())
def test_numerical_gradient_is_the_gradient(backprop, function, x):
    """numerical_gradient finds the gradient, in float64, and leaves x as it was."""
    question = function, x
    probe = probes.differentiate
    assert_matches(backprop.numerical_gradient, torch_gradient, *question, probe=probe)


@points(0.25)
@settings(max_examples=12)
@given(function=FUNCTIONS, x=points_in_space(), eps=st.sampled_from([0.5, 0.25, 2.0]))
@example(function="(x**3).sum()", x=torch.tensor([1.0, -2.0], dtype=DOUBLE), eps=0.5)
@example(function="(x**3).sum()", x=torch.tensor([[2.0]], dtype=DOUBLE), eps=2.0)
def test_numerical_gradient_is_the_central_difference(backprop, function, x, eps):
    """A large eps shows the formula: both sides, at that distance, one element at a time."""
    options = {"probe": probes.differentiate, "eps": eps}
    assert_matches(backprop.numerical_gradient, central_difference, function, x, **options)


@points(0.25)
def test_numerical_gradient_puts_every_bit_back(backprop, drawn):
    """Where x + eps - eps is not x, x is all the same what it was."""
    x = drawn.near(torch.tensor([[0.1, 1 / 3, -0.7], [1.1, 100.3, 2.9]], dtype=DOUBLE))
    for question in (("(x**2).sum()", x), ("x.sum() ** 2", x.T)):
        probe = probes.differentiate
        assert_matches(backprop.numerical_gradient, torch_gradient, *question, probe=probe)


@points(0.25)
def test_numerical_gradient_of_a_part_of_x(backprop, drawn):
    """A function may return a part of the very tensor that it was given."""
    x, more = torch.tensor([3.0, 1.0, 2.0], dtype=DOUBLE), drawn.tensor(2, dtype=DOUBLE)
    for question in (("x[0]", x), ("x[-1]", x), ("(x**3).sum()", more)):
        probe = probes.differentiate
        assert_matches(backprop.numerical_gradient, torch_gradient, *question, probe=probe)


@points(0.5)
@given(step=linear_steps(leading=st.just(1)))
def test_linear_backward_is_torchs(backprop, step):
    """linear_backward gives the three gradients of F.linear for a batch."""
    assert_matches(backprop.linear_backward, torch_linear, *step)


@points(0.5)
@given(step=linear_steps(leading=st.sampled_from([0, 2, 3])))
def test_linear_backward_of_other_dimensions(backprop, step):
    """x may be one sample, or have several dimensions in front."""
    assert_matches(backprop.linear_backward, torch_linear, *step)


@points(0.5)
@given(pair=strategies.pairs())
def test_relu_backward_is_torchs(backprop, pair):
    """relu_backward is what torch derives for relu."""
    assert_matches(backprop.relu_backward, torch_relu, *pair)
    zeros = torch.zeros_like(pair[0])
    assert_matches(backprop.relu_backward, torch_relu, zeros, pair[1])


@points(0.25)
@settings(max_examples=10)
@given(pair=strategies.unequal_pairs())
def test_relu_backward_refuses_unequal_shapes(backprop, pair):
    """relu_backward raises ValueError where torch would broadcast."""
    assert_raises(ValueError, backprop.relu_backward, *pair)


@points(0.5)
@given(pair=strategies.pairs())
def test_mse_backward_is_torchs(backprop, pair):
    """mse_backward is what torch derives for mse_loss."""
    assert_matches(backprop.mse_backward, torch_mse, *pair)


@points(0.25)
@settings(max_examples=10)
@given(pair=strategies.unequal_pairs())
def test_mse_backward_refuses_unequal_shapes(backprop, pair):
    """mse_backward raises ValueError where torch would broadcast."""
    assert_raises(ValueError, backprop.mse_backward, *pair)


@points(0.5)
@given(batch=strategies.classifications(most=0))
def test_cross_entropy_backward_is_what_torch_derives(backprop, batch):
    """cross_entropy_backward agrees with torch for every batch and number of classes."""
    assert_matches(backprop.cross_entropy_backward, torch_cross_entropy, *batch)


@points(0.25)
@settings(max_examples=10)
@given(
    dtype=strategies.dtypes(),
    off=strategies.tensors(LARGE.shape, low=-0.5, high=0.5),
    target=st.permutations(range(3)),
)
def test_cross_entropy_backward_of_large_logits(backprop, dtype, off, target):
    """Logits of ±1000 give finite and right gradients."""
    batch = (LARGE + off).to(dtype), torch.tensor(target)
    assert_matches(backprop.cross_entropy_backward, torch_cross_entropy, *batch)


@points(0.5)
def test_gradient_lifecycle_counts_twice(backprop, drawn):
    """None, the gradient, twice the gradient, None, also where old gradients were left."""
    options = {"probe": probes.lifecycle}
    for model in ("nn.Linear(2, 1)", PERCEPTRON):
        for dtype in (torch.float32, DOUBLE):
            question = model, drawn.near(INPUTS).to(dtype), drawn.near(TARGETS).to(dtype)
            for stale in (False, True):
                named = {**options, "stale": stale}
                assert_matches(backprop.gradient_lifecycle, snapshots, *question, **named)


@points(0.5)
def test_gradient_lifecycle_keeps_places(backprop, drawn):
    """Frozen parameters, and one that the loss does not reach, keep their place with None."""
    questions = [
        {"model": "nn.Linear(2, 1)", "frozen": ["bias"]},
        {"model": "nn.Linear(2, 1)", "frozen": ["weight"], "stale": True},
        {"model": PERCEPTRON, "frozen": ["0.weight", "0.bias"], "stale": True},
        {"model": "nn.Linear(2, 1)", "spare": True},
        {"model": "nn.Linear(2, 1)", "frozen": ["weight"], "spare": True, "stale": True},
    ]
    for question in questions:
        model = question.pop("model")
        asked = model, drawn.near(INPUTS[:2]), drawn.near(TARGETS[:2])
        options = {"probe": probes.lifecycle, **question}
        assert_matches(backprop.gradient_lifecycle, snapshots, *asked, **options)
