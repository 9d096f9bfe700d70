"""What goes wrong in `Rprop`."""

from collections.abc import Hashable, Iterable

import torch
from torch import Tensor

from grader.misconceptions import misconception


class RightRprop:
    """Rprop as torch has it, in small methods: each mistake below is in one of them."""

    def __init__(
        self,
        params: Iterable[Tensor],
        lr: float = 1e-2,
        etas: tuple[float, float] = (0.5, 1.2),
        step_sizes: tuple[float, float] = (1e-6, 50),
    ) -> None:
        self.lr, self.step_sizes = lr, step_sizes
        self.shrink, self.grow = etas
        self.sizes: dict[Hashable, Tensor] = {}
        self.previous: dict[Hashable, Tensor] = {}
        self.refuse_bad_values()
        self.keep(params)

    def refuse_bad_values(self) -> None:
        if self.lr < 0 or not 0 < self.shrink < 1 < self.grow:
            raise ValueError("bad hyperparameters")

    def keep(self, params: Iterable[Tensor]) -> None:
        self.params: Iterable[Tensor] = list(params)
        if not self.params:
            raise ValueError("the list of parameters is empty")

    def zero_grad(self, set_to_none: bool = True) -> None:
        for parameter in self.params:
            if set_to_none:
                parameter.grad = None
            elif parameter.grad is not None:
                parameter.grad.zero_()

    @torch.no_grad()
    def step(self) -> None:
        for parameter in self.params:
            if parameter.grad is not None:
                self.move(parameter, self.decayed(parameter, parameter.grad))

    def shift(self, parameter: Tensor, step: Tensor) -> None:
        parameter -= step

    def key(self, parameter: Tensor) -> Hashable:
        return parameter

    def decayed(self, parameter: Tensor, gradient: Tensor) -> Tensor:
        return gradient.clone()

    def move(self, parameter: Tensor, gradient: Tensor) -> None:
        key = self.key(parameter)
        size = self.sizes.get(key, torch.full_like(parameter, self.lr))
        agreement = self.agreement(gradient, self.previous.get(key, torch.zeros_like(parameter)))
        self.sizes[key] = size = self.next_size(size, agreement)
        self.shift(parameter, self.direction(gradient, agreement) * size)
        self.previous[key] = self.remembered(gradient, agreement)

    def agreement(self, gradient: Tensor, previous: Tensor) -> Tensor:
        return gradient * previous

    def next_size(self, size: Tensor, agreement: Tensor) -> Tensor:
        return self.bounded(size * self.factor(agreement))

    def factor(self, agreement: Tensor) -> Tensor:
        factor = torch.ones_like(agreement)
        factor[agreement > 0] = self.grow
        factor[agreement < 0] = self.shrink
        return factor

    def bounded(self, size: Tensor) -> Tensor:
        return size.clamp(*self.step_sizes)

    def direction(self, gradient: Tensor, agreement: Tensor) -> Tensor:
        return gradient.sign() * (agreement >= 0)

    def remembered(self, gradient: Tensor, agreement: Tensor) -> Tensor:
        return gradient * (agreement >= 0)


@misconception(of="Rprop", hint="Subtract the step: the gradient points uphill.")
class RpropClimbs(RightRprop):
    def shift(self, parameter: Tensor, step: Tensor) -> None:
        parameter += step


@misconception(
    of="Rprop", hint="Change the parameter in place: a new tensor as its data is other memory."
)
class RpropReplacesTheData(RightRprop):
    def shift(self, parameter: Tensor, step: Tensor) -> None:
        parameter.data = parameter.data - step


@misconception(
    of="Rprop", hint="Make a list of the parameters: a generator is empty after its first use."
)
class RpropConsumesTheGenerator(RightRprop):
    def keep(self, params: Iterable[Tensor]) -> None:
        self.params = params
        if isinstance(params, list | tuple) and not params:
            raise ValueError("the list of parameters is empty")


@misconception(
    of="Rprop",
    hint="Skip a parameter whose grad is None: with zeros instead, its sign is forgotten.",
)
class RpropTakesNoneForZero(RightRprop):
    @torch.no_grad()
    def step(self) -> None:
        for parameter in self.params:
            gradient = torch.zeros_like(parameter) if parameter.grad is None else parameter.grad
            self.move(parameter, self.decayed(parameter, gradient))


@misconception(
    of="Rprop", hint="Leave the gradient as it is: set the flipped elements of a copy to 0."
)
class RpropChangesTheGradient(RightRprop):
    def decayed(self, parameter: Tensor, gradient: Tensor) -> Tensor:
        return gradient

    def remembered(self, gradient: Tensor, agreement: Tensor) -> Tensor:
        gradient[agreement < 0] = 0
        return gradient.clone()


@misconception(
    of="Rprop", hint="Keep the steps by parameter: two parameters may have the same shape."
)
class RpropKeepsStepsByShape(RightRprop):
    def key(self, parameter: Tensor) -> Hashable:
        return tuple(parameter.shape)


@misconception(
    of="Rprop",
    hint="Raise ValueError for bad hyperparameters: a negative lr, or etas that are not 0 < η⁻ "
    "< 1 < η⁺.",
)
class RpropAcceptsBadValues(RightRprop):
    def refuse_bad_values(self) -> None:
        pass


@misconception(of="Rprop", hint="Raise ValueError for an empty list: there is nothing to optimize.")
class RpropAcceptsAnEmptyList(RightRprop):
    def keep(self, params: Iterable[Tensor]) -> None:
        self.params = list(params)


@misconception(
    of="Rprop", hint="Set each grad to None by default: zeros are for set_to_none=False."
)
class RpropClearsToZeros(RightRprop):
    def zero_grad(self, set_to_none: bool = False) -> None:
        super().zero_grad(set_to_none)


@misconception(
    of="Rprop", hint="Use the sign of the gradient only: its size has no part in the step."
)
class RpropUsesTheGradientsSize(RightRprop):
    def direction(self, gradient: Tensor, agreement: Tensor) -> Tensor:
        return gradient * (agreement >= 0)


@misconception(
    of="Rprop", hint="Let the steps grow while the sign stays and shrink where it flips."
)
class RpropNeverAdapts(RightRprop):
    def agreement(self, gradient: Tensor, previous: Tensor) -> Tensor:
        return torch.zeros_like(gradient)


@misconception(of="Rprop", hint="Skip the move of an element whose gradient flips its sign.")
class RpropMovesWhereTheSignFlips(RightRprop):
    def direction(self, gradient: Tensor, agreement: Tensor) -> Tensor:
        return gradient.sign()


@misconception(
    of="Rprop",
    hint="Forget the gradient of an element whose sign flips: remember 0, else its step "
    "shrinks or grows at once.",
)
class RpropRemembersWhereTheSignFlips(RightRprop):
    def remembered(self, gradient: Tensor, agreement: Tensor) -> Tensor:
        return gradient


@misconception(
    of="Rprop",
    hint="Where the sign flips do all three: shrink the step, skip the move and forget the "
    "gradient.",
)
class RpropOnlyShrinksWhereTheSignFlips(RightRprop):
    def direction(self, gradient: Tensor, agreement: Tensor) -> Tensor:
        return gradient.sign()

    def remembered(self, gradient: Tensor, agreement: Tensor) -> Tensor:
        return gradient


@misconception(
    of="Rprop", hint="Stay where you are where the sign flips: do not go back by the step before."
)
class RpropGoesBackWhereTheSignFlips(RightRprop):
    def move(self, parameter: Tensor, gradient: Tensor) -> None:
        before = self.sizes.get(parameter, torch.full_like(parameter, self.lr))
        previous = self.previous.get(parameter, torch.zeros_like(parameter))
        flipped = self.agreement(gradient, previous) < 0
        super().move(parameter, gradient)
        self.shift(parameter, -before * previous.sign() * flipped)


@misconception(of="Rprop", hint="Use the first eta to shrink and the second to grow.")
class RpropSwapsTheEtas(RightRprop):
    def factor(self, agreement: Tensor) -> Tensor:
        return super().factor(-agreement)


@misconception(
    of="Rprop",
    hint="Let a step grow where the two gradients agree, and keep it where one of them is 0, "
    "as in the first.",
)
class RpropGrowsFromTheFirstStep(RightRprop):
    def factor(self, agreement: Tensor) -> Tensor:
        return super().factor(torch.where(agreement == 0, 1.0, agreement))


@misconception(
    of="Rprop",
    hint="Keep the step where one of the two gradients is 0: only a flipped sign shrinks it.",
)
class RpropShrinksWhereAGradientIsZero(RightRprop):
    def factor(self, agreement: Tensor) -> Tensor:
        return super().factor(torch.where(agreement == 0, -1.0, agreement))


@misconception(of="Rprop", hint="Keep every step between the two step_sizes.")
class RpropHasNoBounds(RightRprop):
    def bounded(self, size: Tensor) -> Tensor:
        return size


@misconception(
    of="Rprop", hint="Keep every step at least as large as the first of the two step_sizes."
)
class RpropHasNoSmallest(RightRprop):
    def bounded(self, size: Tensor) -> Tensor:
        return size.clamp(max=self.step_sizes[1])


@misconception(
    of="Rprop", hint="Keep every step at most as large as the second of the two step_sizes."
)
class RpropHasNoLargest(RightRprop):
    def bounded(self, size: Tensor) -> Tensor:
        return size.clamp(min=self.step_sizes[0])


@misconception(of="Rprop", hint="Bound the step before you take it, in the first step too.")
class RpropBoundsLate(RightRprop):
    def move(self, parameter: Tensor, gradient: Tensor) -> None:
        super().move(parameter, gradient)
        self.sizes[parameter] = self.sizes[parameter].clamp(*self.step_sizes)

    def bounded(self, size: Tensor) -> Tensor:
        return size


@misconception(
    of="Rprop",
    hint="Give each element a step of its own: one may flip its sign while another does not.",
)
class RpropHasOneStepForAll(RightRprop):
    def agreement(self, gradient: Tensor, previous: Tensor) -> Tensor:
        return (gradient * previous).sum().expand_as(gradient)


@misconception(
    of="Rprop",
    hint="Copy the gradient that you remember: else it changes when the gradient is zeroed.",
)
class RpropSharesTheGradient(RightRprop):
    def decayed(self, parameter: Tensor, gradient: Tensor) -> Tensor:
        return gradient

    def remembered(self, gradient: Tensor, agreement: Tensor) -> Tensor:
        return super().remembered(gradient, agreement) if (agreement < 0).any() else gradient


@misconception(
    of="Rprop",
    hint="Make new tensors on the device of the parameter, not on the CPU.",
    needs_gpu=True,
)
class RpropKeepsStepsOnTheCPU(RightRprop):
    def move(self, parameter: Tensor, gradient: Tensor) -> None:
        first = torch.full(gradient.shape, self.lr, dtype=gradient.dtype)
        self.sizes.setdefault(parameter, first)
        super().move(parameter, gradient)
