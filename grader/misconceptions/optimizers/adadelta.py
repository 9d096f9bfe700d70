"""What goes wrong in `Adadelta`."""

from collections.abc import Hashable, Iterable

import torch
from torch import Tensor

from grader.misconceptions import misconception


class RightAdadelta:
    """Adadelta as torch has it, in small methods: each mistake below is in one of them."""

    def __init__(
        self,
        params: Iterable[Tensor],
        lr: float = 1.0,
        rho: float = 0.9,
        eps: float = 1e-6,
        weight_decay: float = 0,
    ) -> None:
        self.lr, self.rho, self.eps, self.weight_decay = lr, rho, eps, weight_decay
        self.squares: dict[Hashable, Tensor] = {}
        self.moves: dict[Hashable, Tensor] = {}
        self.refuse_bad_values()
        self.keep(params)

    def refuse_bad_values(self) -> None:
        if min(self.lr, self.eps, self.weight_decay) < 0 or not 0 <= self.rho <= 1:
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
        return gradient + self.weight_decay * parameter if self.weight_decay else gradient

    def move(self, parameter: Tensor, gradient: Tensor) -> None:
        key = self.key(parameter)
        square = self.squares.get(key, torch.zeros_like(parameter))
        moves = self.moves.get(key, torch.zeros_like(parameter))
        self.squares[key] = square = self.average(square, gradient**2)
        delta = self.ratio(moves, square) * gradient
        self.moves[key] = self.next_moves(moves, delta, gradient)
        self.shift(parameter, self.scaled(delta))

    def scaled(self, delta: Tensor) -> Tensor:
        return self.lr * delta

    def average(self, before: Tensor, new: Tensor) -> Tensor:
        return self.rho * before + (1 - self.rho) * new

    def next_moves(self, moves: Tensor, delta: Tensor, gradient: Tensor) -> Tensor:
        return self.average(moves, delta**2)

    def ratio(self, moves: Tensor, square: Tensor) -> Tensor:
        return (moves + self.eps).sqrt() / (square + self.eps).sqrt()


@misconception(of="Adadelta", hint="Subtract the step: the gradient points uphill.")
class AdadeltaClimbs(RightAdadelta):
    def shift(self, parameter: Tensor, step: Tensor) -> None:
        parameter += step


@misconception(
    of="Adadelta", hint="Change the parameter in place: a new tensor as its data is other memory."
)
class AdadeltaReplacesTheData(RightAdadelta):
    def shift(self, parameter: Tensor, step: Tensor) -> None:
        parameter.data = parameter.data - step


@misconception(
    of="Adadelta", hint="Make a list of the parameters: a generator is empty after its first use."
)
class AdadeltaConsumesTheGenerator(RightAdadelta):
    def keep(self, params: Iterable[Tensor]) -> None:
        self.params = params
        if isinstance(params, list | tuple) and not params:
            raise ValueError("the list of parameters is empty")


@misconception(
    of="Adadelta",
    hint="Skip a parameter whose grad is None: with zeros instead, its averages fade.",
)
class AdadeltaTakesNoneForZero(RightAdadelta):
    @torch.no_grad()
    def step(self) -> None:
        for parameter in self.params:
            gradient = torch.zeros_like(parameter) if parameter.grad is None else parameter.grad
            self.move(parameter, self.decayed(parameter, gradient))


@misconception(
    of="Adadelta", hint="Leave the gradient as it is: add the decay to a new tensor, not in place."
)
class AdadeltaChangesTheGradient(RightAdadelta):
    def decayed(self, parameter: Tensor, gradient: Tensor) -> Tensor:
        if self.weight_decay:
            gradient += self.weight_decay * parameter
        return gradient


@misconception(
    of="Adadelta", hint="Keep the averages by parameter: two parameters may have the same shape."
)
class AdadeltaKeepsAveragesByShape(RightAdadelta):
    def key(self, parameter: Tensor) -> Hashable:
        return tuple(parameter.shape)


@misconception(
    of="Adadelta", hint="Use the weight decay: it adds weight_decay · parameter to the gradient."
)
class AdadeltaIgnoresDecay(RightAdadelta):
    def decayed(self, parameter: Tensor, gradient: Tensor) -> Tensor:
        return gradient


@misconception(
    of="Adadelta",
    hint="Add the weight decay to the gradient: it does not shrink the parameter by itself.",
)
class AdadeltaDecaysTheParameter(RightAdadelta):
    @torch.no_grad()
    def step(self) -> None:
        for parameter in self.params:
            if parameter.grad is not None:
                parameter *= 1 - self.lr * self.weight_decay
                self.move(parameter, parameter.grad)


@misconception(
    of="Adadelta",
    hint="Raise ValueError for bad hyperparameters: a negative lr, eps or weight_decay, or a "
    "rho outside [0, 1].",
)
class AdadeltaAcceptsBadValues(RightAdadelta):
    def refuse_bad_values(self) -> None:
        pass


@misconception(
    of="Adadelta", hint="Raise ValueError for an empty list: there is nothing to optimize."
)
class AdadeltaAcceptsAnEmptyList(RightAdadelta):
    def keep(self, params: Iterable[Tensor]) -> None:
        self.params = list(params)


@misconception(
    of="Adadelta", hint="Set each grad to None by default: zeros are for set_to_none=False."
)
class AdadeltaClearsToZeros(RightAdadelta):
    def zero_grad(self, set_to_none: bool = False) -> None:
        super().zero_grad(set_to_none)


@misconception(of="Adadelta", hint="Multiply the move by lr: the formula of the paper has lr 1.")
class AdadeltaIgnoresLr(RightAdadelta):
    def scaled(self, delta: Tensor) -> Tensor:
        return delta


@misconception(
    of="Adadelta",
    hint="Let lr scale the move of the parameter only: the average remembers the move without it.",
)
class AdadeltaRemembersTheScaledMove(RightAdadelta):
    def next_moves(self, moves: Tensor, delta: Tensor, gradient: Tensor) -> Tensor:
        return self.average(moves, (self.lr * delta) ** 2)


@misconception(
    of="Adadelta",
    hint="Average the squares of the moves for the upper root: those of the gradients are for "
    "the lower.",
)
class AdadeltaRemembersTheGradients(RightAdadelta):
    def next_moves(self, moves: Tensor, delta: Tensor, gradient: Tensor) -> Tensor:
        return self.average(moves, gradient**2)


@misconception(
    of="Adadelta",
    hint="Keep the average of the squared moves from step to step: else the upper root stays "
    "at sqrt(eps).",
)
class AdadeltaForgetsTheMoves(RightAdadelta):
    def next_moves(self, moves: Tensor, delta: Tensor, gradient: Tensor) -> Tensor:
        return moves


@misconception(
    of="Adadelta",
    hint="Use the average of the moves before you update it: the new move is not part of it yet.",
)
class AdadeltaUsesTheNewAverage(RightAdadelta):
    def move(self, parameter: Tensor, gradient: Tensor) -> None:
        square = self.squares.get(parameter, torch.zeros_like(parameter))
        moves = self.moves.get(parameter, torch.zeros_like(parameter))
        self.squares[parameter] = square = self.average(square, gradient**2)
        self.moves[parameter] = self.average(moves, (self.ratio(moves, square) * gradient) ** 2)
        self.shift(parameter, self.lr * self.ratio(self.moves[parameter], square) * gradient)


@misconception(
    of="Adadelta",
    hint="Add the new square to the average of the gradients before you divide by its root.",
)
class AdadeltaUsesTheSquareBefore(RightAdadelta):
    def move(self, parameter: Tensor, gradient: Tensor) -> None:
        square = self.squares.get(parameter, torch.zeros_like(parameter))
        moves = self.moves.get(parameter, torch.zeros_like(parameter))
        delta = self.ratio(moves, square) * gradient
        self.squares[parameter] = self.average(square, gradient**2)
        self.moves[parameter] = self.next_moves(moves, delta, gradient)
        self.shift(parameter, self.lr * delta)


@misconception(of="Adadelta", hint="Add eps inside both roots: sqrt(u + eps) over sqrt(v + eps).")
class AdadeltaAddsEpsOutside(RightAdadelta):
    def ratio(self, moves: Tensor, square: Tensor) -> Tensor:
        return (moves.sqrt() + self.eps) / (square.sqrt() + self.eps)


@misconception(
    of="Adadelta",
    hint="Add eps inside the upper root too: without it the first move is 0, and so are all "
    "others.",
)
class AdadeltaAddsEpsBelowOnly(RightAdadelta):
    def ratio(self, moves: Tensor, square: Tensor) -> Tensor:
        return moves.sqrt() / (square + self.eps).sqrt()


@misconception(of="Adadelta", hint="Take the roots of both averages before you divide.")
class AdadeltaForgetsTheRoots(RightAdadelta):
    def ratio(self, moves: Tensor, square: Tensor) -> Tensor:
        return (moves + self.eps) / (square + self.eps)


@misconception(
    of="Adadelta", hint="Put the root of the moves above and the root of the gradients below."
)
class AdadeltaTurnsTheRatioOver(RightAdadelta):
    def ratio(self, moves: Tensor, square: Tensor) -> Tensor:
        return 1 / super().ratio(moves, square)


@misconception(
    of="Adadelta",
    hint="Multiply by the root of the average of the moves: without it this is RMSprop.",
)
class AdadeltaHasNoUpperRoot(RightAdadelta):
    def ratio(self, moves: Tensor, square: Tensor) -> Tensor:
        return 1 / (square + self.eps).sqrt()


@misconception(
    of="Adadelta",
    hint="Weigh what was with rho and the new square with 1 − rho, not the other way round.",
)
class AdadeltaReversesRho(RightAdadelta):
    def average(self, before: Tensor, new: Tensor) -> Tensor:
        return (1 - self.rho) * before + self.rho * new


@misconception(
    of="Adadelta",
    hint="Make new tensors on the device of the parameter, not on the CPU.",
    needs_gpu=True,
)
class AdadeltaKeepsAveragesOnTheCPU(RightAdadelta):
    def move(self, parameter: Tensor, gradient: Tensor) -> None:
        self.squares.setdefault(parameter, torch.zeros(gradient.shape, dtype=gradient.dtype))
        super().move(parameter, gradient)
