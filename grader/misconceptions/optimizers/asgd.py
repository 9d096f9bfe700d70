"""What goes wrong in `ASGD`."""

from collections.abc import Hashable, Iterable

import torch
from torch import Tensor

from grader.misconceptions import misconception


class RightASGD:
    """ASGD as torch has it, in small methods: each mistake below is in one of them."""

    def __init__(
        self,
        params: Iterable[Tensor],
        lr: float = 1e-2,
        lambd: float = 1e-4,
        alpha: float = 0.75,
        t0: float = 1e6,
        weight_decay: float = 0,
    ) -> None:
        self.lr, self.lambd, self.alpha, self.t0 = lr, lambd, alpha, t0
        self.weight_decay = weight_decay
        self.steps: dict[Hashable, int] = {}
        self.refuse_bad_values()
        self.keep(params)

    def refuse_bad_values(self) -> None:
        if min(self.lr, self.weight_decay) < 0:
            raise ValueError("lr and weight_decay must not be negative")

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
        rate = self.rate(self.count(parameter))
        self.fade(parameter, rate)
        self.shift(parameter, rate * gradient)

    def count(self, parameter: Tensor) -> int:
        key = self.key(parameter)
        self.steps[key] = self.steps.get(key, 0) + 1
        return self.steps[key]

    def rate(self, count: int) -> float:
        return float(self.lr / (1 + self.lambd * self.lr * (count - 1)) ** self.alpha)

    def fade(self, parameter: Tensor, rate: float) -> None:
        parameter *= 1 - self.lambd * rate


@misconception(of="ASGD", hint="Subtract the step: the gradient points uphill.")
class ASGDClimbs(RightASGD):
    def shift(self, parameter: Tensor, step: Tensor) -> None:
        parameter += step


@misconception(
    of="ASGD", hint="Change the parameter in place: a new tensor as its data is other memory."
)
class ASGDReplacesTheData(RightASGD):
    def shift(self, parameter: Tensor, step: Tensor) -> None:
        parameter.data = parameter.data - step


@misconception(
    of="ASGD", hint="Make a list of the parameters: a generator is empty after its first use."
)
class ASGDConsumesTheGenerator(RightASGD):
    def keep(self, params: Iterable[Tensor]) -> None:
        self.params = params
        if isinstance(params, list | tuple) and not params:
            raise ValueError("the list of parameters is empty")


@misconception(
    of="ASGD", hint="Skip a parameter whose grad is None: with zeros instead, it still fades."
)
class ASGDTakesNoneForZero(RightASGD):
    @torch.no_grad()
    def step(self) -> None:
        for parameter in self.params:
            gradient = torch.zeros_like(parameter) if parameter.grad is None else parameter.grad
            self.move(parameter, self.decayed(parameter, gradient))


@misconception(
    of="ASGD", hint="Leave the gradient as it is: add the decay to a new tensor, not in place."
)
class ASGDChangesTheGradient(RightASGD):
    def decayed(self, parameter: Tensor, gradient: Tensor) -> Tensor:
        if self.weight_decay:
            gradient += self.weight_decay * parameter
        return gradient


@misconception(
    of="ASGD", hint="Use the weight decay: it adds weight_decay · parameter to the gradient."
)
class ASGDIgnoresDecay(RightASGD):
    def decayed(self, parameter: Tensor, gradient: Tensor) -> Tensor:
        return gradient


@misconception(
    of="ASGD",
    hint="Add the weight decay to the gradient: it does not shrink the parameter by itself.",
)
class ASGDDecaysTheParameter(RightASGD):
    @torch.no_grad()
    def step(self) -> None:
        for parameter in self.params:
            if parameter.grad is not None:
                parameter *= 1 - self.lr * self.weight_decay
                self.move(parameter, parameter.grad)


@misconception(
    of="ASGD", hint="Raise ValueError for bad hyperparameters: lr and weight_decay are at least 0."
)
class ASGDAcceptsBadValues(RightASGD):
    def refuse_bad_values(self) -> None:
        pass


@misconception(of="ASGD", hint="Raise ValueError for an empty list: there is nothing to optimize.")
class ASGDAcceptsAnEmptyList(RightASGD):
    def keep(self, params: Iterable[Tensor]) -> None:
        self.params = list(params)


@misconception(of="ASGD", hint="Set each grad to None by default: zeros are for set_to_none=False.")
class ASGDClearsToZeros(RightASGD):
    def zero_grad(self, set_to_none: bool = False) -> None:
        super().zero_grad(set_to_none)


@misconception(
    of="ASGD",
    hint="Leave the parameters where the steps take them: the average is kept beside them, not "
    "put in their place.",
)
class ASGDLeavesTheAverage(RightASGD):
    def move(self, parameter: Tensor, gradient: Tensor) -> None:
        super().move(parameter, gradient)
        kept = self.__dict__.setdefault("averages", {})
        weight = 1 / max(1, self.steps[parameter] - self.t0)
        before = kept.get(parameter, torch.zeros_like(parameter))
        kept[parameter] = before + weight * (parameter - before)
        parameter.copy_(kept[parameter])


@misconception(of="ASGD", hint="Multiply the parameter by 1 − lambd · η in every step.")
class ASGDNeverFades(RightASGD):
    def fade(self, parameter: Tensor, rate: float) -> None:
        pass


@misconception(
    of="ASGD", hint="Let the parameter fade by lambd · η, with the η of this step and not with lr."
)
class ASGDFadesByTheFirstRate(RightASGD):
    def fade(self, parameter: Tensor, rate: float) -> None:
        super().fade(parameter, self.lr)


@misconception(of="ASGD", hint="Let the parameter fade by lambd · η, not by lambd alone.")
class ASGDFadesByLambdAlone(RightASGD):
    def fade(self, parameter: Tensor, rate: float) -> None:
        parameter *= 1 - self.lambd


@misconception(
    of="ASGD",
    hint="Let the parameter fade before the gradient is subtracted: the gradient's part is not "
    "multiplied.",
)
class ASGDFadesAfterTheStep(RightASGD):
    def move(self, parameter: Tensor, gradient: Tensor) -> None:
        rate = self.rate(self.count(parameter))
        self.shift(parameter, rate * gradient)
        self.fade(parameter, rate)


@misconception(
    of="ASGD",
    hint="Add the weight decay to the gradient first: with the parameter as it was before it "
    "fades.",
)
class ASGDDecaysTheFadedParameter(RightASGD):
    @torch.no_grad()
    def step(self) -> None:
        for parameter in self.params:
            if parameter.grad is not None:
                rate = self.rate(self.count(parameter))
                self.fade(parameter, rate)
                self.shift(parameter, rate * self.decayed(parameter, parameter.grad))


@misconception(of="ASGD", hint="Let η shrink from step to step: lr is only the first of them.")
class ASGDNeverSlowsDown(RightASGD):
    def rate(self, count: int) -> float:
        return self.lr


@misconception(
    of="ASGD", hint="Take the first step with η = lr: the divisor counts from the step before."
)
class ASGDSlowsTheFirstStep(RightASGD):
    def rate(self, count: int) -> float:
        return super().rate(count + 1)


@misconception(of="ASGD", hint="Raise the divisor of η to the power of alpha.")
class ASGDIgnoresAlpha(RightASGD):
    def rate(self, count: int) -> float:
        return self.lr / (1 + self.lambd * self.lr * (count - 1))


@misconception(of="ASGD", hint="Raise the whole of 1 + lambd · lr · (t − 1) to the power of alpha.")
class ASGDRaisesTheTimeAlone(RightASGD):
    def rate(self, count: int) -> float:
        return float(self.lr / (1 + (self.lambd * self.lr * (count - 1)) ** self.alpha))


@misconception(
    of="ASGD", hint="Multiply lambd by lr in the divisor of η: 1 + lambd · lr · (t − 1)."
)
class ASGDSlowsWithoutLr(RightASGD):
    def rate(self, count: int) -> float:
        return float(self.lr / (1 + self.lambd * (count - 1)) ** self.alpha)


@misconception(
    of="ASGD",
    hint="Compute each η from the first lr: the one already divided would shrink too fast.",
)
class ASGDSlowsForGood(RightASGD):
    def rate(self, count: int) -> float:
        self.lr = super().rate(count)
        return self.lr


@misconception(
    of="ASGD", hint="Count once in each step: a second parameter must not count it again."
)
class ASGDCountsEveryParameter(RightASGD):
    def count(self, parameter: Tensor) -> int:
        self.steps["all"] = self.steps.get("all", 0) + 1
        return self.steps["all"]


@misconception(
    of="ASGD", hint="Count the steps of each parameter by itself: one without a grad takes no step."
)
class ASGDCountsEveryCall(RightASGD):
    @torch.no_grad()
    def step(self) -> None:
        self.steps["all"] = self.steps.get("all", 0) + 1
        super().step()

    def count(self, parameter: Tensor) -> int:
        return self.steps["all"]
