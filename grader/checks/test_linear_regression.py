"""Hidden checks of `linear_regression`: each function against torch's own tools."""

from collections import OrderedDict

import torch
import torch.nn.functional as F
from hypothesis import given, settings
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

OPTIONS = st.one_of(
    st.just({}), st.sampled_from(["mean", "sum"]).map(lambda name: {"reduction": name})
)
RATES = st.sampled_from([0.125, 0.0625, 0.0])
EPOCHS = st.integers(1, 3)
ZERO, ONE = torch.tensor([0.0]), torch.tensor([1.0])
COLUMN = torch.tensor([[1.0], [2.0], [3.0]])
THREE_POINTS = COLUMN, torch.tensor([2.0, 3.0, 5.0])
SEVENTEEN = (
    torch.tensor(
        [
            [3.3], [4.4], [5.5], [6.71], [6.93], [4.168], [9.779], [6.182], [7.59],
            [2.167], [7.042], [10.791], [5.313], [7.997], [5.654], [9.27], [3.1],
        ],
        dtype=torch.float64,
    ),
    torch.tensor(
        [
            1.7, 2.76, 2.09, 3.19, 1.694, 1.573, 3.366, 2.596, 2.53,
            1.221, 2.827, 3.465, 1.65, 2.904, 2.42, 2.94, 1.3,
        ],
        dtype=torch.float64,
    ),
)  # fmt: skip


def line(x, w, b):
    """A line."""
    return F.linear(x, w.unsqueeze(0), b).squeeze(1)


def sgd_step(w, b, learning_rate):
    """A step of torch's optimizer."""
    optimizer = torch.optim.SGD([w, b], lr=learning_rate)
    optimizer.step()
    optimizer.zero_grad()


def sgd_losses(parameters, loss_of, learning_rate, epochs):
    """The loss before each of `epochs` steps of torch's optimizer."""
    optimizer = torch.optim.SGD(parameters, lr=learning_rate)
    losses = []
    for _ in range(epochs):
        optimizer.zero_grad()
        loss = loss_of()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def sgd_fit(x, y, w, b, learning_rate, epochs, reduction="mean"):
    """Gradient descent on w and b."""
    error = lambda: F.mse_loss(line(x, w, b), y, reduction=reduction)
    return sgd_losses([w, b], error, learning_rate, epochs)


def sgd_fit_module(model, x, y, learning_rate, epochs):
    """Gradient descent on the parameters of a module."""
    error = lambda: F.mse_loss(model(x), y, reduction="sum")
    return sgd_losses(model.parameters(), error, learning_rate, epochs)


def one_linear():
    """A module whose one layer is called `linear`."""
    return nn.Sequential(OrderedDict(linear=nn.Linear(1, 1)))


@st.composite
def lines(draw, *shapes, most=4):
    """Tensors of one dtype in these shapes, in which "N" stands for the number of points."""
    count, dtype = draw(st.integers(1, most)), draw(strategies.dtypes())
    sized = [[count if length == "N" else length for length in shape] for shape in shapes]
    return [draw(strategies.tensors(shape, dtype, -2, 2)) for shape in sized]


@points(0.5)
@given(run=lines(("N", 1), (1,), (1,)))
def test_predict_is_a_line(linear_regression, run):
    """predict is w · x + b for every point, and so are its gradients by x, w and b."""
    x, w, b = run
    options = {"w": w, "b": b, "wrt": (0, "w", "b")}
    assert_gradient_matches(linear_regression.predict, line, x, **options)


@points(0.25)
def test_predict_keeps_one_number_a_point(linear_regression, drawn):
    """One point gives shape (1,), a hundred give (100,); large numbers and float64 are fine."""
    for x in (torch.tensor([[3.0]]), torch.tensor([[-1000.0]]), torch.ones(100, 1)):
        w, b = drawn.near(2 * ONE), drawn.tensor(1)
        assert_matches(linear_regression.predict, line, x, w, b)
        assert_matches(linear_regression.predict, line, *(t.double() for t in (x, w, b / 3)))


@points(0.5)
@given(pair=strategies.pairs(), options=OPTIONS)
def test_squared_error_matches_torch(linear_regression, pair, options):
    """squared_error agrees with torch for every shape, dtype and reduction."""
    assert_matches(linear_regression.squared_error, F.mse_loss, *pair, **options)


@points(0.5)
@given(pair=strategies.pairs(), options=OPTIONS)
def test_squared_error_gradient(linear_regression, pair, options):
    """The gradient of squared_error is torch's."""
    assert_gradient_matches(linear_regression.squared_error, F.mse_loss, *pair, **options)


@points(0.5)
@given(pair=strategies.unequal_pairs())
def test_squared_error_refuses_every_unequal_shape(linear_regression, pair):
    """squared_error raises ValueError where torch would broadcast."""
    assert_raises(ValueError, linear_regression.squared_error, *pair)


@points(0.25)
def test_squared_error_refuses_other_reductions(linear_regression):
    """squared_error raises ValueError for a reduction that is neither "mean" nor "sum"."""
    for reduction in ("none", "average", "MEAN", ""):
        pair = COLUMN, COLUMN + 1
        assert_raises(ValueError, linear_regression.squared_error, *pair, reduction=reduction)


@points(0.75)
@given(run=lines((1,), (1,), (1,), (1,)), rate=st.sampled_from([0.5, 0.1, 1, 0.0]))
def test_gradient_step_matches_torch(linear_regression, run, rate):
    """The step is that of torch's SGD: in place, and w and b stay leaves that require grad."""
    step = linear_regression.gradient_step
    assert_matches(step, sgd_step, *run, learning_rate=rate, probe=probes.run_gradient_step)


@points(0.5)
def test_gradient_step_clears_both_gradients(linear_regression):
    """Both grads are None or zeros afterwards."""
    for dtype in (torch.float32, torch.float64):
        run = [torch.tensor([value], dtype=dtype) for value in (2.0, 1.0, 4.0, -2.0)]
        step = linear_regression.gradient_step
        assert_matches(step, sgd_step, *run, 0.5, probe=probes.grads_after_step)


@points(0.25)
def test_gradient_step_refuses_a_negative_rate(linear_regression):
    """A negative learning rate raises ValueError: it would go uphill."""
    for rate in (-0.5, -1e-8):
        run = ONE, ONE, ONE, ONE, rate
        step = linear_regression.gradient_step
        assert_raises(ValueError, step, *run, probe=probes.run_gradient_step)


@points(0.75)
@given(run=lines(("N", 1), ("N",), (1,), (1,)), rate=RATES, epochs=EPOCHS, options=OPTIONS)
def test_fit_matches_torch(linear_regression, run, rate, epochs, options):
    """The losses, and where w and b end, are those of torch's SGD."""
    named = {"learning_rate": rate, "epochs": epochs, **options}
    assert_matches(linear_regression.fit, sgd_fit, *run, probe=probes.run_fit, **named)


@points(0.25)
def test_fit_a_hundred_epochs(linear_regression, drawn):
    """A hundred epochs on 17 points, loss for loss."""
    for rate, reduction in ((0.005, "mean"), (0.001, "sum")):
        start = drawn.near(ZERO.double()), drawn.near(ZERO.double())
        run = SEVENTEEN[0], drawn.near(SEVENTEEN[1]), *start, rate, 100, reduction
        assert_matches(linear_regression.fit, sgd_fit, *run, probe=probes.run_fit)


@points(0.5)
@settings(max_examples=10)
@given(run=lines(("N", 1), ("N",), (1,), (1,)), epochs=EPOCHS)
def test_fit_forgets_old_gradients(linear_regression, run, epochs):
    """Grads that something else has left in w and b change nothing."""
    run = *run, 0.125, epochs
    assert_matches(linear_regression.fit, sgd_fit, *run, probe=probes.run_fit, stale=True)


@points(0.25)
def test_fit_refuses_targets_in_a_column(linear_regression):
    """y of shape (N, 1) raises ValueError: against (N,) it would be broadcast."""
    run = COLUMN, COLUMN, ZERO, ZERO, 0.1, 2
    assert_raises(ValueError, linear_regression.fit, *run, probe=probes.run_fit)


@points(0.25)
def test_fit_refuses_bad_settings(linear_regression):
    """An unknown reduction and a negative learning rate raise ValueError."""
    run = *THREE_POINTS, ZERO, ONE
    for rate, reduction in ((0.1, "none"), (0.1, "average"), (-0.1, "mean")):
        options = {"learning_rate": rate, "epochs": 2, "reduction": reduction}
        assert_raises(ValueError, linear_regression.fit, *run, probe=probes.run_fit, **options)


@points(0.5)
@settings(max_examples=10)
@given(run=lines((1, 1), (1,), ("N", 1)))
def test_linear_model_is_one_layer(linear_regression, run):
    """LinearModel has one nn.Linear(1, 1) called `linear`, and computes what it computes."""
    options = {"gradients": True, "probe": probes.run_linear_model}
    assert_matches(linear_regression.LinearModel, one_linear, *run, **options)


@points(0.5)
@settings(max_examples=15)
@given(run=lines((1, 1), (1,), ("N", 1), ("N", 1), most=3), epochs=EPOCHS)
def test_fit_module_matches_torch(linear_regression, run, epochs):
    """The losses, and where the parameters end, are those of the summed loss and SGD."""
    named = {"learning_rate": 0.0625, "epochs": epochs, "probe": probes.run_fit_module}
    assert_matches(linear_regression.fit_module, sgd_fit_module, *run, **named)


@points(0.25)
def test_fit_module_forgets_old_gradients(linear_regression, drawn):
    """Grads that something else has left in the model change nothing."""
    for epochs in (1, 3):
        start = drawn.near(torch.tensor([[1.0]])), drawn.near(ZERO)
        run = *start, COLUMN, drawn.near(2 * COLUMN), 0.01, epochs
        options = {"stale": True, "probe": probes.run_fit_module}
        assert_matches(linear_regression.fit_module, sgd_fit_module, *run, **options)


@points(0.25)
def test_fit_module_refuses_a_negative_rate(linear_regression):
    """A negative learning rate raises ValueError."""
    run = torch.tensor([[1.0]]), ZERO, COLUMN, 2 * COLUMN, -0.01, 2
    assert_raises(ValueError, linear_regression.fit_module, *run, probe=probes.run_fit_module)
