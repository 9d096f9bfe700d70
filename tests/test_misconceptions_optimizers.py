"""Every misconception of `optimizers` differs from torch in a run that its mistake needs."""

from collections.abc import Sequence
from typing import Any

import pytest
import torch
from observing import Case, Examination
from torch import Tensor

Gradients = Sequence[Sequence[float | None]]  # one row a step, one entry a parameter
ONE: Gradients = [[1.0], [2.0], [4.0]]
TWO: Gradients = [[1.0, -3.0], [2.0, 0.5], [4.0, 1.0]]
GAP: Gradients = [[1.0, -3.0], [None, 0.5], [4.0, 1.0]]
FIRST_GAP: Gradients = [[1.0, None], [None, 0.5], [4.0, 1.0]]
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
    "negative eps": made(**LR, eps=-1.0),
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


NAMES = [
    "SGD",
    "Adam",
    "SparseAdam",
    "Adagrad",
    "Adadelta",
    "Adamax",
    "RMSprop",
    "Rprop",
    "ASGD",
    "LBFGS",
]


def right_make(name: str, params: Any, lr: float) -> torch.optim.Optimizer:
    if name not in NAMES:
        raise ValueError(", ".join(NAMES))
    optimizer: torch.optim.Optimizer = getattr(torch.optim, name)(params, lr=lr)
    return optimizer


RIGHT = {"SGD": torch.optim.SGD, "Adam": torch.optim.Adam, "make_optimizer": right_make}
CASES = {
    "SGD": SGD,
    "Adam": ADAM,
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
    "optimizer_without_lr": "Adadelta",
    "optimizer_falls_back_to_sgd": "unknown",
    "optimizer_of_any_name": "known to torch alone",
    "optimizer_key_error": "unknown",
    "optimizer_error_without_names": "unknown",
    "optimizer_always_adam": "RMSprop",
    "optimizer_for_dense_steps_only": "LBFGS",
}
# Wrong by an exception alone.
CRASHES = {
    "SGDTrackedByAutograd",
    "SGDNeedsEveryGradient",
    "optimizer_key_error",
    "optimizer_for_dense_steps_only",
}


def test_every_misconception_is_in_the_table(examination: Examination) -> None:
    assert set(examination.known) == set(SHOWS)


@pytest.mark.parametrize("name", SHOWS)
def test_the_mistake_shows_in_its_case(examination: Examination, name: str) -> None:
    assert SHOWS[name] in examination.shows_in(name)
    assert examination.always_crashes(name) == (name in CRASHES)


def test_no_two_misconceptions_of_a_function_behave_alike(examination: Examination) -> None:
    assert examination.look_alikes(skipped=set()) == []


def test_what_is_right_follows_torch(examination: Examination) -> None:
    """The base classes are right: a mistake of zero_grad changes no step, in no case."""
    for name, case in (("SGDClearsToZeros", "zero_grad"), ("AdamClearsToZeros", "zero_grad")):
        assert examination.shows_in(name) == [case]


def test_known_sequences_of_the_mistakes(examination: Examination) -> None:
    """p = 1, lr = 0.1, gradients 1, 2, 4, by hand."""

    def positions(name: str, case: str) -> list[float]:
        _, seen, expected = examination.of(name)
        steps = (expected if name in RIGHT else seen)[case]
        return [round(float(steps[index][0]), 4) for index in (0, 4, 8)]

    assert positions("SGDDampsTheFirstStep", "dampened") == [0.95, 0.805, 0.4745]
    assert positions("SGDAveragesTheMomentum", "momentum") == [0.9, 0.79, 0.651]
    assert positions("SGDLooksAheadWithTheOldBuffer", "nesterov") == [0.9, 0.61, -0.051]
