"""What goes wrong in `Adam`."""

import math
from collections.abc import Hashable, Iterable

import torch
from torch import Tensor

from grader.misconceptions import misconception


class RightAdam:
    """Adam as torch has it, in small methods: each mistake below is in one of them."""

    def __init__(
        self,
        params: Iterable[Tensor],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
    ) -> None:
        self.lr, self.eps, self.weight_decay = lr, eps, weight_decay
        self.beta1, self.beta2 = betas
        self.means: dict[Hashable, Tensor] = {}
        self.squares: dict[Hashable, Tensor] = {}
        self.steps: dict[Hashable, int] = {}
        self.refuse_bad_values()
        self.keep(params)

    def refuse_bad_values(self) -> None:
        if min(self.lr, self.eps, self.weight_decay) < 0:
            raise ValueError("lr, eps and weight_decay must not be negative")
        if not (0 <= self.beta1 < 1 and 0 <= self.beta2 < 1):
            raise ValueError("betas must be in [0, 1)")

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

    def decayed(self, parameter: Tensor, gradient: Tensor) -> Tensor:
        return gradient + self.weight_decay * parameter if self.weight_decay else gradient

    def move(self, parameter: Tensor, gradient: Tensor) -> None:
        key = self.key(parameter)
        count = self.count(parameter)
        mean = self.means.get(key, torch.zeros_like(parameter))
        square = self.squares.get(key, torch.zeros_like(parameter))
        self.means[key] = mean = self.beta1 * mean + (1 - self.beta1) * gradient
        self.squares[key] = square = self.beta2 * square + (1 - self.beta2) * gradient**2
        parameter -= self.lr * self.direction(mean, square, count)

    def key(self, parameter: Tensor) -> Hashable:
        return parameter

    def count(self, parameter: Tensor) -> int:
        self.steps[parameter] = self.steps.get(parameter, 0) + 1
        return self.steps[parameter]

    def direction(self, mean: Tensor, square: Tensor, count: int) -> Tensor:
        corrected_mean = mean / (1 - self.beta1**count)
        corrected_square = square / (1 - self.beta2**count)
        return corrected_mean / (corrected_square.sqrt() + self.eps)


@misconception(of="Adam", hint="Subtract the step: the gradient points uphill.")
class AdamClimbs(RightAdam):
    def direction(self, mean: Tensor, square: Tensor, count: int) -> Tensor:
        return -super().direction(mean, square, count)


@misconception(
    of="Adam", hint="Change the parameter in place: a new tensor as its data is other memory."
)
class AdamReplacesTheData(RightAdam):
    def move(self, parameter: Tensor, gradient: Tensor) -> None:
        parameter.data = parameter.data.clone()
        super().move(parameter, gradient)


@misconception(
    of="Adam", hint="Make a list of the parameters: a generator is empty after its first use."
)
class AdamConsumesTheGenerator(RightAdam):
    def keep(self, params: Iterable[Tensor]) -> None:
        self.params = params
        if isinstance(params, list | tuple) and not params:
            raise ValueError("the list of parameters is empty")


@misconception(
    of="Adam",
    hint="Skip a parameter whose grad is None: with zeros instead, its averages still move it.",
)
class AdamTakesNoneForZero(RightAdam):
    @torch.no_grad()
    def step(self) -> None:
        for parameter in self.params:
            gradient = torch.zeros_like(parameter) if parameter.grad is None else parameter.grad
            self.move(parameter, self.decayed(parameter, gradient))


@misconception(
    of="Adam", hint="Leave the gradient as it is: add the decay to a new tensor, not in place."
)
class AdamChangesTheGradient(RightAdam):
    def decayed(self, parameter: Tensor, gradient: Tensor) -> Tensor:
        if self.weight_decay:
            gradient += self.weight_decay * parameter
        return gradient


@misconception(
    of="Adam", hint="Keep the averages by parameter: two parameters may have the same shape."
)
class AdamKeepsAveragesByShape(RightAdam):
    def key(self, parameter: Tensor) -> Hashable:
        return tuple(parameter.shape)


@misconception(
    of="Adam",
    hint="Correct the bias: both averages start at 0, so divide each by 1 − β to the power of the "
    "step.",
)
class AdamWithoutBiasCorrection(RightAdam):
    def direction(self, mean: Tensor, square: Tensor, count: int) -> Tensor:
        return mean / (square.sqrt() + self.eps)


@misconception(
    of="Adam", hint="Correct the bias of both averages: that of the squares starts at 0 too."
)
class AdamCorrectsOnlyTheMean(RightAdam):
    def direction(self, mean: Tensor, square: Tensor, count: int) -> Tensor:
        return mean / (1 - self.beta1**count) / (square.sqrt() + self.eps)


@misconception(
    of="Adam",
    hint="Count the step before you correct the bias: the first is 1, and at 0 the divisor is 0.",
)
class AdamCountsFromZero(RightAdam):
    def count(self, parameter: Tensor) -> int:
        return super().count(parameter) - 1


@misconception(
    of="Adam", hint="Count once in each step: a second parameter must not count it again."
)
class AdamCountsEveryParameter(RightAdam):
    def count(self, parameter: Tensor) -> int:
        self.steps["all"] = self.steps.get("all", 0) + 1
        return self.steps["all"]


@misconception(
    of="Adam",
    hint="Count the steps of each parameter by itself: one without a grad takes no step.",
)
class AdamCountsEveryCall(RightAdam):
    @torch.no_grad()
    def step(self) -> None:
        self.steps["all"] = self.steps.get("all", 0) + 1
        super().step()

    def count(self, parameter: Tensor) -> int:
        return self.steps["all"]


@misconception(of="Adam", hint="Add eps outside the root: sqrt(v̂) + eps.")
class AdamTakesTheRootOfEps(RightAdam):
    def direction(self, mean: Tensor, square: Tensor, count: int) -> Tensor:
        corrected_square = square / (1 - self.beta2**count)
        return mean / (1 - self.beta1**count) / (corrected_square + self.eps).sqrt()


@misconception(of="Adam", hint="Correct the bias of the squares before you add eps: sqrt(v̂) + eps.")
class AdamAddsEpsBeforeTheCorrection(RightAdam):
    def direction(self, mean: Tensor, square: Tensor, count: int) -> Tensor:
        root = (square.sqrt() + self.eps) / math.sqrt(1 - self.beta2**count)
        return mean / (1 - self.beta1**count) / root


@misconception(
    of="Adam",
    hint="Use the first beta for the mean of the gradients, the second for their squares.",
)
class AdamSwapsTheBetas(RightAdam):
    def refuse_bad_values(self) -> None:
        super().refuse_bad_values()
        self.beta1, self.beta2 = self.beta2, self.beta1


@misconception(
    of="Adam",
    hint="Divide by the root of the average of the squares, not by the average itself.",
)
class AdamForgetsTheRoot(RightAdam):
    def direction(self, mean: Tensor, square: Tensor, count: int) -> Tensor:
        corrected_square = square / (1 - self.beta2**count)
        return mean / (1 - self.beta1**count) / (corrected_square + self.eps)


@misconception(
    of="Adam", hint="Add the weight decay to the gradient: taken from the parameter, it is AdamW."
)
class AdamDecaysTheParameter(RightAdam):
    @torch.no_grad()
    def step(self) -> None:
        for parameter in self.params:
            if parameter.grad is not None:
                parameter *= 1 - self.lr * self.weight_decay
                self.move(parameter, parameter.grad)


@misconception(
    of="Adam", hint="Use the weight decay: it adds weight_decay · parameter to the gradient."
)
class AdamIgnoresDecay(RightAdam):
    def decayed(self, parameter: Tensor, gradient: Tensor) -> Tensor:
        return gradient


@misconception(
    of="Adam",
    hint="Raise ValueError for bad hyperparameters: a negative lr, eps or weight_decay, or a beta "
    "outside [0, 1).",
)
class AdamAcceptsBadValues(RightAdam):
    def refuse_bad_values(self) -> None:
        pass


@misconception(of="Adam", hint="Raise ValueError for an empty list: there is nothing to optimize.")
class AdamAcceptsAnEmptyList(RightAdam):
    def keep(self, params: Iterable[Tensor]) -> None:
        self.params = list(params)


@misconception(
    of="Adam",
    hint="Make new tensors on the device of the parameter, not on the CPU.",
    needs_gpu=True,
)
class AdamKeepsTheMeanOnTheCPU(RightAdam):
    def move(self, parameter: Tensor, gradient: Tensor) -> None:
        self.means.setdefault(parameter, torch.zeros(gradient.shape, dtype=gradient.dtype))
        super().move(parameter, gradient)


@misconception(of="Adam", hint="Set each grad to None by default: zeros are for set_to_none=False.")
class AdamClearsToZeros(RightAdam):
    def zero_grad(self, set_to_none: bool = False) -> None:
        super().zero_grad(set_to_none)
