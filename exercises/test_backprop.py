"""What `backprop` must do, on examples you can follow by hand."""

import torch
import torch.nn.functional as F
from hypothesis import given

from grader.checking import assert_gives, assert_matches, points, probes, strategies

DOUBLE = torch.float64


def gradient_of_cross_entropy(logits, target):
    """The gradient as torch derives it."""
    logits.requires_grad_()
    F.cross_entropy(logits, target).backward()
    return logits.grad


@points(0.25)
def test_numerical_gradient_of_a_sum_of_squares(backprop):
    """The gradient of x₁² + x₂² + x₃² is 2x; x stays as it was."""
    x = torch.tensor([1.0, 2.0, -3.0], dtype=DOUBLE)
    question = "(x**2).sum()", x
    assert_gives(backprop.numerical_gradient, 2 * x, *question, probe=probes.differentiate)


@points(0.25)
def test_numerical_gradient_of_a_product(backprop):
    """The gradient of x₁ · x₂ · x₃ at 2, 3, 4 is 12, 8, 6: one element moves, the others stand."""
    x, expected = torch.tensor([[2.0, 3.0, 4.0], [12.0, 8.0, 6.0]], dtype=DOUBLE)
    assert_gives(backprop.numerical_gradient, expected, "x.prod()", x, probe=probes.differentiate)


@points(0.5)
def test_linear_backward_of_two_samples(backprop):
    """Two samples of two features, one output: the shapes tell what is multiplied by what."""
    x, weight = torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.tensor([[5.0, 6.0]])
    grad_output = torch.tensor([[1.0], [10.0]])
    grad_x = torch.tensor([[5.0, 6.0], [50.0, 60.0]])
    grad_weight = torch.tensor([[1.0 + 30.0, 2.0 + 40.0]])
    grad_bias = torch.tensor([1.0 + 10.0])
    expected = grad_x, grad_weight, grad_bias
    assert_gives(backprop.linear_backward, expected, x, weight, grad_output)


@points(0.25)
def test_relu_backward_of_three_numbers(backprop):
    """Where x is above zero the gradient passes, elsewhere it is 0."""
    x, grad_output = torch.tensor([-1.0, 0.0, 2.0]), torch.tensor([10.0, 20.0, 30.0])
    assert_gives(backprop.relu_backward, torch.tensor([0.0, 0.0, 30.0]), x, grad_output)


@points(0.25)
def test_mse_backward_of_four_numbers(backprop):
    """2 (input - target) / 4: a target that is 2 too high gives -1."""
    input, target = torch.tensor([1.0, 2.0, 3.0, 4.0]), torch.tensor([1.0, 2.0, 5.0, 0.0])
    assert_gives(backprop.mse_backward, torch.tensor([0.0, 0.0, -1.0, 2.0]), input, target)


@points(0.25)
def test_cross_entropy_backward_of_even_logits(backprop):
    """Even logits say ½ for each of two classes: ½ too little for the right one."""
    logits, target = torch.zeros(2, 2), torch.tensor([0, 1])
    expected = torch.tensor([[-0.25, 0.25], [0.25, -0.25]])
    assert_gives(backprop.cross_entropy_backward, expected, logits, target)


@points(0.25)
@given(batch=strategies.classifications(most=0))
def test_cross_entropy_backward_is_torchs(backprop, batch):
    """cross_entropy_backward is what torch derives for cross_entropy."""
    assert_matches(backprop.cross_entropy_backward, gradient_of_cross_entropy, *batch)


@points(0.5)
def test_gradient_lifecycle_of_a_line(backprop):
    """The sum of w · x + b has the gradients Σ x and N; the second backward doubles them."""
    inputs, targets = torch.tensor([[1.0], [2.0], [3.0]]), torch.zeros(3, 1)
    expected = {
        "before": [None, None],
        "after_backward": [torch.tensor([[6.0]]), torch.tensor([3.0])],
        "after_second_backward": [torch.tensor([[12.0]]), torch.tensor([6.0])],
        "after_zero_grad": [None, None],
    }
    question = "nn.Linear(1, 1)", inputs, targets
    options = {"probe": probes.lifecycle, "loss": "sum"}
    assert_gives(backprop.gradient_lifecycle, expected, *question, **options)
