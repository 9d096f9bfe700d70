"""What goes wrong in `Adamax`."""

from collections.abc import Hashable, Iterable

import torch
from torch import Tensor

from grader.misconceptions import misconception


class RightAdamax:
    """Adamax as torch has it, in small methods: each mistake below is in one of them."""

    def __init__(
        self,
        params: Iterable[Tensor],
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
    ) -> None:
        self.lr, self.eps, self.weight_decay = lr, eps, weight_decay
        self.beta1, self.beta2 = betas
        self.means: dict[Hashable, Tensor] = {}
        self.largest: dict[Hashable, Tensor] = {}
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

    def shift(self, parameter: Tensor, step: Tensor) -> None:
        parameter -= step

    def key(self, parameter: Tensor) -> Hashable:
        return parameter

    def decayed(self, parameter: Tensor, gradient: Tensor) -> Tensor:
        return gradient + self.weight_decay * parameter if self.weight_decay else gradient

    def move(self, parameter: Tensor, gradient: Tensor) -> None:
        key = self.key(parameter)
        count = self.count(parameter)
        mean = self.means.get(key, torch.zeros_like(parameter))
        largest = self.largest.get(key, torch.zeros_like(parameter))
        self.means[key] = mean = self.beta1 * mean + (1 - self.beta1) * gradient
        self.largest[key] = largest = self.next_largest(largest, gradient)
        self.shift(parameter, self.lr * self.direction(mean, largest, count))

    def count(self, parameter: Tensor) -> int:
        self.steps[parameter] = self.steps.get(parameter, 0) + 1
        return self.steps[parameter]

    def next_largest(self, largest: Tensor, gradient: Tensor) -> Tensor:
        return torch.maximum(self.beta2 * largest, gradient.abs() + self.eps)

    def direction(self, mean: Tensor, largest: Tensor, count: int) -> Tensor:
        return mean / (1 - self.beta1**count) / largest


@misconception(of="Adamax", hint="Subtract the step: the gradient points uphill.")
class AdamaxClimbs(RightAdamax):
    def shift(self, parameter: Tensor, step: Tensor) -> None:
        parameter += step


@misconception(
    of="Adamax", hint="Change the parameter in place: a new tensor as its data is other memory."
)
class AdamaxReplacesTheData(RightAdamax):
    def shift(self, parameter: Tensor, step: Tensor) -> None:
        parameter.data = parameter.data - step


@misconception(
    of="Adamax", hint="Make a list of the parameters: a generator is empty after its first use."
)
class AdamaxConsumesTheGenerator(RightAdamax):
    def keep(self, params: Iterable[Tensor]) -> None:
        self.params = params
        if isinstance(params, list | tuple) and not params:
            raise ValueError("the list of parameters is empty")


@misconception(
    of="Adamax",
    hint="Skip a parameter whose grad is None: with zeros instead, its mean still moves it.",
)
class AdamaxTakesNoneForZero(RightAdamax):
    @torch.no_grad()
    def step(self) -> None:
        for parameter in self.params:
            gradient = torch.zeros_like(parameter) if parameter.grad is None else parameter.grad
            self.move(parameter, self.decayed(parameter, gradient))


@misconception(
    of="Adamax", hint="Leave the gradient as it is: add the decay to a new tensor, not in place."
)
class AdamaxChangesTheGradient(RightAdamax):
    def decayed(self, parameter: Tensor, gradient: Tensor) -> Tensor:
        if self.weight_decay:
            gradient += self.weight_decay * parameter
        return gradient


@misconception(
    of="Adamax",
    hint="Keep the mean and the largest by parameter: two parameters may have the same shape.",
)
class AdamaxKeepsStateByShape(RightAdamax):
    def key(self, parameter: Tensor) -> Hashable:
        return tuple(parameter.shape)


@misconception(
    of="Adamax", hint="Use the weight decay: it adds weight_decay · parameter to the gradient."
)
class AdamaxIgnoresDecay(RightAdamax):
    def decayed(self, parameter: Tensor, gradient: Tensor) -> Tensor:
        return gradient


@misconception(
    of="Adamax",
    hint="Add the weight decay to the gradient: it does not shrink the parameter by itself.",
)
class AdamaxDecaysTheParameter(RightAdamax):
    @torch.no_grad()
    def step(self) -> None:
        for parameter in self.params:
            if parameter.grad is not None:
                parameter *= 1 - self.lr * self.weight_decay
                self.move(parameter, parameter.grad)


@misconception(
    of="Adamax",
    hint="Raise ValueError for bad hyperparameters: a negative lr, eps or weight_decay, or a "
    "beta outside [0, 1).",
)
class AdamaxAcceptsBadValues(RightAdamax):
    def refuse_bad_values(self) -> None:
        pass


@misconception(
    of="Adamax", hint="Raise ValueError for an empty list: there is nothing to optimize."
)
class AdamaxAcceptsAnEmptyList(RightAdamax):
    def keep(self, params: Iterable[Tensor]) -> None:
        self.params = list(params)


@misconception(
    of="Adamax", hint="Set each grad to None by default: zeros are for set_to_none=False."
)
class AdamaxClearsToZeros(RightAdamax):
    def zero_grad(self, set_to_none: bool = False) -> None:
        super().zero_grad(set_to_none)


@misconception(
    of="Adamax",
    hint="Correct the bias of the mean: it starts at 0, so divide it by 1 − β₁ to the power of "
    "the step.",
)
class AdamaxWithoutBiasCorrection(RightAdamax):
    def direction(self, mean: Tensor, largest: Tensor, count: int) -> Tensor:
        return mean / largest


@misconception(
    of="Adamax", hint="Correct the bias of the mean only: the largest gradient has none."
)
class AdamaxCorrectsBoth(RightAdamax):
    def direction(self, mean: Tensor, largest: Tensor, count: int) -> Tensor:
        return super().direction(mean, largest, count) * (1 - self.beta2**count)


@misconception(
    of="Adamax",
    hint="Count the step before you correct the bias: the first is 1, and at 0 the divisor is 0.",
)
class AdamaxCountsFromZero(RightAdamax):
    def direction(self, mean: Tensor, largest: Tensor, count: int) -> Tensor:
        corrected = torch.tensor(1 - self.beta1 ** (count - 1), dtype=mean.dtype)
        return mean / corrected / largest


@misconception(
    of="Adamax", hint="Count once in each step: a second parameter must not count it again."
)
class AdamaxCountsEveryParameter(RightAdamax):
    def count(self, parameter: Tensor) -> int:
        self.steps["all"] = self.steps.get("all", 0) + 1
        return self.steps["all"]


@misconception(
    of="Adamax",
    hint="Count the steps of each parameter by itself: one without a grad takes no step.",
)
class AdamaxCountsEveryCall(RightAdamax):
    @torch.no_grad()
    def step(self) -> None:
        self.steps["all"] = self.steps.get("all", 0) + 1
        super().step()

    def count(self, parameter: Tensor) -> int:
        return self.steps["all"]


@misconception(
    of="Adamax",
    hint="Add eps to the size of the new gradient, before the larger of the two is taken.",
)
class AdamaxAddsEpsAfterTheLargest(RightAdamax):
    def next_largest(self, largest: Tensor, gradient: Tensor) -> Tensor:
        return torch.maximum(self.beta2 * largest, gradient.abs())

    def direction(self, mean: Tensor, largest: Tensor, count: int) -> Tensor:
        return super().direction(mean, largest + self.eps, count)


@misconception(
    of="Adamax",
    hint="Let the largest gradient fade with β₂ before you compare it with the new one.",
)
class AdamaxLargestNeverFades(RightAdamax):
    def next_largest(self, largest: Tensor, gradient: Tensor) -> Tensor:
        return torch.maximum(largest, gradient.abs() + self.eps)


@misconception(
    of="Adamax", hint="Multiply by β₂ what was the largest so far, not the new gradient as well."
)
class AdamaxFadesAfterTheComparison(RightAdamax):
    def next_largest(self, largest: Tensor, gradient: Tensor) -> Tensor:
        return self.beta2 * torch.maximum(largest, gradient.abs() + self.eps)


@misconception(
    of="Adamax", hint="Compare the sizes of the gradients: a negative one may be the largest."
)
class AdamaxForgetsTheSize(RightAdamax):
    def next_largest(self, largest: Tensor, gradient: Tensor) -> Tensor:
        return torch.maximum(self.beta2 * largest, gradient + self.eps)


@misconception(of="Adamax", hint="Compare the sizes of the gradients, not their squares.")
class AdamaxComparesTheSquares(RightAdamax):
    def next_largest(self, largest: Tensor, gradient: Tensor) -> Tensor:
        return torch.maximum(self.beta2 * largest, gradient**2 + self.eps)


@misconception(
    of="Adamax", hint="Keep the largest gradient of each element, not of the whole parameter."
)
class AdamaxTakesTheLargestOfTheTensor(RightAdamax):
    def next_largest(self, largest: Tensor, gradient: Tensor) -> Tensor:
        return torch.maximum(self.beta2 * largest, gradient.abs().max() + self.eps)


@misconception(
    of="Adamax",
    hint="Take the larger of the two, the faded one or the new one: this is no average.",
)
class AdamaxAveragesTheSizes(RightAdamax):
    def next_largest(self, largest: Tensor, gradient: Tensor) -> Tensor:
        return self.beta2 * largest + (1 - self.beta2) * (gradient.abs() + self.eps)


@misconception(
    of="Adamax",
    hint="Use the first beta for the mean of the gradients, the second for the largest.",
)
class AdamaxSwapsTheBetas(RightAdamax):
    def refuse_bad_values(self) -> None:
        super().refuse_bad_values()
        self.beta1, self.beta2 = self.beta2, self.beta1


@misconception(
    of="Adamax",
    hint="Make new tensors on the device of the parameter, not on the CPU.",
    needs_gpu=True,
)
class AdamaxKeepsTheMeanOnTheCPU(RightAdamax):
    def move(self, parameter: Tensor, gradient: Tensor) -> None:
        self.means.setdefault(parameter, torch.zeros(gradient.shape, dtype=gradient.dtype))
        super().move(parameter, gradient)
