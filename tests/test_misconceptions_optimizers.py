"""Every misconception of `optimizers` differs from torch in a run that its mistake needs."""

from collections.abc import Sequence
from typing import Any

import pytest
import torch
from observing import Case, Examination
from torch import Tensor

# One row a step, one entry a parameter: a number for both elements, or one for each.
Gradients = Sequence[Sequence[float | tuple[float, float] | None]]
ONE: Gradients = [[1.0], [2.0], [4.0]]
TWO: Gradients = [[1.0, -3.0], [2.0, 0.5], [4.0, 1.0]]
GAP: Gradients = [[1.0, -3.0], [None, 0.5], [4.0, 1.0]]
FIRST_GAP: Gradients = [[1.0, None], [None, 0.5], [4.0, 1.0]]
MIXED: Gradients = [[(1.0, -3.0)], [(2.0, 0.5)], [(-4.0, 0.0)], [(-1.0, 2.0)], [(2.0, 3.0)]]
LR = {"lr": 0.1}


def parameters(count: int, shapes: Sequence[tuple[int, ...]] = ()) -> list[Tensor]:
    shapes = shapes or [(2,)] * count
    return [torch.ones(shape, dtype=torch.float64).requires_grad_() for shape in shapes]


def run(
    gradients: Gradients,
    shapes: Sequence[tuple[int, ...]] = (),
    generator: bool = False,
    zeroed_in_place: bool = False,
    **options: Any,
) -> Case:
    """After each step: parameters, gradients, and whether the memory and the leaf are the same."""

    def case(optimizer_class: Any) -> Any:
        params = parameters(len(gradients[0]), shapes)
        places = [one.data_ptr() for one in params]
        given = iter(params) if generator else params
        optimizer = optimizer_class(given, **options)
        seen: list[Any] = []
        for row in gradients:
            for param, number in zip(params, row, strict=True):
                if number is None:
                    param.grad = None
                elif isinstance(number, tuple):
                    param.grad = torch.tensor(number, dtype=param.dtype)
                elif zeroed_in_place and param.grad is not None:
                    param.grad.zero_().add_(number)
                else:
                    param.grad = torch.full_like(param, number)
            optimizer.step()
            seen += [param.detach().clone() for param in params]
            seen += [None if param.grad is None else param.grad.clone() for param in params]
            seen += [param.is_leaf and param.requires_grad for param in params]
            seen.append([param.data_ptr() for param in params] == places)
        return seen

    return case


def cleared(**options: Any) -> Case:
    def case(optimizer_class: Any) -> Any:
        params = parameters(2)
        optimizer = optimizer_class(params, lr=0.1)
        for param in params:
            param.grad = torch.ones_like(param)
        optimizer.zero_grad(**options)
        return [param.grad for param in params]

    return case


def made(count: int = 1, **options: Any) -> Case:
    return lambda optimizer_class: bool(optimizer_class(parameters(count), **options))


SGD: dict[str, Case] = {
    "plain": run(ONE, **LR),
    "momentum": run(ONE, **LR, momentum=0.9),
    "dampened": run(ONE, **LR, momentum=0.9, dampening=0.5),
    "dampened, no momentum": run(ONE, **LR, dampening=0.5),
    "nesterov": run(ONE, **LR, momentum=0.9, nesterov=True),
    "decay": run(ONE, **LR, weight_decay=0.1),
    "decay, momentum": run(ONE, **LR, weight_decay=0.1, momentum=0.9),
    "two parameters, momentum": run(TWO, **LR, momentum=0.9),
    "two shapes, momentum": run(TWO, [(2,), (3, 2)], **LR, momentum=0.9),
    "a grad of None": run(GAP, **LR, momentum=0.9),
    "generator": run(TWO, generator=True, **LR),
    "zeroed in place": run(ONE, zeroed_in_place=True, **LR, momentum=0.9),
    "zero_grad": cleared(),
    "zero_grad to zeros": cleared(set_to_none=False),
    "nesterov without momentum": made(**LR, nesterov=True),
    "nesterov with dampening": made(**LR, momentum=0.9, dampening=0.5, nesterov=True),
    "negative momentum": made(**LR, momentum=-0.1),
    "no parameters": made(0, **LR),
}
ADAM: dict[str, Case] = {
    "plain": run(ONE, **LR),
    "large eps": run(ONE, **LR, eps=0.5),
    "betas": run(ONE, **LR, betas=(0.5, 0.9)),
    "decay": run(ONE, **LR, weight_decay=0.1),
    "two parameters": run(TWO, **LR),
    "two shapes": run(TWO, [(2,), (3, 2)], **LR),
    "a grad of None": run(GAP, **LR),
    "a first grad of None": run(FIRST_GAP, **LR),
    "generator": run(TWO, generator=True, **LR),
    "zero_grad": cleared(),
    "zero_grad to zeros": cleared(set_to_none=False),
    "a beta of 1": made(**LR, betas=(1.0, 0.9)),
    "no parameters": made(0, **LR),
    "negative eps": made(**LR, eps=-1.0),
}


def common(decay: bool = True, **bad: Any) -> dict[str, Case]:
    """What is asked of every class; `bad` is a hyperparameter that it must refuse."""
    cases = {
        "plain": run(MIXED, **LR),
        "two parameters": run(TWO, **LR),
        "a grad of None": run(GAP, **LR),
        "a first grad of None": run(FIRST_GAP, **LR),
        "generator": run(TWO, generator=True, **LR),
        "zero_grad": cleared(),
        "no parameters": made(0, **LR),
        "bad": made(**{**LR, **bad}),
    }
    return {**cases, "decay": run(MIXED, **LR, weight_decay=0.5)} if decay else cases


ADAGRAD = common(eps=-0.1) | {
    "large eps": run(MIXED, **LR, eps=0.5),
    "begun": run(MIXED, **LR, initial_accumulator_value=2.0),
    "lr_decay": run(MIXED, **LR, lr_decay=0.5),
    "lr_decay, two": run(FIRST_GAP, **LR, lr_decay=0.5),
    "decay, a gap": run(GAP, **LR, weight_decay=0.5),
}
RMSPROP = common(alpha=-0.1) | {
    "large eps": run(MIXED, **LR, eps=0.5),
    "alpha": run(MIXED, **LR, alpha=0.75),
    "momentum": run(MIXED, **LR, momentum=0.5),
    "centered": run(MIXED, **LR, centered=True),
}
ADADELTA = common(rho=1.1) | {
    "large eps": run(MIXED, **LR, eps=0.5),
    "rho": run(MIXED, **LR, rho=0.25),
    "rho, a gap": run(GAP, **LR, rho=0.25, eps=0.5),
}
ADAMAX = common(betas=(0.9, 1.0)) | {
    "large eps": run(MIXED, **LR, eps=0.5, betas=(0.5, 0.75)),
    "betas": run(MIXED, **LR, betas=(0.5, 0.75)),
}
RPROP = common(decay=False, etas=(1.2, 0.5)) | {
    "bounds": run(MIXED, **LR, step_sizes=(0.2, 0.4)),
    "bounds from above": run(ONE, lr=0.1, step_sizes=(0.05, 0.11)),
    "zeroed in place": run([[1.0], [-2.0], [4.0]], zeroed_in_place=True, **LR),
}
ASGD = common(weight_decay=-0.1) | {
    "fading": run(MIXED, lr=0.5, lambd=0.5),
    "fading, two": run(FIRST_GAP, lr=0.5, lambd=0.5),
    "alpha": run(MIXED, lr=0.5, lambd=0.5, alpha=2.0),
    "averaging": run(MIXED, **LR, t0=1),
    "fading, decay": run(MIXED, lr=0.5, lambd=0.5, weight_decay=0.5),
}


def built(name: str) -> Case:
    def case(make: Any) -> Any:
        optimizer = make(name, iter(parameters(2)), 0.25)
        groups = optimizer.param_groups
        return [type(optimizer).__name__, groups[0]["lr"], len(groups[0]["params"])]

    return case


def refused(name: str) -> Case:
    def case(make: Any) -> Any:
        try:
            return type(make(name, parameters(1), 0.25)).__name__
        except ValueError as error:
            return ["LBFGS" in str(error), "SparseAdam" in str(error)]

    return case


NAMES = "SGD Adam SparseAdam Adagrad Adadelta Adamax RMSprop Rprop ASGD LBFGS".split()


def right_make(name: str, params: Any, lr: float) -> torch.optim.Optimizer:
    if name not in NAMES:
        raise ValueError(", ".join(NAMES))
    optimizer: torch.optim.Optimizer = getattr(torch.optim, name)(params, lr=lr)
    return optimizer


CLASSES = {
    "SGD": SGD,
    "Adam": ADAM,
    "Adagrad": ADAGRAD,
    "RMSprop": RMSPROP,
    "Adadelta": ADADELTA,
    "Adamax": ADAMAX,
    "Rprop": RPROP,
    "ASGD": ASGD,
}
RIGHT = {name: getattr(torch.optim, name) for name in CLASSES} | {"make_optimizer": right_make}
CASES: dict[str, dict[str, Case]] = {
    **CLASSES,
    "make_optimizer": {
        **{name: built(name) for name in NAMES},
        "unknown": refused("Momentum"),
        "known to torch alone": refused("AdamW"),
    },
}


@pytest.fixture(scope="module")
def examination() -> Examination:
    return Examination("optimizers", RIGHT, CASES)


# misconception: the case of its function in which it shows
SHOWS = {
    "SGDClimbs": "plain",
    "SGDRebindsTheName": "plain",
    "SGDReplacesTheData": "plain",
    "SGDTrackedByAutograd": "plain",
    "SGDConsumesTheGenerator": "generator",
    "SGDNeedsEveryGradient": "a grad of None",
    "SGDTakesNoneForZero": "a grad of None",
    "SGDChangesTheGradient": "decay",
    "SGDSharesTheGradient": "zeroed in place",
    "SGDDampsTheFirstStep": "dampened",
    "SGDAveragesTheMomentum": "momentum",
    "SGDSharesOneBuffer": "two shapes, momentum",
    "SGDKeepsBuffersByShape": "two parameters, momentum",
    "SGDKeepsBuffersByPlace": "a grad of None",
    "SGDLooksAheadWithTheOldBuffer": "nesterov",
    "SGDAcceptsAnyNesterov": "nesterov with dampening",
    "SGDAcceptsNegativeValues": "negative momentum",
    "SGDAcceptsAnEmptyList": "no parameters",
    "SGDDampsWithoutMomentum": "dampened, no momentum",
    "SGDDecaysAfterMomentum": "decay, momentum",
    "SGDDecaysOnlyWithMomentum": "decay",
    "SGDIgnoresDecay": "decay, momentum",
    "SGDDecaysAwayFromZero": "decay",
    "SGDDecaysByTheSquaredRate": "decay",
    "SGDClearsOnlyTheFirst": "zero_grad",
    "SGDClearsToZeros": "zero_grad",
    "SGDAlwaysClearsToNone": "zero_grad to zeros",
    "AdamClimbs": "plain",
    "AdamReplacesTheData": "plain",
    "AdamConsumesTheGenerator": "generator",
    "AdamTakesNoneForZero": "a grad of None",
    "AdamChangesTheGradient": "decay",
    "AdamKeepsAveragesByShape": "two parameters",
    "AdamWithoutBiasCorrection": "plain",
    "AdamCorrectsOnlyTheMean": "plain",
    "AdamCountsFromZero": "plain",
    "AdamCountsEveryParameter": "two parameters",
    "AdamCountsEveryCall": "a first grad of None",
    "AdamTakesTheRootOfEps": "large eps",
    "AdamAddsEpsBeforeTheCorrection": "large eps",
    "AdamSwapsTheBetas": "betas",
    "AdamForgetsTheRoot": "plain",
    "AdamDecaysTheParameter": "decay",
    "AdamIgnoresDecay": "decay",
    "AdamAcceptsBadValues": "a beta of 1",
    "AdamClearsToZeros": "zero_grad",
    "AdamAcceptsAnEmptyList": "no parameters",
    "optimizer_without_lr": "Adadelta",
    "optimizer_falls_back_to_sgd": "unknown",
    "optimizer_of_any_name": "known to torch alone",
    "optimizer_key_error": "unknown",
    "optimizer_error_without_names": "unknown",
    "optimizer_always_adam": "RMSprop",
    "optimizer_for_dense_steps_only": "LBFGS",
}
# The mistakes that the six other classes share, and the cases in which they show.
SHARED = {
    "Climbs": "plain",
    "ReplacesTheData": "plain",
    "ConsumesTheGenerator": "generator",
    "TakesNoneForZero": "a grad of None",
    "ChangesTheGradient": "decay",
    "IgnoresDecay": "decay",
    "DecaysTheParameter": "decay",
    "AcceptsBadValues": "bad",
    "AcceptsAnEmptyList": "no parameters",
    "ClearsToZeros": "zero_grad",
}
# class: case: the mistakes of its own that show in it
OWN = {
    "Adagrad": {
        "plain": "ResetsTheSum SumsTheSizes SumsOverTheTensor AveragesTheSquares UsesTheSumBefore "
        "ForgetsTheRoot",
        "two parameters": "KeepsSumsByShape",
        "large eps": "TakesTheRootOfEps",
        "begun": "IgnoresTheInitialValue",
        "lr_decay": "DecaysTheFirstStep IgnoresLrDecay DecaysTheRateForGood",
        "lr_decay, two": "CountsEveryParameter CountsEveryCall",
        "decay, a gap": "TakesNoneForZero",
    },
    "RMSprop": {
        "plain": "SumsTheSquares BeginsAtTheFirstSquare CorrectsTheBias UsesTheSquareBefore "
        "ForgetsTheRoot",
        "two parameters": "KeepsAveragesByShape",
        "alpha": "ReversesAlpha",
        "large eps": "TakesTheRootOfEps",
        "momentum": "IgnoresMomentum AveragesTheMomentum DividesTheBuffer",
        "centered": "IgnoresCentered SubtractsTheMean CentersWithTheMeanBefore CentersTheGradient",
    },
    "Adadelta": {
        "plain": "IgnoresLr RemembersTheScaledMove RemembersTheGradients ForgetsTheMoves "
        "UsesTheNewAverage UsesTheSquareBefore AddsEpsBelowOnly ForgetsTheRoots "
        "TurnsTheRatioOver HasNoUpperRoot",
        "two parameters": "KeepsAveragesByShape",
        "large eps": "AddsEpsOutside",
        "rho": "ReversesRho",
        "rho, a gap": "TakesNoneForZero",
    },
    "Adamax": {
        "plain": "WithoutBiasCorrection CorrectsBoth CountsFromZero ForgetsTheSize "
        "ComparesTheSquares TakesTheLargestOfTheTensor AveragesTheSizes",
        "two parameters": "KeepsStateByShape CountsEveryParameter",
        "a first grad of None": "CountsEveryCall",
        "large eps": "AddsEpsAfterTheLargest",
        "betas": "LargestNeverFades FadesAfterTheComparison SwapsTheBetas",
    },
    "Rprop": {
        "plain": "UsesTheGradientsSize NeverAdapts MovesWhereTheSignFlips "
        "RemembersWhereTheSignFlips OnlyShrinksWhereTheSignFlips GoesBackWhereTheSignFlips "
        "SwapsTheEtas GrowsFromTheFirstStep ShrinksWhereAGradientIsZero HasOneStepForAll "
        "ChangesTheGradient",
        "two parameters": "KeepsStepsByShape",
        "bounds": "HasNoBounds HasNoSmallest BoundsLate",
        "bounds from above": "HasNoLargest",
        "zeroed in place": "SharesTheGradient",
    },
    "ASGD": {
        "averaging": "LeavesTheAverage",
        "fading": "NeverFades FadesByTheFirstRate FadesByLambdAlone FadesAfterTheStep "
        "NeverSlowsDown SlowsTheFirstStep RaisesTheTimeAlone SlowsWithoutLr SlowsForGood",
        "fading, two": "CountsEveryParameter CountsEveryCall",
        "alpha": "IgnoresAlpha",
        "fading, decay": "DecaysTheFadedParameter DecaysTheParameter",
    },
}
for of, by_case in OWN.items():
    SHOWS |= {of + name: case for name, case in SHARED.items() if case in CASES[of]}
    SHOWS |= {of + name: case for case, names in by_case.items() for name in names.split()}
# Wrong by an exception alone.
CRASHES = {
    "SGDTrackedByAutograd",
    "SGDNeedsEveryGradient",
    "optimizer_key_error",
    "optimizer_for_dense_steps_only",
}


def test_every_misconception_is_in_the_table(examination: Examination) -> None:
    on_the_cpu = {name for name, known in examination.known.items() if not known.needs_gpu}
    assert on_the_cpu == set(SHOWS)


@pytest.mark.parametrize("name", SHOWS)
def test_the_mistake_shows_in_its_case(examination: Examination, name: str) -> None:
    assert SHOWS[name] in examination.shows_in(name)
    assert examination.always_crashes(name) == (name in CRASHES)


def test_no_two_misconceptions_of_a_function_behave_alike(examination: Examination) -> None:
    assert examination.look_alikes(skipped=set(examination.known) - set(SHOWS)) == []


def test_what_is_right_follows_torch(examination: Examination) -> None:
    """The base classes are right: a mistake of zero_grad changes no step, in no case."""
    for name in CLASSES:
        assert examination.shows_in(f"{name}ClearsToZeros") == ["zero_grad"]


def test_what_only_a_gpu_shows_is_right_on_the_cpu(examination: Examination) -> None:
    hidden = [known for known in examination.known.values() if known.needs_gpu]
    assert {known.function for known in hidden} == set(CLASSES) - {"SGD", "ASGD"}
    assert all(examination.shows_in(known.name) == [] for known in hidden)


def test_known_sequences_of_the_mistakes(examination: Examination) -> None:
    """p = 1, lr = 0.1, gradients 1, 2, 4, by hand."""

    def positions(name: str, case: str) -> list[float]:
        _, seen, expected = examination.of(name)
        steps = (expected if name in RIGHT else seen)[case]
        return [round(float(steps[index][0]), 4) for index in (0, 4, 8)]

    assert positions("SGDDampsTheFirstStep", "dampened") == [0.95, 0.805, 0.4745]
    assert positions("SGDAveragesTheMomentum", "momentum") == [0.9, 0.79, 0.651]
    assert positions("SGDLooksAheadWithTheOldBuffer", "nesterov") == [0.9, 0.61, -0.051]
