"""What `linear_regression` must do, on examples you can follow by hand.

A check never says how to write a function, only what must come out. When one fails, paste what it
shows into a Python shell and change one thing at a time.
"""

from collections import OrderedDict

import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from grader.checking import (
    assert_gives,
    assert_matches,
    assert_raises,
    points,
    probes,
    strategies,
)

THREE = torch.tensor([[1.0], [2.0], [3.0]])
TWO_POINTS = torch.tensor([[1.0], [2.0]]), torch.tensor([2.0, 4.0])
ZERO = torch.tensor([0.0])
SEVENTEEN = (
    torch.tensor(
        [
            [3.3], [4.4], [5.5], [6.71], [6.93], [4.168], [9.779], [6.182], [7.59],
            [2.167], [7.042], [10.791], [5.313], [7.997], [5.654], [9.27], [3.1],
        ]
    ),
    torch.tensor(
        [
            1.7, 2.76, 2.09, 3.19, 1.694, 1.573, 3.366, 2.596, 2.53,
            1.221, 2.827, 3.465, 1.65, 2.904, 2.42, 2.94, 1.3,
        ]
    ),
)  # fmt: skip


@points(0.25)
def test_predict_three_points(linear_regression):
    """The line 2x + 1 says 3, 5 and 7 for 1, 2 and 3: one number for each point."""
    line = {"w": torch.tensor([2.0]), "b": torch.tensor([1.0])}
    assert_gives(linear_regression.predict, torch.tensor([3.0, 5.0, 7.0]), THREE, **line)


@points(0.25)
@given(w=st.integers(-3, 3), b=st.integers(-3, 3))
def test_predict_goes_up_by_w(linear_regression, w, b):
    """Every line is b at 0, and w higher with each step to the right."""
    x = torch.tensor([[0.0], [1.0], [2.0]])
    line = torch.tensor([float(w)]), torch.tensor([float(b)])
    expected = torch.tensor([b, b + w, b + 2 * w]).float()
    assert_gives(linear_regression.predict, expected, x, *line)


@points(0.25)
def test_squared_error_of_two_numbers(linear_regression):
    """The squares of 3 - 2 and 5 - 7 are 1 and 4: their mean is 2.5, their sum 5."""
    pair = torch.tensor([3.0, 5.0]), torch.tensor([2.0, 7.0])
    assert_gives(linear_regression.squared_error, torch.tensor(2.5), *pair)
    assert_gives(linear_regression.squared_error, torch.tensor(5.0), *pair, reduction="sum")


@points(0.25)
@given(pair=strategies.pairs(), reduction=st.sampled_from(["mean", "sum"]))
def test_squared_error_is_torchs(linear_regression, pair, reduction):
    """squared_error is torch's mean squared error, for every shape and both reductions."""
    assert_matches(linear_regression.squared_error, F.mse_loss, *pair, reduction=reduction)


@points(0.25)
def test_squared_error_refuses_unequal_shapes(linear_regression):
    """Three numbers in a row against three in a column: torch makes nine of them, you raise."""
    assert_raises(ValueError, linear_regression.squared_error, torch.zeros(3), torch.zeros(3, 1))


@points(0.25)
def test_gradient_step_goes_downhill(linear_regression):
    """From w = 2 and b = 1, with gradients 4 and -2 and a learning rate of 0.5: to 0 and 2."""
    before = torch.tensor([2.0]), torch.tensor([1.0])
    gradients = torch.tensor([4.0]), torch.tensor([-2.0])
    after = {"w": torch.tensor([0.0]), "b": torch.tensor([2.0])}
    step = linear_regression.gradient_step
    assert_gives(step, after, *before, *gradients, 0.5, probe=probes.run_gradient_step)


@points(0.25)
def test_gradient_step_clears_the_gradients(linear_regression):
    """After the step w.grad and b.grad are None or zero, whichever you like."""
    before = torch.tensor([2.0]), torch.tensor([1.0])
    gradients = torch.tensor([4.0]), torch.tensor([-2.0])
    after = {"w.grad": "None or zeros", "b.grad": "None or zeros"}
    step = linear_regression.gradient_step
    assert_gives(step, after, *before, *gradients, 0.5, probe=probes.grads_after_step)


@points(0.5)
def test_fit_takes_two_steps(linear_regression):
    """Two points of y = 2x, from w = b = 0: by hand, one epoch and then two.

    All predictions are 0, the errors -2 and -4, their mean square is (4 + 16) / 2 = 10. The
    gradient by w is the mean of 2 · error · x, (-4 - 16) / 2 = -10, the one by b the mean of
    2 · error, (-4 - 8) / 2 = -6. With a learning rate of 0.1, w becomes 1 and b 0.6.
    """
    once = {"losses": [10.0], "w": torch.tensor([1.0]), "b": torch.tensor([0.6])}
    twice = {"losses": [10.0, 1.06], "w": torch.tensor([1.32]), "b": torch.tensor([0.78])}
    for epochs, ends in ((1, once), (2, twice)):
        run = *TWO_POINTS, ZERO, ZERO, 0.1, epochs
        assert_gives(linear_regression.fit, ends, *run, probe=probes.run_fit)


@points(0.25)
def test_fit_does_not_count_old_gradients(linear_regression):
    """Gradients that something else left in w and b before change nothing."""
    ends = {"losses": [10.0], "w": torch.tensor([1.0]), "b": torch.tensor([0.6])}
    run = *TWO_POINTS, ZERO, ZERO, 0.1, 1
    assert_gives(linear_regression.fit, ends, *run, probe=probes.run_fit, stale=True)


@points(0.25)
def test_fit_seventeen_points(linear_regression):
    """On 17 points the loss falls in every one of 100 epochs, from 6.1 to 0.208."""
    ends = {
        "the number of losses": 100,
        "the first loss": 6.100032,
        "the last loss": 0.2083781,
        "the loss falls in every epoch": True,
        "w": torch.tensor([0.34512]),
        "b": torch.tensor([0.13602]),
    }
    run = *SEVENTEEN, ZERO, ZERO, 0.005, 100
    assert_gives(linear_regression.fit, ends, *run, probe=probes.descent)


def a_line():
    """A module whose one layer, an nn.Linear(1, 1), is called `linear`."""
    return nn.Sequential(OrderedDict(linear=nn.Linear(1, 1)))


@points(0.25)
def test_linear_model_of_three_points(linear_regression):
    """With weight 2 and bias 1 it says 3, 5 and 7 for 1, 2 and 3: a row for each point."""
    run = torch.tensor([[2.0]]), torch.tensor([1.0]), THREE
    assert_matches(linear_regression.LinearModel, a_line, *run, probe=probes.run_linear_model)


@points(0.25)
def test_fit_module_takes_a_step(linear_regression):
    """Three points of y = 2x, from w = 1 and b = 0: by hand.

    The errors are -1, -2 and -3, their squares add up to 14. The gradient by w is the sum of
    2 · error · x, -28, the one by b the sum of 2 · error, -12. With a learning rate of 0.01 the
    weight becomes 1.28 and the bias 0.12.
    """
    ends = {"losses": [14.0], "weight": torch.tensor([[1.28]]), "bias": torch.tensor([0.12])}
    run = torch.tensor([[1.0]]), ZERO, THREE, 2 * THREE, 0.01, 1
    assert_gives(linear_regression.fit_module, ends, *run, probe=probes.run_fit_module)


@points(0.25)
def test_fit_module_finds_the_line(linear_regression):
    """After 100 epochs the line is near y = 2x, and it says about 8 for 4."""
    ends = {
        "the number of losses": 100,
        "the first loss": 14.0,
        "the last loss": 0.01394781,
        "the loss falls in every epoch": True,
        "weight": torch.tensor([[1.92138]]),
        "bias": torch.tensor([0.17873]),
        "prediction": torch.tensor([[7.86424]]),
    }
    run = torch.tensor([[1.0]]), ZERO, THREE, 2 * THREE, 0.01, 100
    options = {"asked": torch.tensor([[4.0]]), "probe": probes.module_descent}
    assert_gives(linear_regression.fit_module, ends, *run, **options)
