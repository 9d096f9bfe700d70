"""What goes wrong in `rrelu`."""

import torch
from torch import Tensor

from grader.misconceptions import misconception

EACH_ITS_OWN = (
    "Draw a slope for each element while training: as many random numbers as x has elements."
)
THE_MIDDLE = "Not training, take the middle of the bounds for a slope: (lower + upper) / 2."
UNIFORM = "Draw the slopes uniformly from lower to upper: every slope between them is as likely."
REFUSE = "Raise ValueError where lower is above upper, training or not."


def refuse_bad_bounds(lower: float, upper: float) -> None:
    if lower > upper:
        raise ValueError(f"{lower} is above {upper}")


def drawn(x: Tensor, lower: float, upper: float) -> Tensor:
    return torch.empty_like(x).uniform_(lower, upper)


def middle(lower: float, upper: float) -> float:
    return (lower + upper) / 2


def bent(x: Tensor, slope: Tensor | float) -> Tensor:
    return torch.where(x > 0, x, slope * x)


@misconception(
    of="rrelu", hint="Draw random slopes while training only: in evaluation the slope is fixed."
)
def rrelu_always_random(
    x: Tensor, lower: float = 1 / 8, upper: float = 1 / 3, training: bool = False
) -> Tensor:
    refuse_bad_bounds(lower, upper)
    return bent(x, drawn(x, lower, upper))


@misconception(
    of="rrelu", hint="Draw random slopes while training: the fixed one is for evaluation."
)
def rrelu_never_random(
    x: Tensor, lower: float = 1 / 8, upper: float = 1 / 3, training: bool = False
) -> Tensor:
    refuse_bad_bounds(lower, upper)
    return bent(x, middle(lower, upper))


@misconception(of="rrelu", hint="Mind what training means: random with True, fixed with False.")
def rrelu_the_other_way_round(
    x: Tensor, lower: float = 1 / 8, upper: float = 1 / 3, training: bool = False
) -> Tensor:
    refuse_bad_bounds(lower, upper)
    return bent(x, middle(lower, upper) if training else drawn(x, lower, upper))


@misconception(of="rrelu", hint="Make training False by default.")
def rrelu_training_by_default(
    x: Tensor, lower: float = 1 / 8, upper: float = 1 / 3, training: bool = True
) -> Tensor:
    refuse_bad_bounds(lower, upper)
    return bent(x, drawn(x, lower, upper) if training else middle(lower, upper))


@misconception(of="rrelu", hint=EACH_ITS_OWN)
def rrelu_one_slope_for_all(
    x: Tensor, lower: float = 1 / 8, upper: float = 1 / 3, training: bool = False
) -> Tensor:
    refuse_bad_bounds(lower, upper)
    return bent(x, drawn(x.new_empty(()), lower, upper) if training else middle(lower, upper))


@misconception(of="rrelu", hint=EACH_ITS_OWN)
def rrelu_one_slope_a_row(
    x: Tensor, lower: float = 1 / 8, upper: float = 1 / 3, training: bool = False
) -> Tensor:
    refuse_bad_bounds(lower, upper)
    if not training:
        return bent(x, middle(lower, upper))
    return bent(x, drawn(x[..., :1].detach(), lower, upper))


@misconception(of="rrelu", hint=EACH_ITS_OWN)
def rrelu_one_slope_a_channel(
    x: Tensor, lower: float = 1 / 8, upper: float = 1 / 3, training: bool = False
) -> Tensor:
    refuse_bad_bounds(lower, upper)
    if not training:
        return bent(x, middle(lower, upper))
    return bent(x, drawn(x[:1].detach(), lower, upper))


@misconception(
    of="rrelu", hint="Leave positive elements as they are: the slope is for the negative ones."
)
def rrelu_on_both_sides(
    x: Tensor, lower: float = 1 / 8, upper: float = 1 / 3, training: bool = False
) -> Tensor:
    refuse_bad_bounds(lower, upper)
    return x * (drawn(x, lower, upper) if training else middle(lower, upper))


@misconception(of="rrelu", hint=THE_MIDDLE)
def rrelu_lower_when_evaluated(
    x: Tensor, lower: float = 1 / 8, upper: float = 1 / 3, training: bool = False
) -> Tensor:
    refuse_bad_bounds(lower, upper)
    return bent(x, drawn(x, lower, upper) if training else lower)


@misconception(of="rrelu", hint=THE_MIDDLE)
def rrelu_upper_when_evaluated(
    x: Tensor, lower: float = 1 / 8, upper: float = 1 / 3, training: bool = False
) -> Tensor:
    refuse_bad_bounds(lower, upper)
    return bent(x, drawn(x, lower, upper) if training else upper)


@misconception(of="rrelu", hint=THE_MIDDLE + " The sum, not the difference.")
def rrelu_half_the_difference(
    x: Tensor, lower: float = 1 / 8, upper: float = 1 / 3, training: bool = False
) -> Tensor:
    refuse_bad_bounds(lower, upper)
    return bent(x, drawn(x, lower, upper) if training else (upper - lower) / 2)


@misconception(of="rrelu", hint=THE_MIDDLE + " Half the sum, not all of it.")
def rrelu_sum_when_evaluated(
    x: Tensor, lower: float = 1 / 8, upper: float = 1 / 3, training: bool = False
) -> Tensor:
    refuse_bad_bounds(lower, upper)
    return bent(x, drawn(x, lower, upper) if training else lower + upper)


@misconception(of="rrelu", hint="Let a little of the negative elements through in evaluation too.")
def rrelu_as_relu_when_evaluated(
    x: Tensor, lower: float = 1 / 8, upper: float = 1 / 3, training: bool = False
) -> Tensor:
    refuse_bad_bounds(lower, upper)
    return bent(x, drawn(x, lower, upper) if training else 0.0)


@misconception(of="rrelu", hint=UNIFORM + " Stretch what torch.rand gives, and shift it.")
def rrelu_slopes_from_0_to_1(
    x: Tensor, lower: float = 1 / 8, upper: float = 1 / 3, training: bool = False
) -> Tensor:
    refuse_bad_bounds(lower, upper)
    return bent(x, drawn(x, 0, 1) if training else middle(lower, upper))


@misconception(of="rrelu", hint=UNIFORM + " Stretch by upper − lower, then add lower.")
def rrelu_slopes_not_stretched_rightly(
    x: Tensor, lower: float = 1 / 8, upper: float = 1 / 3, training: bool = False
) -> Tensor:
    refuse_bad_bounds(lower, upper)
    return bent(x, lower + drawn(x, 0, upper) if training else middle(lower, upper))


@misconception(of="rrelu", hint=UNIFORM + " A bell curve has them gather in the middle.")
def rrelu_normal_slopes(
    x: Tensor, lower: float = 1 / 8, upper: float = 1 / 3, training: bool = False
) -> Tensor:
    refuse_bad_bounds(lower, upper)
    if not training:
        return bent(x, middle(lower, upper))
    bell = torch.randn_like(x) * (upper - lower) / 6 + middle(lower, upper)
    return bent(x, bell.clamp(lower, upper))


@misconception(of="rrelu", hint=UNIFORM + " Not one of the two bounds alone.")
def rrelu_one_of_two_slopes(
    x: Tensor, lower: float = 1 / 8, upper: float = 1 / 3, training: bool = False
) -> Tensor:
    refuse_bad_bounds(lower, upper)
    if not training:
        return bent(x, middle(lower, upper))
    return bent(x, torch.where(drawn(x, 0, 1) < 0.5, lower, upper))


@misconception(
    of="rrelu",
    hint="Seed nothing here: slopes that are the same at every call are not random.",
)
def rrelu_seeds_the_generator(
    x: Tensor, lower: float = 1 / 8, upper: float = 1 / 3, training: bool = False
) -> Tensor:
    refuse_bad_bounds(lower, upper)
    if not training:
        return bent(x, middle(lower, upper))
    generator = torch.Generator(x.device).manual_seed(0)
    return bent(x, torch.empty_like(x).uniform_(lower, upper, generator=generator))


@misconception(of="rrelu", hint="Make the default bounds 1/8 and 1/3.")
def rrelu_other_bounds(
    x: Tensor, lower: float = 0.1, upper: float = 0.3, training: bool = False
) -> Tensor:
    refuse_bad_bounds(lower, upper)
    return bent(x, drawn(x, lower, upper) if training else middle(lower, upper))


@misconception(of="rrelu", hint=REFUSE)
def rrelu_refuses_nothing(
    x: Tensor, lower: float = 1 / 8, upper: float = 1 / 3, training: bool = False
) -> Tensor:
    slopes = lower + (upper - lower) * torch.rand_like(x) if training else middle(lower, upper)
    return bent(x, slopes)


@misconception(of="rrelu", hint=REFUSE)
def rrelu_swaps_bounds(
    x: Tensor, lower: float = 1 / 8, upper: float = 1 / 3, training: bool = False
) -> Tensor:
    ordered = min(lower, upper), max(lower, upper)
    return bent(x, drawn(x, *ordered) if training else middle(lower, upper))


@misconception(of="rrelu", hint=REFUSE)
def rrelu_refuses_in_training_only(
    x: Tensor, lower: float = 1 / 8, upper: float = 1 / 3, training: bool = False
) -> Tensor:
    if training:
        refuse_bad_bounds(lower, upper)
    return bent(x, drawn(x, lower, upper) if training else middle(lower, upper))


@misconception(
    of="rrelu", hint="Let the bounds be equal: only a lower one above the upper raises ValueError."
)
def rrelu_refuses_equal_bounds(
    x: Tensor, lower: float = 1 / 8, upper: float = 1 / 3, training: bool = False
) -> Tensor:
    if lower >= upper:
        raise ValueError("lower must be below upper")
    return bent(x, drawn(x, lower, upper) if training else middle(lower, upper))


@misconception(of="rrelu", hint="Draw the slopes in the dtype of x: float64 in, float64 out.")
def rrelu_in_float32(
    x: Tensor, lower: float = 1 / 8, upper: float = 1 / 3, training: bool = False
) -> Tensor:
    refuse_bad_bounds(lower, upper)
    return bent(x, drawn(x, lower, upper) if training else middle(lower, upper)).float()


@misconception(
    of="rrelu", hint="Leave x as it is: what is written into it in place changes the caller's."
)
def rrelu_in_place(
    x: Tensor, lower: float = 1 / 8, upper: float = 1 / 3, training: bool = False
) -> Tensor:
    refuse_bad_bounds(lower, upper)
    with torch.no_grad():
        x.copy_(bent(x, drawn(x, lower, upper) if training else middle(lower, upper)))
    return x


@misconception(
    of="rrelu",
    hint="Stay in torch from input to result: .data and .detach() cut the gradient off.",
)
def rrelu_detached(
    x: Tensor, lower: float = 1 / 8, upper: float = 1 / 3, training: bool = False
) -> Tensor:
    refuse_bad_bounds(lower, upper)
    return bent(x.detach(), drawn(x, lower, upper) if training else middle(lower, upper))
