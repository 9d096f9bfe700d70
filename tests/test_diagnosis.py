"""The mistake is named, however it is written, and nothing is guessed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
import torch
from mistaken import MISTAKEN, RIDDLES, Mistaken

from grader.checking.compare import Tolerance
from grader.checking.diagnosis import Diagnosis, Evidence, answer_of, same_answer
from grader.checking.expectations import Matches, Raises
from grader.checking.question import Question
from grader.examiner.engine import Engine
from grader.misconceptions import Misconception
from grader.probes import run_probe

Files = Mapping[str, bytes]


def examined(engine: Engine, solutions: Files, case: Mistaken) -> list[dict[str, Any]]:
    source = solutions[f"{case.exercise}.py"] + b"\n\n" + case.source.encode()
    (grade,) = engine.examine({f"{case.exercise}.py": source}, [case.exercise])
    function = case.function
    return [c for c in grade["checks"] if c["function"] == function and c["outcome"] != "passed"]


@pytest.mark.parametrize("case", MISTAKEN, ids=lambda case: case.called)
def test_a_mistake_is_named_however_it_is_written(
    engine: Engine, solutions: Files, case: Mistaken
) -> None:
    failed = examined(engine, solutions, case)
    called = {check["misconception"] for check in failed} - {None}
    assert called, "no failed check names a mistake"
    hints = {check["hint"] for check in failed} - {None}
    assert len(hints) == 1, f"{called} do not say the same"
    assert case.called in called


@pytest.mark.parametrize("case", RIDDLES, ids=lambda case: case.called)
def test_what_no_known_mistake_explains_is_not_guessed(
    engine: Engine, solutions: Files, case: Mistaken
) -> None:
    failed = examined(engine, solutions, case)
    assert failed
    assert {check["misconception"] for check in failed} == {None}
    assert {check["hint"] for check in failed} == {None}


# One function, `double`, asked about single numbers.


def right(x: torch.Tensor) -> torch.Tensor:
    return 2 * x


def squares(x: torch.Tensor) -> torch.Tensor:
    return x * x


def adds_two(x: torch.Tensor) -> torch.Tensor:
    return x + 2


def stays_at_four(x: torch.Tensor) -> torch.Tensor:
    return torch.where(x > 3, 0 * x + 4, 2 * x)


def refuses_large(x: torch.Tensor) -> torch.Tensor:
    if x > 3:
        raise ValueError(f"{x.item()} is too large")
    return 2 * x


def known(definition: Any, hint: str | None = None, needs_gpu: bool = False) -> Misconception:
    name = definition.__name__
    return Misconception(name, "double", hint or f"Not {name}.", definition, needs_gpu)


@dataclass
class Asking:
    """Evidence of one check, from an implementation that stands for the student's."""

    student: Any
    evidence: Evidence = field(default_factory=Evidence)

    def about(self, *numbers: float) -> Evidence:
        for number in numbers:
            question = Question("numbers", "double", "call", (torch.tensor(number),), {})
            expectation = Matches(
                run_probe("call", right, "cpu", question.args, {}), Tolerance(scale=abs(number))
            )
            answer = answer_of(self.student, question)
            wrong = expectation.problem_with(question, answer, "cpu") is not None
            self.evidence.add(question, expectation, answer if wrong else None)
        return self.evidence


def named(
    student: Any, check: tuple[float, ...], mistakes: list[Any], *others: tuple[float, ...]
) -> str | None:
    every = [one if isinstance(one, Misconception) else known(one) for one in mistakes]
    rest = [Asking(student).about(*numbers) for numbers in others]
    found = Diagnosis(every).of(Asking(student).about(*check), rest)
    return found.name if found else None


def test_exactly_one_that_gives_all_wrong_answers_is_named() -> None:
    assert named(squares, (0.0, 2.0, 3.0, 5.0), [adds_two, squares, refuses_large]) == "squares"


def test_one_that_gives_only_some_of_the_wrong_answers_is_not() -> None:
    """x² and x + 2 agree at -1 alone."""
    assert named(squares, (-1.0,), [adds_two]) == "adds_two"
    assert named(squares, (-1.0, 3.0), [adds_two]) is None


def test_without_a_wrong_answer_there_is_no_mistake() -> None:
    assert named(right, (1.0, 2.0, 3.0), [squares, adds_two]) is None
    assert named(squares, (), [squares]) is None


def test_of_several_the_one_that_agrees_with_the_other_checks_too() -> None:
    assert named(squares, (-1.0,), [adds_two, squares], (3.0, 5.0)) == "squares"
    assert named(adds_two, (-1.0,), [squares, adds_two], (3.0, 5.0)) == "adds_two"


def test_of_several_that_cannot_be_told_apart_none_is_guessed() -> None:
    assert named(squares, (-1.0,), [adds_two, squares]) is None


def test_several_with_one_hint_are_one_mistake() -> None:
    same = "Multiply by two."
    mistakes = [known(adds_two, same), known(squares, same)]
    assert named(squares, (-1.0,), mistakes) in ("adds_two", "squares")


def test_one_that_is_wrong_about_most_of_what_was_right_is_not_meant() -> None:
    """At 5 both give a wrong 25, yet the student doubles -1 and -2, which squares does not."""

    def squares_above_three(x: torch.Tensor) -> torch.Tensor:
        return torch.where(x > 3, x * x, 2 * x)

    assert named(squares_above_three, (-1.0, -2.0, 5.0), [squares]) is None
    assert named(squares_above_three, (-1.0, 5.0), [squares, squares_above_three]) == (
        "squares_above_three"
    )


def test_the_same_exception_is_the_same_mistake_whatever_its_numbers() -> None:
    assert named(refuses_large, (1.0, 4.0, 5.0), [stays_at_four, refuses_large]) == "refuses_large"

    def refuses_otherwise(x: torch.Tensor) -> torch.Tensor:
        if x > 3:
            raise ValueError("no")
        return 2 * x

    assert named(refuses_otherwise, (1.0, 4.0), [refuses_large]) is None


def test_an_exception_that_did_not_come_can_be_explained() -> None:
    """Where ValueError is expected, what came instead is compared."""
    question = Question("numbers", "double", "call", (torch.tensor(3.0),), {})
    evidence = Evidence()
    evidence.add(question, Raises(("ValueError",)), answer_of(squares, question))
    found = Diagnosis([known(squares), known(adds_two)]).of(evidence)
    assert found is not None
    assert found.name == "squares"


def test_a_mistake_that_only_a_gpu_shows_is_named_by_the_device_it_leaves() -> None:
    question = Question("numbers", "double", "call", (torch.tensor(3.0),), {})
    expectation = Matches(run_probe("call", right, "cpu", question.args, {}), Tolerance())
    stays = answer_of(right, question)  # its tensor is on the CPU where the run is on CUDA
    mixes = {"raised": {"types": ["RuntimeError"], "message": "tensors on the same device"}}
    left = known(right, needs_gpu=True)
    for answer in (stays, mixes):
        evidence = Evidence()
        evidence.add(question, expectation, answer)
        assert Diagnosis([left, known(squares)], "cuda").of(evidence) == left
        assert Diagnosis([left, known(squares)], "cpu").of(evidence) is None


@pytest.mark.parametrize(
    "theirs",
    [
        {},
        {"observation": None},
        {"observation": {"value": "a"}},
        {"raised": None},
        {"raised": {}},
        {"raised": {"types": 3, "message": None}},
        {"raised": {"types": [], "message": b"\xff"}},
    ],
)
def test_an_answer_of_any_kind_can_be_looked_at(theirs: dict[str, Any]) -> None:
    """What comes from a sandbox need not be what a probe would say."""
    question = Question("numbers", "double", "call", (torch.tensor(3.0),), {})
    assert not same_answer(question, answer_of(right, question), theirs, "cpu")
    failing = answer_of(lambda x: x.nothing, question)
    assert not same_answer(question, failing, theirs, "cpu")


def test_many_wrong_answers_do_not_pile_up() -> None:
    evidence = Asking(squares).about(*[float(number) for number in range(3, 500)])
    assert len(evidence.wrong) < 100
    assert len(evidence.decisive) <= 24
