"""What goes wrong in `SGD`."""

from collections.abc import Hashable, Iterable

import torch
from torch import Tensor

from grader.misconceptions import misconception

REFUSE_BAD = "Raise ValueError for bad hyperparameters: "


class RightSGD:
    """SGD as torch has it, in small methods: each mistake below is in one of them."""

    def __init__(
        self,
        params: Iterable[Tensor],
        lr: float,
        momentum: float = 0,
        dampening: float = 0,
        weight_decay: float = 0,
        nesterov: bool = False,
    ) -> None:
        self.lr, self.momentum, self.dampening = lr, momentum, dampening
        self.weight_decay, self.nesterov = weight_decay, nesterov
        self.buffers: dict[Hashable, Tensor] = {}
        self.refuse_bad_values()
        self.refuse_bad_nesterov()
        self.keep(params)

    def refuse_bad_values(self) -> None:
        if min(self.lr, self.momentum, self.weight_decay) < 0:
            raise ValueError("lr, momentum and weight_decay must not be negative")

    def refuse_bad_nesterov(self) -> None:
        if self.nesterov and (self.momentum <= 0 or self.dampening != 0):
            raise ValueError("nesterov needs momentum and no dampening")

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
                self.move(parameter, self.direction(parameter, parameter.grad))

    def move(self, parameter: Tensor, direction: Tensor) -> None:
        parameter -= self.lr * direction

    def direction(self, parameter: Tensor, gradient: Tensor) -> Tensor:
        gradient = self.decayed(parameter, gradient)
        return self.with_momentum(parameter, gradient) if self.momentum else gradient

    def decayed(self, parameter: Tensor, gradient: Tensor) -> Tensor:
        return gradient + self.weight_decay * parameter if self.weight_decay else gradient

    def with_momentum(self, parameter: Tensor, gradient: Tensor) -> Tensor:
        key = self.key(parameter)
        if key in self.buffers:
            self.buffers[key] = self.next_buffer(self.buffers[key], gradient)
        else:
            self.buffers[key] = self.first_buffer(gradient)
        buffer = self.buffers[key]
        return gradient + self.momentum * buffer if self.nesterov else buffer

    def key(self, parameter: Tensor) -> Hashable:
        return parameter

    def first_buffer(self, gradient: Tensor) -> Tensor:
        return gradient.clone()

    def next_buffer(self, buffer: Tensor, gradient: Tensor) -> Tensor:
        return self.momentum * buffer + (1 - self.dampening) * gradient


@misconception(of="SGD", hint="Subtract the step: the gradient points uphill.")
class SGDClimbs(RightSGD):
    def move(self, parameter: Tensor, direction: Tensor) -> None:
        parameter += self.lr * direction


@misconception(
    of="SGD", hint="Change the parameter in place: a new tensor under the old name leaves it alone."
)
class SGDRebindsTheName(RightSGD):
    def move(self, parameter: Tensor, direction: Tensor) -> None:
        parameter = parameter - self.lr * direction


@misconception(
    of="SGD",
    hint="Change the parameter's own memory in place: a new tensor as its data leaves every view "
    "of "
    "it behind.",
)
class SGDReplacesTheData(RightSGD):
    def move(self, parameter: Tensor, direction: Tensor) -> None:
        parameter.data = parameter.data - self.lr * direction


@misconception(
    of="SGD", hint="Switch gradients off for the whole step: autograd must not follow an update."
)
class SGDTrackedByAutograd(RightSGD):
    @torch.enable_grad()
    def move(self, parameter: Tensor, direction: Tensor) -> None:
        parameter -= self.lr * direction


@misconception(
    of="SGD", hint="Make a list of the parameters: a generator is empty after its first use."
)
class SGDConsumesTheGenerator(RightSGD):
    def keep(self, params: Iterable[Tensor]) -> None:
        self.params = params
        if isinstance(params, list | tuple) and not params:
            raise ValueError("the list of parameters is empty")


@misconception(of="SGD", hint="Skip a parameter whose grad is None.")
class SGDNeedsEveryGradient(RightSGD):
    @torch.no_grad()
    def step(self) -> None:
        gradients = [parameter.grad.clone() for parameter in self.params]  # type: ignore[union-attr]
        for parameter, gradient in zip(self.params, gradients, strict=True):
            self.move(parameter, self.direction(parameter, gradient))


@misconception(
    of="SGD",
    hint="Skip a parameter whose grad is None: with zeros instead, decay and momentum still move "
    "it.",
)
class SGDTakesNoneForZero(RightSGD):
    @torch.no_grad()
    def step(self) -> None:
        for parameter in self.params:
            gradient = torch.zeros_like(parameter) if parameter.grad is None else parameter.grad
            self.move(parameter, self.direction(parameter, gradient))


@misconception(
    of="SGD", hint="Leave the gradient as it is: add the decay to a new tensor, not in place."
)
class SGDChangesTheGradient(RightSGD):
    def decayed(self, parameter: Tensor, gradient: Tensor) -> Tensor:
        if self.weight_decay:
            gradient += self.weight_decay * parameter
        return gradient


@misconception(
    of="SGD",
    hint="Clone the gradient for the first buffer: else it changes when the gradient is zeroed.",
)
class SGDSharesTheGradient(RightSGD):
    def first_buffer(self, gradient: Tensor) -> Tensor:
        return gradient


@misconception(
    of="SGD", hint="Start the buffer as the gradient itself: the first step is not damped."
)
class SGDDampsTheFirstStep(RightSGD):
    def first_buffer(self, gradient: Tensor) -> Tensor:
        return (1 - self.dampening) * gradient


@misconception(
    of="SGD",
    hint="Add the whole gradient to momentum · buffer: this is no average, the two do not sum to "
    "1.",
)
class SGDAveragesTheMomentum(RightSGD):
    def next_buffer(self, buffer: Tensor, gradient: Tensor) -> Tensor:
        return super().next_buffer(buffer, (1 - self.momentum) * gradient)


@misconception(
    of="SGD",
    hint="Keep a momentum buffer for each parameter: two of one shape have each their own.",
)
class SGDSharesOneBuffer(RightSGD):
    def key(self, parameter: Tensor) -> Hashable:
        return "buffer"


@misconception(
    of="SGD",
    hint="Keep a momentum buffer for each parameter: two of one shape have each their own.",
)
class SGDKeepsBuffersByShape(RightSGD):
    def key(self, parameter: Tensor) -> Hashable:
        return tuple(parameter.shape)


@misconception(
    of="SGD",
    hint="Keep the buffers by parameter, not by place: a parameter without a grad moves the "
    "others up.",
)
class SGDKeepsBuffersByPlace(RightSGD):
    def key(self, parameter: Tensor) -> Hashable:
        moving = [one for one in self.params if one.grad is not None]
        return [one is parameter for one in moving].index(True)


@misconception(
    of="SGD",
    hint="Look ahead with the new buffer: update it first, then step along gradient + momentum · "
    "buffer. With the old one this is plain momentum.",
)
class SGDLooksAheadWithTheOldBuffer(RightSGD):
    def with_momentum(self, parameter: Tensor, gradient: Tensor) -> Tensor:
        old = self.buffers.get(parameter, torch.zeros_like(gradient))
        direction = super().with_momentum(parameter, gradient)
        return gradient + self.momentum * old if self.nesterov else direction


@misconception(
    of="SGD", hint=REFUSE_BAD + "nesterov needs a momentum above 0 and a dampening of 0."
)
class SGDAcceptsAnyNesterov(RightSGD):
    def refuse_bad_nesterov(self) -> None:
        pass


@misconception(of="SGD", hint=REFUSE_BAD + "a negative lr, momentum or weight_decay is a mistake.")
class SGDAcceptsNegativeValues(RightSGD):
    def refuse_bad_values(self) -> None:
        pass


@misconception(of="SGD", hint="Raise ValueError for an empty list: there is nothing to optimize.")
class SGDAcceptsAnEmptyList(RightSGD):
    def keep(self, params: Iterable[Tensor]) -> None:
        self.params = list(params)


@misconception(
    of="SGD", hint="Ignore the dampening where momentum is 0: it damps what enters the buffer."
)
class SGDDampsWithoutMomentum(RightSGD):
    def direction(self, parameter: Tensor, gradient: Tensor) -> Tensor:
        direction = super().direction(parameter, gradient)
        return direction if self.momentum else (1 - self.dampening) * direction


@misconception(
    of="SGD",
    hint="Add the weight decay to the gradient before the momentum: the buffer holds both.",
)
class SGDDecaysAfterMomentum(RightSGD):
    def direction(self, parameter: Tensor, gradient: Tensor) -> Tensor:
        direction = self.with_momentum(parameter, gradient) if self.momentum else gradient
        return self.decayed(parameter, direction)


@misconception(
    of="SGD", hint="Add weight_decay · parameter to the gradient, with momentum or without."
)
class SGDDecaysOnlyWithMomentum(RightSGD):
    def decayed(self, parameter: Tensor, gradient: Tensor) -> Tensor:
        return super().decayed(parameter, gradient) if self.momentum else gradient


@misconception(
    of="SGD", hint="Add weight_decay · parameter to the gradient, with momentum or without."
)
class SGDIgnoresDecay(RightSGD):
    def decayed(self, parameter: Tensor, gradient: Tensor) -> Tensor:
        return gradient


@misconception(
    of="SGD", hint="Add the weight decay to the gradient: the step then draws the parameter to 0."
)
class SGDDecaysAwayFromZero(RightSGD):
    def decayed(self, parameter: Tensor, gradient: Tensor) -> Tensor:
        return gradient - self.weight_decay * parameter


@misconception(
    of="SGD", hint="Multiply the weight decay by the learning rate once: the step does it already."
)
class SGDDecaysByTheSquaredRate(RightSGD):
    def decayed(self, parameter: Tensor, gradient: Tensor) -> Tensor:
        return gradient + self.lr * self.weight_decay * parameter


@misconception(of="SGD", hint="Clear the grad of every parameter, not of the first alone.")
class SGDClearsOnlyTheFirst(RightSGD):
    def zero_grad(self, set_to_none: bool = True) -> None:
        for parameter in self.params:
            if set_to_none:
                parameter.grad = None
            elif parameter.grad is not None:
                parameter.grad.zero_()
            return


@misconception(of="SGD", hint="Set each grad to None by default: zeros are for set_to_none=False.")
class SGDClearsToZeros(RightSGD):
    def zero_grad(self, set_to_none: bool = False) -> None:
        super().zero_grad(set_to_none)


@misconception(of="SGD", hint="Obey set_to_none=False: it leaves zeros instead of None.")
class SGDAlwaysClearsToNone(RightSGD):
    def zero_grad(self, set_to_none: bool = True) -> None:
        super().zero_grad()
