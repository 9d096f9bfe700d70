"""What goes wrong in `linear_backward`."""

import torch
from torch import Tensor

from grader.misconceptions import misconception

Triple = tuple[Tensor, Tensor, Tensor]

FROM_ABOVE = (
    "Multiply by grad_output in all three: the gradient that comes from above is part of each."
)
SUM_OVER_SAMPLES = (
    "Sum the gradients of weight and bias over the samples. Where a mean is wanted, the loss has "
    "already put its 1/N into grad_output."
)
ALL_IN_FRONT = (
    "Sum over all dimensions in front of the last one, however many x has: flatten them to one "
    "first, also where x is a single sample."
)


def rows(tensor: Tensor) -> Tensor:
    """All dimensions in front of the last one made one."""
    return tensor.reshape(-1, tensor.shape[-1])


def rightly(x: Tensor, weight: Tensor, grad_output: Tensor) -> Triple:
    grads = rows(grad_output)
    return grad_output @ weight, grads.T @ rows(x), grads.sum(0)


@misconception(
    of="linear_backward",
    hint="Give grad_weight the shape of weight, (out, in): it is transposed.",
)
def linear_weight_transposed(x: Tensor, weight: Tensor, grad_output: Tensor) -> Triple:
    grad_x, grad_weight, grad_bias = rightly(x, weight, grad_output)
    return grad_x, grad_weight.T, grad_bias


@misconception(
    of="linear_backward",
    hint="Multiply grad_output by weight as it is, (out, in), for grad_x: transposed is what the "
    "forward pass needs.",
)
def linear_x_by_transposed_weight(x: Tensor, weight: Tensor, grad_output: Tensor) -> Triple:
    _, grad_weight, grad_bias = rightly(x, weight, grad_output)
    return grad_output @ weight.T, grad_weight, grad_bias


@misconception(
    of="linear_backward",
    hint="Sum grad_output over the samples for grad_bias: it has the shape of the bias, (out,).",
)
def linear_bias_not_summed(x: Tensor, weight: Tensor, grad_output: Tensor) -> Triple:
    grad_x, grad_weight, _ = rightly(x, weight, grad_output)
    return grad_x, grad_weight, grad_output


@misconception(
    of="linear_backward",
    hint="Give grad_bias the shape (out,): one dimension too many was kept.",
)
def linear_bias_keeps_dimension(x: Tensor, weight: Tensor, grad_output: Tensor) -> Triple:
    grad_x, grad_weight, _ = rightly(x, weight, grad_output)
    return grad_x, grad_weight, rows(grad_output).sum(0, keepdim=True)


@misconception(
    of="linear_backward",
    hint="Keep the outputs apart in grad_bias: sum over the samples only, not over everything.",
)
def linear_bias_one_number(x: Tensor, weight: Tensor, grad_output: Tensor) -> Triple:
    grad_x, grad_weight, _ = rightly(x, weight, grad_output)
    return grad_x, grad_weight, grad_output.sum()


@misconception(of="linear_backward", hint=SUM_OVER_SAMPLES)
def linear_bias_mean(x: Tensor, weight: Tensor, grad_output: Tensor) -> Triple:
    grad_x, grad_weight, _ = rightly(x, weight, grad_output)
    return grad_x, grad_weight, rows(grad_output).mean(0)


@misconception(of="linear_backward", hint=SUM_OVER_SAMPLES)
def linear_weight_mean(x: Tensor, weight: Tensor, grad_output: Tensor) -> Triple:
    grad_x, grad_weight, grad_bias = rightly(x, weight, grad_output)
    return grad_x, grad_weight / len(rows(x)), grad_bias


@misconception(of="linear_backward", hint=SUM_OVER_SAMPLES)
def linear_both_means(x: Tensor, weight: Tensor, grad_output: Tensor) -> Triple:
    grad_x, grad_weight, grad_bias = rightly(x, weight, grad_output)
    return grad_x, grad_weight / len(rows(x)), grad_bias / len(rows(x))


@misconception(of="linear_backward", hint=FROM_ABOVE)
def linear_ignores_grad_output(x: Tensor, weight: Tensor, grad_output: Tensor) -> Triple:
    return rightly(x, weight, torch.ones_like(grad_output))


@misconception(of="linear_backward", hint=FROM_ABOVE)
def linear_x_ignores_grad_output(x: Tensor, weight: Tensor, grad_output: Tensor) -> Triple:
    _, grad_weight, grad_bias = rightly(x, weight, grad_output)
    return torch.ones_like(grad_output) @ weight, grad_weight, grad_bias


@misconception(of="linear_backward", hint=FROM_ABOVE)
def linear_bias_ignores_grad_output(x: Tensor, weight: Tensor, grad_output: Tensor) -> Triple:
    grad_x, grad_weight, _ = rightly(x, weight, grad_output)
    return grad_x, grad_weight, torch.ones_like(weight[:, 0])


@misconception(
    of="linear_backward",
    hint="Take the input x for grad_weight, not the gradient of x.",
)
def linear_weight_from_grad_x(x: Tensor, weight: Tensor, grad_output: Tensor) -> Triple:
    grad_x, _, grad_bias = rightly(x, weight, grad_output)
    return grad_x, rows(grad_output).T @ rows(grad_x), grad_bias


@misconception(
    of="linear_backward",
    hint="Return the gradients in the order (grad_x, grad_weight, grad_bias).",
)
def linear_in_another_order(x: Tensor, weight: Tensor, grad_output: Tensor) -> Triple:
    grad_x, grad_weight, grad_bias = rightly(x, weight, grad_output)
    return grad_weight, grad_bias, grad_x


@misconception(
    of="linear_backward",
    hint="Return three gradients: that of the bias is missing.",
)
def linear_without_bias(x: Tensor, weight: Tensor, grad_output: Tensor) -> tuple[Tensor, Tensor]:
    return rightly(x, weight, grad_output)[:2]


@misconception(of="linear_backward", hint=ALL_IN_FRONT)
def linear_of_matrices_only(x: Tensor, weight: Tensor, grad_output: Tensor) -> Triple:
    grad_weight = torch.einsum("no,ni->oi", grad_output, x)
    return grad_output @ weight, grad_weight, grad_output.sum(0)


@misconception(of="linear_backward", hint=ALL_IN_FRONT)
def linear_transposes_all_dimensions(x: Tensor, weight: Tensor, grad_output: Tensor) -> Triple:
    return grad_output @ weight, grad_output.T @ x, grad_output.sum(0)


@misconception(of="linear_backward", hint=ALL_IN_FRONT)
def linear_transposes_last_dimensions(x: Tensor, weight: Tensor, grad_output: Tensor) -> Triple:
    return grad_output @ weight, grad_output.mT @ x, grad_output.sum(-2)


@misconception(of="linear_backward", hint=ALL_IN_FRONT)
def linear_bias_summed_over_the_first(x: Tensor, weight: Tensor, grad_output: Tensor) -> Triple:
    grad_x, grad_weight, _ = rightly(x, weight, grad_output)
    return grad_x, grad_weight, grad_output.sum(0)


@misconception(
    of="linear_backward",
    hint="Give grad_x the shape of x: undo the flattening.",
)
def linear_x_stays_flat(x: Tensor, weight: Tensor, grad_output: Tensor) -> Triple:
    _, grad_weight, grad_bias = rightly(x, weight, grad_output)
    return rows(grad_output) @ weight, grad_weight, grad_bias


@misconception(
    of="linear_backward",
    hint="Keep the dtype of the inputs: float64 in, float64 out.",
)
def linear_in_float32(x: Tensor, weight: Tensor, grad_output: Tensor) -> Triple:
    return rightly(x.float(), weight.float(), grad_output.float())


@misconception(
    of="linear_backward",
    hint="Derive the layer by hand: to have autograd do it is not allowed here.",
)
def linear_by_autograd(x: Tensor, weight: Tensor, grad_output: Tensor) -> Triple:
    bias = weight.new_zeros(len(weight))
    leaves = [one.clone().requires_grad_() for one in (x, weight, bias)]
    output = leaves[0] @ leaves[1].T + leaves[2]
    grad_x, grad_weight, grad_bias = torch.autograd.grad(output, leaves, grad_output)
    return grad_x, grad_weight, grad_bias
