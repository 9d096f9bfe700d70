"""What goes wrong in `relu_backward` and `mse_backward`."""

import torch
from torch import Tensor

from grader.misconceptions import misconception

EQUAL_SHAPES = (
    "Raise ValueError where the two shapes differ: an (N, 1) against an (N,) would broadcast to "
    "(N, N). Print both shapes."
)
LEAVE_INPUTS = "Leave what you were given as it is: avoid in-place operations on it."
AT_ZERO = "Let no gradient pass where x is exactly 0: the comparison is x > 0."
BY_HAND = "Derive it by hand: to have autograd do it is not allowed here."


def refuse_other_shapes(first: Tensor, second: Tensor) -> None:
    if first.shape != second.shape:
        raise ValueError(f"shapes differ: {tuple(first.shape)} and {tuple(second.shape)}")


# relu_backward


@misconception(of="relu_backward", hint=AT_ZERO)
def relu_passes_at_zero(x: Tensor, grad_output: Tensor) -> Tensor:
    refuse_other_shapes(x, grad_output)
    return grad_output * (x >= 0)


@misconception(of="relu_backward", hint=AT_ZERO)
def relu_half_at_zero(x: Tensor, grad_output: Tensor) -> Tensor:
    refuse_other_shapes(x, grad_output)
    return grad_output * (x.sign() + 1) / 2


@misconception(
    of="relu_backward",
    hint="Multiply by grad_output: the slope of relu is only one factor of the chain rule.",
)
def relu_ignores_grad_output(x: Tensor, grad_output: Tensor) -> Tensor:
    refuse_other_shapes(x, grad_output)
    return (x > 0).to(x.dtype)


@misconception(
    of="relu_backward",
    hint="Return a float tensor: multiply grad_output by the mask of where x is above 0.",
)
def relu_returns_the_mask(x: Tensor, grad_output: Tensor) -> Tensor:
    refuse_other_shapes(x, grad_output)
    return x > 0


@misconception(
    of="relu_backward",
    hint="This is the forward pass. Backward, grad_output passes where x is above 0.",
)
def relu_forward_again(x: Tensor, grad_output: Tensor) -> Tensor:
    refuse_other_shapes(x, grad_output)
    return x.clamp(min=0)


@misconception(
    of="relu_backward",
    hint="Let x decide where the gradient passes, not the sign of grad_output: gradients may be "
    "negative.",
)
def relu_of_the_gradient(x: Tensor, grad_output: Tensor) -> Tensor:
    refuse_other_shapes(x, grad_output)
    return grad_output.clamp(min=0)


@misconception(
    of="relu_backward",
    hint="Pass negative gradients too: only x decides.",
)
def relu_drops_negative_gradients(x: Tensor, grad_output: Tensor) -> Tensor:
    refuse_other_shapes(x, grad_output)
    return grad_output.clamp(min=0) * (x > 0)


@misconception(
    of="relu_backward",
    hint="Multiply by the slope of relu, which is 1 above 0, not by its value.",
)
def relu_times_value(x: Tensor, grad_output: Tensor) -> Tensor:
    refuse_other_shapes(x, grad_output)
    return grad_output * x.clamp(min=0)


@misconception(
    of="relu_backward",
    hint="Let the gradient pass where x is above 0, not where it is below.",
)
def relu_other_way_round(x: Tensor, grad_output: Tensor) -> Tensor:
    refuse_other_shapes(x, grad_output)
    return grad_output * (x <= 0)


@misconception(
    of="relu_backward",
    hint="Stop the gradient below 0: there relu is flat, and its slope is 0, not −1.",
)
def relu_as_abs(x: Tensor, grad_output: Tensor) -> Tensor:
    refuse_other_shapes(x, grad_output)
    return grad_output * x.sign()


@misconception(
    of="relu_backward",
    hint="Stop the gradient below 0 altogether: the small slope is that of the leaky relu.",
)
def relu_leaky(x: Tensor, grad_output: Tensor) -> Tensor:
    refuse_other_shapes(x, grad_output)
    return torch.where(x > 0, grad_output, 0.01 * grad_output).where(x != 0, 0.0)


@misconception(
    of="relu_backward",
    hint="Keep the shape of x: put zeros where nothing passes, and drop no elements.",
)
def relu_drops_elements(x: Tensor, grad_output: Tensor) -> Tensor:
    refuse_other_shapes(x, grad_output)
    return grad_output[x > 0]


@misconception(of="relu_backward", hint=LEAVE_INPUTS)
def relu_changes_grad_output(x: Tensor, grad_output: Tensor) -> Tensor:
    refuse_other_shapes(x, grad_output)
    grad_output[x <= 0] = 0
    return grad_output


@misconception(of="relu_backward", hint=EQUAL_SHAPES)
def relu_broadcasts(x: Tensor, grad_output: Tensor) -> Tensor:
    return grad_output * (x > 0)


@misconception(of="relu_backward", hint="Keep the dtype of the inputs: float64 in, float64 out.")
def relu_in_float32(x: Tensor, grad_output: Tensor) -> Tensor:
    refuse_other_shapes(x, grad_output)
    return (grad_output * (x > 0)).float()


@misconception(of="relu_backward", hint=BY_HAND)
def relu_by_autograd(x: Tensor, grad_output: Tensor) -> Tensor:
    refuse_other_shapes(x, grad_output)
    leaf = x.clone().requires_grad_()
    return torch.autograd.grad(leaf.relu(), leaf, grad_output)[0]


# mse_backward


@misconception(of="mse_backward", hint="Mind the 2: the derivative of d² is 2d.")
def mse_lacks_two(input: Tensor, target: Tensor) -> Tensor:
    refuse_other_shapes(input, target)
    return (input - target) / input.numel()


@misconception(
    of="mse_backward",
    hint="Divide by the number of elements: the loss is a mean, and so its gradient has the 1/n.",
)
def mse_lacks_mean(input: Tensor, target: Tensor) -> Tensor:
    refuse_other_shapes(input, target)
    return 2 * (input - target)


@misconception(
    of="mse_backward",
    hint="Derive both parts: the square gives a factor 2, the mean a factor 1/n.",
)
def mse_difference_alone(input: Tensor, target: Tensor) -> Tensor:
    refuse_other_shapes(input, target)
    return input - target


@misconception(
    of="mse_backward",
    hint="Divide by the number of all elements, not by the size of the batch alone.",
)
def mse_mean_over_batch(input: Tensor, target: Tensor) -> Tensor:
    refuse_other_shapes(input, target)
    return 2 * (input - target) / len(input)


@misconception(
    of="mse_backward",
    hint="Subtract the target from the input: the gradient points to where the loss grows.",
)
def mse_sign_lost(input: Tensor, target: Tensor) -> Tensor:
    refuse_other_shapes(input, target)
    return 2 * (target - input) / input.numel()


@misconception(
    of="mse_backward",
    hint="Return the gradient, one number for each element of the input: this is the loss.",
)
def mse_loss_itself(input: Tensor, target: Tensor) -> Tensor:
    refuse_other_shapes(input, target)
    return (input - target).square().mean()


@misconception(
    of="mse_backward",
    hint="Derive the square: the gradient grows with the error, not with its square.",
)
def mse_squares(input: Tensor, target: Tensor) -> Tensor:
    refuse_other_shapes(input, target)
    return 2 * (input - target).square() / input.numel()


@misconception(
    of="mse_backward",
    hint="Derive the squared error: the sign alone is the gradient of the absolute error.",
)
def mse_of_absolute_error(input: Tensor, target: Tensor) -> Tensor:
    refuse_other_shapes(input, target)
    return (input - target).sign() / input.numel()


@misconception(
    of="mse_backward",
    hint="Keep one gradient for each element: do not average them.",
)
def mse_averaged(input: Tensor, target: Tensor) -> Tensor:
    refuse_other_shapes(input, target)
    return 2 * (input - target).mean()


@misconception(of="mse_backward", hint=LEAVE_INPUTS)
def mse_changes_input(input: Tensor, target: Tensor) -> Tensor:
    refuse_other_shapes(input, target)
    input -= target
    return input * (2 / input.numel())


@misconception(of="mse_backward", hint=EQUAL_SHAPES)
def mse_broadcasts(input: Tensor, target: Tensor) -> Tensor:
    return 2 * (input - target) / input.numel()


@misconception(of="mse_backward", hint="Keep the dtype of the inputs: float64 in, float64 out.")
def mse_in_float32(input: Tensor, target: Tensor) -> Tensor:
    refuse_other_shapes(input, target)
    return (2 * (input - target) / input.numel()).float()


@misconception(of="mse_backward", hint=BY_HAND)
def mse_by_autograd(input: Tensor, target: Tensor) -> Tensor:
    refuse_other_shapes(input, target)
    gradient: Tensor = torch.func.grad(lambda found: (found - target).square().mean())(input)
    return gradient
