"""What goes wrong in `predict`."""

from typing import Any

import torch
from torch import Tensor

from grader.misconceptions import misconception

ONE_NUMBER_A_POINT = (
    "Return shape (N,), one number for each point: x has a second dimension that has to go, and no "
    "other. Print the shape of your result for three points, and for one."
)
STAY_IN_TORCH = (
    "Stay in torch from x to the result: detached, through numpy, or made anew from numbers, "
    "it has lost its way back to w and b."
)


@misconception(of="predict", hint=ONE_NUMBER_A_POINT)
def predict_in_a_column(x: Tensor, w: Tensor, b: Tensor) -> Tensor:
    return x * w + b


@misconception(of="predict", hint=ONE_NUMBER_A_POINT)
def predict_in_a_row(x: Tensor, w: Tensor, b: Tensor) -> Tensor:
    return (x * w + b).T


@misconception(
    of="predict",
    hint="Remove the second dimension of x only: squeezed without saying which, a single point "
    "loses its own dimension too.",
)
def predict_squeezes_everything(x: Tensor, w: Tensor, b: Tensor) -> Tensor:
    return (x * w + b).squeeze()


@misconception(of="predict", hint="Add the bias b: without it every line goes through 0.")
def predict_without_bias(x: Tensor, w: Tensor, b: Tensor) -> Tensor:
    return x @ w


@misconception(of="predict", hint="Add the bias b to w · x: it is not subtracted.")
def predict_subtracts_the_bias(x: Tensor, w: Tensor, b: Tensor) -> Tensor:
    return x @ w - b


@misconception(of="predict", hint="Multiply x by w alone, and add b afterwards.")
def predict_shifts_x_first(x: Tensor, w: Tensor, b: Tensor) -> Tensor:
    return (x + b) @ w


@misconception(of="predict", hint="Multiply by w and add b: they have changed places.")
def predict_swaps_w_and_b(x: Tensor, w: Tensor, b: Tensor) -> Tensor:
    return x @ b + w


@misconception(
    of="predict",
    hint="Put the matrix first: (N, 1) @ (1,) is (N,), and (1,) @ (N, 1) does not fit.",
)
def predict_vector_first(x: Tensor, w: Tensor, b: Tensor) -> Tensor:
    return w @ x + b


@misconception(
    of="predict", hint="Keep one number for each point: the predictions are not to be added up."
)
def predict_adds_up(x: Tensor, w: Tensor, b: Tensor) -> Tensor:
    return (x @ w + b).sum()


@misconception(of="predict", hint=STAY_IN_TORCH)
def predict_detached(x: Tensor, w: Tensor, b: Tensor) -> Tensor:
    return (x @ w + b).detach()


@misconception(of="predict", hint="Return one tensor, not a list of Python numbers.")
def predict_python_numbers(x: Tensor, w: Tensor, b: Tensor) -> Any:
    return (x @ w + b).tolist()


@misconception(of="predict", hint=STAY_IN_TORCH)
def predict_from_numbers(x: Tensor, w: Tensor, b: Tensor) -> Tensor:
    return torch.tensor([w.item() * row.item() + b.item() for row in x])


@misconception(of="predict", hint="Keep the dtype of the inputs: float64 in, float64 out.")
def predict_in_float32(x: Tensor, w: Tensor, b: Tensor) -> Tensor:
    return x.float() @ w.float() + b.float()


@misconception(
    of="predict", hint="Leave x as it is: multiply and add without the in-place operators."
)
def predict_changes_x(x: Tensor, w: Tensor, b: Tensor) -> Tensor:
    given = x.detach().clone()
    with torch.no_grad():
        x *= w
        x += b
    return given @ w + b


@misconception(
    of="predict",
    hint="Make new tensors on the device of x, not on the CPU.",
    needs_gpu=True,
)
def predict_on_the_cpu(x: Tensor, w: Tensor, b: Tensor) -> Tensor:
    predictions = torch.zeros(len(x), dtype=x.dtype)
    for place in range(len(x)):
        predictions[place] = x[place, 0] * w[0] + b[0]
    return predictions
