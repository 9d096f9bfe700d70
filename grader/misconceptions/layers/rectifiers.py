"""What goes wrong in `relu`, `leaky_relu` and `prelu`."""

import torch
from torch import Tensor

from grader.misconceptions import misconception

LEAVE_INPUTS = "Leave x as it is: what is written into it in place changes the caller's tensor."
KEEP_DTYPE = "Keep the dtype of the input: float64 in, float64 out."
KEEP_THE_SHAPE = "Give every element a result: picking the positive ones out loses the shape."
KEEP_THE_POSITIVE = "Leave positive elements as they are: the slope is for the negative ones."
MULTIPLY = "Multiply negative elements by the slope; do not add it."
KEEP_THE_SIGN = "Keep the sign of negative elements: slope · x is negative where x is."
NOT_THE_MAXIMUM = (
    "Choose by the sign of x, with torch.where: the larger of x and slope · x is the wrong one for "
    "slopes above 1."
)


# relu


@misconception(of="relu", hint="Make negative elements 0: this is the absolute value.")
def relu_as_abs(x: Tensor) -> Tensor:
    return x.abs()


@misconception(of="relu", hint="Make negative elements 0: here they stay as they are.")
def relu_as_identity(x: Tensor) -> Tensor:
    return x.clone()


@misconception(of="relu", hint="Keep the positive elements, not the negative ones.")
def relu_keeps_negatives(x: Tensor) -> Tensor:
    return x.clamp(max=0)


@misconception(of="relu", hint="Return x where it is positive: 1 there is the derivative.")
def relu_derivative(x: Tensor) -> Tensor:
    return (x > 0).to(x.dtype)


@misconception(of="relu", hint=KEEP_THE_SHAPE)
def relu_drops_negatives(x: Tensor) -> Tensor:
    return x[x > 0]


@misconception(of="relu", hint="Make negative elements exactly 0: a leaky relu lets some through.")
def relu_leaks(x: Tensor) -> Tensor:
    return torch.where(x > 0, x, 0.01 * x)


@misconception(of="relu", hint="Cut at 0 alone: above there is no limit, at 1 or at 6.")
def relu_capped(x: Tensor) -> Tensor:
    return x.clamp(0, 1)


@misconception(of="relu", hint="Cut at 0 alone: above there is no limit, at 1 or at 6.")
def relu_capped_at_six(x: Tensor) -> Tensor:
    return x.clamp(0, 6)


@misconception(
    of="relu", hint="Cut with a corner: log(1 + eˣ), the softplus, is never 0 and bends softly."
)
def relu_as_softplus(x: Tensor) -> Tensor:
    return torch.logaddexp(x, torch.zeros_like(x))


@misconception(
    of="relu",
    hint="Make each element 0 by itself where it is negative: this looks at all of them at once.",
)
def relu_of_the_whole(x: Tensor) -> Tensor:
    return x.clone() if bool(x.sum() > 0) else x * 0


@misconception(
    of="relu",
    hint="Use clamp, torch.where or |x|: the root of the square has a NaN for gradient at 0.",
)
def relu_by_roots(x: Tensor) -> Tensor:
    return (x + (x**2).sqrt()) / 2


@misconception(of="relu", hint=LEAVE_INPUTS)
def relu_in_place(x: Tensor) -> Tensor:
    x[x < 0] = 0
    return x


@misconception(
    of="relu", hint="Stay in torch from input to result: .data and .detach() cut the gradient off."
)
def relu_detached(x: Tensor) -> Tensor:
    return x.detach().clamp(min=0)


@misconception(of="relu", hint=KEEP_DTYPE)
def relu_in_float32(x: Tensor) -> Tensor:
    return x.float().clamp(min=0)


# leaky_relu


@misconception(of="leaky_relu", hint=MULTIPLY)
def leaky_slope_added(x: Tensor, negative_slope: float = 0.01) -> Tensor:
    return torch.where(x > 0, x, x + negative_slope)


@misconception(of="leaky_relu", hint=MULTIPLY)
def leaky_slope_instead(x: Tensor, negative_slope: float = 0.01) -> Tensor:
    return torch.where(x > 0, x, negative_slope)


@misconception(of="leaky_relu", hint=MULTIPLY + " Nor divide by it.")
def leaky_slope_divided_by(x: Tensor, negative_slope: float = 0.01) -> Tensor:
    return torch.where(x > 0, x, x / negative_slope if negative_slope else x)


@misconception(of="leaky_relu", hint=KEEP_THE_POSITIVE)
def leaky_on_the_positive_side(x: Tensor, negative_slope: float = 0.01) -> Tensor:
    return torch.where(x > 0, negative_slope * x, x)


@misconception(of="leaky_relu", hint=KEEP_THE_POSITIVE)
def leaky_on_both_sides(x: Tensor, negative_slope: float = 0.01) -> Tensor:
    return negative_slope * x


@misconception(of="leaky_relu", hint=KEEP_THE_SIGN)
def leaky_without_sign(x: Tensor, negative_slope: float = 0.01) -> Tensor:
    return torch.where(x > 0, x, negative_slope * x.abs())


@misconception(of="leaky_relu", hint="Let a little of the negative elements through: slope · x.")
def leaky_does_not_leak(x: Tensor, negative_slope: float = 0.01) -> Tensor:
    return x.clamp(min=0)


@misconception(of="leaky_relu", hint="Use the slope that is given; 0.01 is only the default.")
def leaky_slope_ignored(x: Tensor, negative_slope: float = 0.01) -> Tensor:
    return torch.where(x > 0, x, 0.01 * x)


@misconception(of="leaky_relu", hint="Make the default slope 0.01.")
def leaky_other_default(x: Tensor, negative_slope: float = 0.1) -> Tensor:
    return torch.where(x > 0, x, negative_slope * x)


@misconception(of="leaky_relu", hint="Make the default slope 0.01.")
def leaky_default_of_keras(x: Tensor, negative_slope: float = 0.3) -> Tensor:
    return torch.where(x > 0, x, negative_slope * x)


@misconception(of="leaky_relu", hint=NOT_THE_MAXIMUM)
def leaky_as_the_maximum(x: Tensor, negative_slope: float = 0.01) -> Tensor:
    return torch.maximum(x, negative_slope * x)


@misconception(of="leaky_relu", hint=LEAVE_INPUTS)
def leaky_in_place(x: Tensor, negative_slope: float = 0.01) -> Tensor:
    x[x < 0] *= negative_slope
    return x


@misconception(
    of="leaky_relu",
    hint="Stay in torch from input to result: .data and .detach() cut the gradient off.",
)
def leaky_detached(x: Tensor, negative_slope: float = 0.01) -> Tensor:
    return torch.where(x > 0, x.data, negative_slope * x.data)


@misconception(of="leaky_relu", hint=KEEP_DTYPE)
def leaky_in_float32(x: Tensor, negative_slope: float = 0.01) -> Tensor:
    return torch.where(x > 0, x, negative_slope * x).float()


# prelu


def slopes_of_channels(x: Tensor, weight: Tensor) -> Tensor:
    return weight if weight.numel() == 1 else weight.reshape(-1, *[1] * (x.dim() - 2))


@misconception(
    of="prelu",
    hint="Bring the slopes to dimension 1, where the channels are: a weight of shape (C,) "
    "broadcasts along the last dimension.",
)
def prelu_along_the_last_dimension(x: Tensor, weight: Tensor) -> Tensor:
    return torch.where(x > 0, x, weight * x)


@misconception(
    of="prelu", hint="Bring the slopes to dimension 1, where the channels are: 0 is the batch."
)
def prelu_along_the_batch(x: Tensor, weight: Tensor) -> Tensor:
    return torch.where(x > 0, x, weight.reshape(-1, *[1] * (x.dim() - 1)) * x)


@misconception(
    of="prelu",
    hint="Give the slopes as many dimensions as x has from the channels on: (C, 1, 1) is for "
    "images alone.",
)
def prelu_of_images_only(x: Tensor, weight: Tensor) -> Tensor:
    return torch.where(x > 0, x, weight.reshape(-1, 1, 1) * x)


@misconception(
    of="prelu", hint="Take a weight of one element too: it is the slope of all channels."
)
def prelu_needs_a_slope_a_channel(x: Tensor, weight: Tensor) -> Tensor:
    slopes = weight.reshape(x.shape[1], *[1] * (x.dim() - 2))
    return torch.where(x > 0, x, slopes * x)


@misconception(of="prelu", hint="Use the slope of each channel, not the first for all.")
def prelu_first_slope_for_all(x: Tensor, weight: Tensor) -> Tensor:
    return torch.where(x > 0, x, weight[0] * x)


@misconception(of="prelu", hint="Use the slope of each channel, not their mean.")
def prelu_mean_slope_for_all(x: Tensor, weight: Tensor) -> Tensor:
    return torch.where(x > 0, x, weight.mean() * x)


@misconception(of="prelu", hint="Use the slope that is given: here it is learnt, not fixed.")
def prelu_with_a_fixed_slope(x: Tensor, weight: Tensor) -> Tensor:
    return torch.where(x > 0, x, 0.25 * x)


@misconception(of="prelu", hint=KEEP_THE_POSITIVE)
def prelu_on_the_positive_side(x: Tensor, weight: Tensor) -> Tensor:
    return torch.where(x > 0, slopes_of_channels(x, weight) * x, x)


@misconception(of="prelu", hint=MULTIPLY)
def prelu_slope_added(x: Tensor, weight: Tensor) -> Tensor:
    return torch.where(x > 0, x, x + slopes_of_channels(x, weight))


@misconception(of="prelu", hint=KEEP_THE_SIGN)
def prelu_without_sign(x: Tensor, weight: Tensor) -> Tensor:
    return torch.where(x > 0, x, slopes_of_channels(x, weight) * x.abs())


@misconception(of="prelu", hint=NOT_THE_MAXIMUM)
def prelu_as_the_maximum(x: Tensor, weight: Tensor) -> Tensor:
    return torch.maximum(x, slopes_of_channels(x, weight) * x)


@misconception(
    of="prelu",
    hint="Use the weight itself, not .data, .item() or .tolist() of it: the slopes are learnt, and "
    "need a gradient.",
)
def prelu_detaches_the_slopes(x: Tensor, weight: Tensor) -> Tensor:
    return torch.where(x > 0, x, slopes_of_channels(x, weight.detach()) * x)


@misconception(of="prelu", hint=LEAVE_INPUTS)
def prelu_in_place(x: Tensor, weight: Tensor) -> Tensor:
    x.copy_(torch.where(x > 0, x, slopes_of_channels(x, weight) * x))
    return x


@misconception(of="prelu", hint=KEEP_DTYPE)
def prelu_in_float32(x: Tensor, weight: Tensor) -> Tensor:
    return torch.where(x > 0, x, slopes_of_channels(x, weight) * x).float()
