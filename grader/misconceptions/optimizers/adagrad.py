"""What goes wrong in `Adagrad`."""

from collections.abc import Hashable, Iterable

import torch
from torch import Tensor

from grader.misconceptions import misconception


class RightAdagrad:
    """Adagrad as torch has it, in small methods: each mistake below is in one of them."""

    def __init__(
        self,
        params: Iterable[Tensor],
        lr: float = 1e-2,
        lr_decay: float = 0,
        weight_decay: float = 0,
        initial_accumulator_value: float = 0,
        eps: float = 1e-10,
    ) -> None:
        self.lr, self.lr_decay, self.weight_decay = lr, lr_decay, weight_decay
        self.initial, self.eps = initial_accumulator_value, eps
        self.sums: dict[Hashable, Tensor] = {}
        self.steps: dict[Hashable, int] = {}
        self.refuse_bad_values()
        self.keep(params)

    def refuse_bad_values(self) -> None:
        if min(self.lr, self.lr_decay, self.weight_decay, self.initial, self.eps) < 0:
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
        count = self.count(parameter)
        before = self.sums.get(key, self.first_sum(parameter))
        self.sums[key] = self.next_sum(before, gradient)
        self.shift(parameter, self.rate(count) * self.direction(gradient, self.sums[key]))

    def count(self, parameter: Tensor) -> int:
        self.steps[parameter] = self.steps.get(parameter, 0) + 1
        return self.steps[parameter]

    def first_sum(self, parameter: Tensor) -> Tensor:
        return torch.full_like(parameter, self.initial)

    def next_sum(self, total: Tensor, gradient: Tensor) -> Tensor:
        return total + gradient**2

    def rate(self, count: int) -> float:
        return self.lr / (1 + (count - 1) * self.lr_decay)

    def direction(self, gradient: Tensor, total: Tensor) -> Tensor:
        return gradient / (total.sqrt() + self.eps)


@misconception(of="Adagrad", hint="Subtract the step: the gradient points uphill.")
class AdagradClimbs(RightAdagrad):
    def shift(self, parameter: Tensor, step: Tensor) -> None:
        parameter += step


@misconception(
    of="Adagrad", hint="Change the parameter in place: a new tensor as its data is other memory."
)
class AdagradReplacesTheData(RightAdagrad):
    def shift(self, parameter: Tensor, step: Tensor) -> None:
        parameter.data = parameter.data - step


@misconception(
    of="Adagrad", hint="Make a list of the parameters: a generator is empty after its first use."
)
class AdagradConsumesTheGenerator(RightAdagrad):
    def keep(self, params: Iterable[Tensor]) -> None:
        self.params = params
        if isinstance(params, list | tuple) and not params:
            raise ValueError("the list of parameters is empty")


@misconception(
    of="Adagrad",
    hint="Skip a parameter whose grad is None: with zeros instead, decay still moves it.",
)
class AdagradTakesNoneForZero(RightAdagrad):
    @torch.no_grad()
    def step(self) -> None:
        for parameter in self.params:
            gradient = torch.zeros_like(parameter) if parameter.grad is None else parameter.grad
            self.move(parameter, self.decayed(parameter, gradient))


@misconception(
    of="Adagrad", hint="Leave the gradient as it is: add the decay to a new tensor, not in place."
)
class AdagradChangesTheGradient(RightAdagrad):
    def decayed(self, parameter: Tensor, gradient: Tensor) -> Tensor:
        if self.weight_decay:
            gradient += self.weight_decay * parameter
        return gradient


@misconception(
    of="Adagrad", hint="Keep the sums by parameter: two parameters may have the same shape."
)
class AdagradKeepsSumsByShape(RightAdagrad):
    def key(self, parameter: Tensor) -> Hashable:
        return tuple(parameter.shape)


@misconception(
    of="Adagrad", hint="Use the weight decay: it adds weight_decay · parameter to the gradient."
)
class AdagradIgnoresDecay(RightAdagrad):
    def decayed(self, parameter: Tensor, gradient: Tensor) -> Tensor:
        return gradient


@misconception(
    of="Adagrad",
    hint="Add the weight decay to the gradient: it does not shrink the parameter by itself.",
)
class AdagradDecaysTheParameter(RightAdagrad):
    @torch.no_grad()
    def step(self) -> None:
        for parameter in self.params:
            if parameter.grad is not None:
                parameter *= 1 - self.lr * self.weight_decay
                self.move(parameter, parameter.grad)


@misconception(
    of="Adagrad", hint="Raise ValueError for bad hyperparameters: every setting is at least 0."
)
class AdagradAcceptsBadValues(RightAdagrad):
    def refuse_bad_values(self) -> None:
        pass


@misconception(
    of="Adagrad", hint="Raise ValueError for an empty list: there is nothing to optimize."
)
class AdagradAcceptsAnEmptyList(RightAdagrad):
    def keep(self, params: Iterable[Tensor]) -> None:
        self.params = list(params)


@misconception(
    of="Adagrad", hint="Set each grad to None by default: zeros are for set_to_none=False."
)
class AdagradClearsToZeros(RightAdagrad):
    def zero_grad(self, set_to_none: bool = False) -> None:
        super().zero_grad(set_to_none)


@misconception(
    of="Adagrad",
    hint="Keep the sum of squares from step to step: with the last square alone every step is "
    "as long as the first.",
)
class AdagradResetsTheSum(RightAdagrad):
    def next_sum(self, total: Tensor, gradient: Tensor) -> Tensor:
        return self.initial + gradient**2


@misconception(of="Adagrad", hint="Sum the squares of the gradients, not their sizes.")
class AdagradSumsTheSizes(RightAdagrad):
    def next_sum(self, total: Tensor, gradient: Tensor) -> Tensor:
        return total + gradient.abs()


@misconception(
    of="Adagrad",
    hint="Keep one sum for each element: the squares of a parameter's elements are not added up.",
)
class AdagradSumsOverTheTensor(RightAdagrad):
    def next_sum(self, total: Tensor, gradient: Tensor) -> Tensor:
        return total + (gradient**2).sum()


@misconception(
    of="Adagrad", hint="Sum the squares: an average would keep the steps long, as in RMSprop."
)
class AdagradAveragesTheSquares(RightAdagrad):
    def next_sum(self, total: Tensor, gradient: Tensor) -> Tensor:
        return 0.9 * total + 0.1 * gradient**2


@misconception(of="Adagrad", hint="Add the new square to the sum before you divide by its root.")
class AdagradUsesTheSumBefore(RightAdagrad):
    def move(self, parameter: Tensor, gradient: Tensor) -> None:
        before = self.sums.get(parameter, self.first_sum(parameter))
        self.shift(parameter, self.rate(self.count(parameter)) * self.direction(gradient, before))
        self.sums[parameter] = self.next_sum(before, gradient)


@misconception(
    of="Adagrad", hint="Divide by the root of the sum of squares, not by the sum itself."
)
class AdagradForgetsTheRoot(RightAdagrad):
    def direction(self, gradient: Tensor, total: Tensor) -> Tensor:
        return gradient / (total + self.eps)


@misconception(of="Adagrad", hint="Add eps outside the root: sqrt(sum) + eps.")
class AdagradTakesTheRootOfEps(RightAdagrad):
    def direction(self, gradient: Tensor, total: Tensor) -> Tensor:
        return gradient / (total + self.eps).sqrt()


@misconception(
    of="Adagrad", hint="Begin the sum of squares at initial_accumulator_value, in every element."
)
class AdagradIgnoresTheInitialValue(RightAdagrad):
    def first_sum(self, parameter: Tensor) -> Tensor:
        return torch.zeros_like(parameter)


@misconception(
    of="Adagrad", hint="Count lr_decay from the step before: the first step has the whole lr."
)
class AdagradDecaysTheFirstStep(RightAdagrad):
    def rate(self, count: int) -> float:
        return self.lr / (1 + count * self.lr_decay)


@misconception(
    of="Adagrad", hint="Use lr_decay: it divides the learning rate by 1 + (t − 1) · lr_decay."
)
class AdagradIgnoresLrDecay(RightAdagrad):
    def rate(self, count: int) -> float:
        return self.lr


@misconception(
    of="Adagrad",
    hint="Decay the first learning rate in each step: the one already decayed would shrink too "
    "fast.",
)
class AdagradDecaysTheRateForGood(RightAdagrad):
    def rate(self, count: int) -> float:
        self.lr = super().rate(count)
        return self.lr


@misconception(
    of="Adagrad", hint="Count once in each step: a second parameter must not count it again."
)
class AdagradCountsEveryParameter(RightAdagrad):
    def count(self, parameter: Tensor) -> int:
        self.steps["all"] = self.steps.get("all", 0) + 1
        return self.steps["all"]


@misconception(
    of="Adagrad",
    hint="Count the steps of each parameter by itself: one without a grad takes no step.",
)
class AdagradCountsEveryCall(RightAdagrad):
    @torch.no_grad()
    def step(self) -> None:
        self.steps["all"] = self.steps.get("all", 0) + 1
        super().step()

    def count(self, parameter: Tensor) -> int:
        return self.steps["all"]


@misconception(
    of="Adagrad",
    hint="Make new tensors on the device of the parameter, not on the CPU.",
    needs_gpu=True,
)
class AdagradKeepsSumsOnTheCPU(RightAdagrad):
    def first_sum(self, parameter: Tensor) -> Tensor:
        return torch.full(parameter.shape, self.initial, dtype=parameter.dtype)
