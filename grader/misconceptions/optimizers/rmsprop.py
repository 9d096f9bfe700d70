"""What goes wrong in `RMSprop`."""

from collections.abc import Hashable, Iterable

import torch
from torch import Tensor

from grader.misconceptions import misconception


class RightRMSprop:
    """RMSprop as torch has it, in small methods: each mistake below is in one of them."""

    def __init__(
        self,
        params: Iterable[Tensor],
        lr: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum: float = 0,
        centered: bool = False,
    ) -> None:
        self.lr, self.alpha, self.eps, self.weight_decay = lr, alpha, eps, weight_decay
        self.momentum, self.centered = momentum, centered
        self.squares: dict[Hashable, Tensor] = {}
        self.means: dict[Hashable, Tensor] = {}
        self.buffers: dict[Hashable, Tensor] = {}
        self.refuse_bad_values()
        self.keep(params)

    def refuse_bad_values(self) -> None:
        if min(self.lr, self.alpha, self.eps, self.weight_decay, self.momentum) < 0:
            raise ValueError("no hyperparameter may be negative")

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
        return gradient + self.weight_decay * parameter if self.weight_decay else gradient

    def move(self, parameter: Tensor, gradient: Tensor) -> None:
        key = self.key(parameter)
        square = self.next_square(key, gradient)
        mean = self.next_mean(key, gradient)
        scaled = self.scaled(gradient, self.spread(square, mean) if self.centered else square)
        self.shift(parameter, self.lr * self.with_momentum(key, scaled))

    def next_square(self, key: Hashable, gradient: Tensor) -> Tensor:
        before = self.squares.get(key, torch.zeros_like(gradient))
        self.squares[key] = self.average(before, gradient**2)
        return self.squares[key]

    def next_mean(self, key: Hashable, gradient: Tensor) -> Tensor:
        before = self.means.get(key, torch.zeros_like(gradient))
        self.means[key] = self.average(before, gradient)
        return self.means[key]

    def average(self, before: Tensor, new: Tensor) -> Tensor:
        return self.alpha * before + (1 - self.alpha) * new

    def spread(self, square: Tensor, mean: Tensor) -> Tensor:
        return square - mean**2

    def scaled(self, gradient: Tensor, square: Tensor) -> Tensor:
        return gradient / (square.sqrt() + self.eps)

    def with_momentum(self, key: Hashable, scaled: Tensor) -> Tensor:
        self.buffers[key] = self.momentum * self.buffers.get(key, torch.zeros_like(scaled)) + scaled
        return self.buffers[key]


@misconception(of="RMSprop", hint="Subtract the step: the gradient points uphill.")
class RMSpropClimbs(RightRMSprop):
    def shift(self, parameter: Tensor, step: Tensor) -> None:
        parameter += step


@misconception(
    of="RMSprop", hint="Change the parameter in place: a new tensor as its data is other memory."
)
class RMSpropReplacesTheData(RightRMSprop):
    def shift(self, parameter: Tensor, step: Tensor) -> None:
        parameter.data = parameter.data - step


@misconception(
    of="RMSprop", hint="Make a list of the parameters: a generator is empty after its first use."
)
class RMSpropConsumesTheGenerator(RightRMSprop):
    def keep(self, params: Iterable[Tensor]) -> None:
        self.params = params
        if isinstance(params, list | tuple) and not params:
            raise ValueError("the list of parameters is empty")


@misconception(
    of="RMSprop",
    hint="Skip a parameter whose grad is None: with zeros instead, its average fades and "
    "momentum moves it.",
)
class RMSpropTakesNoneForZero(RightRMSprop):
    @torch.no_grad()
    def step(self) -> None:
        for parameter in self.params:
            gradient = torch.zeros_like(parameter) if parameter.grad is None else parameter.grad
            self.move(parameter, self.decayed(parameter, gradient))


@misconception(
    of="RMSprop", hint="Leave the gradient as it is: add the decay to a new tensor, not in place."
)
class RMSpropChangesTheGradient(RightRMSprop):
    def decayed(self, parameter: Tensor, gradient: Tensor) -> Tensor:
        if self.weight_decay:
            gradient += self.weight_decay * parameter
        return gradient


@misconception(
    of="RMSprop", hint="Keep the averages by parameter: two parameters may have the same shape."
)
class RMSpropKeepsAveragesByShape(RightRMSprop):
    def key(self, parameter: Tensor) -> Hashable:
        return tuple(parameter.shape)


@misconception(
    of="RMSprop", hint="Use the weight decay: it adds weight_decay · parameter to the gradient."
)
class RMSpropIgnoresDecay(RightRMSprop):
    def decayed(self, parameter: Tensor, gradient: Tensor) -> Tensor:
        return gradient


@misconception(
    of="RMSprop",
    hint="Add the weight decay to the gradient: it does not shrink the parameter by itself.",
)
class RMSpropDecaysTheParameter(RightRMSprop):
    @torch.no_grad()
    def step(self) -> None:
        for parameter in self.params:
            if parameter.grad is not None:
                parameter *= 1 - self.lr * self.weight_decay
                self.move(parameter, parameter.grad)


@misconception(
    of="RMSprop",
    hint="Raise ValueError for bad hyperparameters: lr, alpha, eps, weight_decay and momentum "
    "are at least 0.",
)
class RMSpropAcceptsBadValues(RightRMSprop):
    def refuse_bad_values(self) -> None:
        pass


@misconception(
    of="RMSprop", hint="Raise ValueError for an empty list: there is nothing to optimize."
)
class RMSpropAcceptsAnEmptyList(RightRMSprop):
    def keep(self, params: Iterable[Tensor]) -> None:
        self.params = list(params)


@misconception(
    of="RMSprop", hint="Set each grad to None by default: zeros are for set_to_none=False."
)
class RMSpropClearsToZeros(RightRMSprop):
    def zero_grad(self, set_to_none: bool = False) -> None:
        super().zero_grad(set_to_none)


@misconception(
    of="RMSprop",
    hint="Weigh what was with alpha and the new square with 1 − alpha, not the other way round.",
)
class RMSpropReversesAlpha(RightRMSprop):
    def average(self, before: Tensor, new: Tensor) -> Tensor:
        return (1 - self.alpha) * before + self.alpha * new


@misconception(
    of="RMSprop",
    hint="Average the squares: let the old ones fade with alpha instead of adding up, as in "
    "Adagrad.",
)
class RMSpropSumsTheSquares(RightRMSprop):
    def next_square(self, key: Hashable, gradient: Tensor) -> Tensor:
        before = self.squares.get(key, torch.zeros_like(gradient))
        self.squares[key] = before + gradient**2
        return self.squares[key]


@misconception(
    of="RMSprop", hint="Begin the averages at 0, not at the first gradient and its square."
)
class RMSpropBeginsAtTheFirstSquare(RightRMSprop):
    def next_square(self, key: Hashable, gradient: Tensor) -> Tensor:
        self.squares.setdefault(key, gradient**2)
        return super().next_square(key, gradient)

    def next_mean(self, key: Hashable, gradient: Tensor) -> Tensor:
        self.means.setdefault(key, gradient.clone())
        return super().next_mean(key, gradient)


@misconception(
    of="RMSprop", hint="Use the average as it is: RMSprop does not correct its bias, as Adam does."
)
class RMSpropCorrectsTheBias(RightRMSprop):
    def next_square(self, key: Hashable, gradient: Tensor) -> Tensor:
        steps: dict[Hashable, int] = self.__dict__.setdefault("steps", {})
        steps[key] = steps.get(key, 0) + 1
        return super().next_square(key, gradient) / (1 - self.alpha ** steps[key])


@misconception(
    of="RMSprop", hint="Add the new square to the average before you divide by its root."
)
class RMSpropUsesTheSquareBefore(RightRMSprop):
    def next_square(self, key: Hashable, gradient: Tensor) -> Tensor:
        before = self.squares.get(key, torch.zeros_like(gradient))
        super().next_square(key, gradient)
        return before


@misconception(
    of="RMSprop",
    hint="Divide by the root of the average of the squares, not by the average itself.",
)
class RMSpropForgetsTheRoot(RightRMSprop):
    def scaled(self, gradient: Tensor, square: Tensor) -> Tensor:
        return gradient / (square + self.eps)


@misconception(of="RMSprop", hint="Add eps outside the root: sqrt(v) + eps.")
class RMSpropTakesTheRootOfEps(RightRMSprop):
    def scaled(self, gradient: Tensor, square: Tensor) -> Tensor:
        return gradient / (square + self.eps).sqrt()


@misconception(
    of="RMSprop",
    hint="Use the momentum: the step goes along momentum · buffer + the divided gradient.",
)
class RMSpropIgnoresMomentum(RightRMSprop):
    def with_momentum(self, key: Hashable, scaled: Tensor) -> Tensor:
        return scaled


@misconception(
    of="RMSprop",
    hint="Add the whole divided gradient to momentum · buffer: this is no average, the two do "
    "not sum to 1.",
)
class RMSpropAveragesTheMomentum(RightRMSprop):
    def with_momentum(self, key: Hashable, scaled: Tensor) -> Tensor:
        return super().with_momentum(key, (1 - self.momentum) * scaled)


@misconception(
    of="RMSprop",
    hint="Divide the gradient first, and then add it to the buffer: what is in the buffer is "
    "not divided again.",
)
class RMSpropDividesTheBuffer(RightRMSprop):
    def move(self, parameter: Tensor, gradient: Tensor) -> None:
        square, mean = self.next_square(parameter, gradient), self.next_mean(parameter, gradient)
        below = self.spread(square, mean) if self.centered else square
        self.shift(parameter, self.lr * self.scaled(self.with_momentum(parameter, gradient), below))


@misconception(
    of="RMSprop",
    hint="Where centered is asked for, subtract the square of the mean gradient under the root.",
)
class RMSpropIgnoresCentered(RightRMSprop):
    def spread(self, square: Tensor, mean: Tensor) -> Tensor:
        return square


@misconception(of="RMSprop", hint="Subtract the square of the mean gradient, not the mean itself.")
class RMSpropSubtractsTheMean(RightRMSprop):
    def spread(self, square: Tensor, mean: Tensor) -> Tensor:
        return square - mean


@misconception(
    of="RMSprop", hint="Update the mean of the gradients before you subtract its square."
)
class RMSpropCentersWithTheMeanBefore(RightRMSprop):
    def next_mean(self, key: Hashable, gradient: Tensor) -> Tensor:
        before = self.means.get(key, torch.zeros_like(gradient))
        super().next_mean(key, gradient)
        return before


@misconception(
    of="RMSprop",
    hint="Centre what you divide by, not the gradient itself: the step goes along the whole "
    "gradient.",
)
class RMSpropCentersTheGradient(RightRMSprop):
    def move(self, parameter: Tensor, gradient: Tensor) -> None:
        square, mean = self.next_square(parameter, gradient), self.next_mean(parameter, gradient)
        below = self.spread(square, mean) if self.centered else square
        above = gradient - mean if self.centered else gradient
        self.shift(parameter, self.lr * self.with_momentum(parameter, self.scaled(above, below)))


@misconception(
    of="RMSprop",
    hint="Make new tensors on the device of the parameter, not on the CPU.",
    needs_gpu=True,
)
class RMSpropKeepsAveragesOnTheCPU(RightRMSprop):
    def next_square(self, key: Hashable, gradient: Tensor) -> Tensor:
        self.squares.setdefault(key, torch.zeros(gradient.shape, dtype=gradient.dtype))
        return super().next_square(key, gradient)
