"""Curves: a student's numbers over steps beside the solution's, whatever the student returns."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any

import pytest
import torch
from conftest import ROOT, solution
from hypothesis import given
from hypothesis import strategies as st

from grader.checking.curves import LEAST_STEPS, MOST_STEPS, longer, numbers, reference_curve
from grader.checking.question import Question
from grader.course import load_course
from grader.examiner.curves import Curves, keep_longest
from grader.examiner.engine import Engine
from grader.examiner.recording import Recording
from grader.grades import Curve, ExerciseGrade
from grader.outcome import Check
from grader.probes import PROBES, run_probe

CHECK = Check("training/test_train", "training", "train", "It trains.", 1.0, hidden=False)
CLEARED = b"    optimizer.zero_grad()\n    loss = loss_fn(model(inputs), targets)\n"
ANYTHING = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**63), 2**63 - 1),
        st.floats(),
        st.text(),
        st.binary(),
    ),
    lambda inner: st.one_of(st.lists(inner), st.dictionaries(st.text(), inner)),
)


def question(function: str = "train", probe: str = "epoch_losses") -> Question:
    return Question("training", function, probe, (), {})


def answer(losses: Any) -> dict[str, Any]:
    return {"observation": {"value": losses, "devices": ["cpu"], "changed": []}}


def found(losses: Any) -> tuple[float, ...]:
    return numbers("epoch_losses", answer(losses))


# what a curve is read from


@given(value=ANYTHING)
def test_only_a_few_finite_floats_come_of_anything(value: Any) -> None:
    for answered in (value, answer(value), answer([1.0, value, 2.0])):
        read = numbers("epoch_losses", answered if isinstance(answered, dict) else {})
        assert len(read) <= MOST_STEPS
        assert all(type(number) is float and math.isfinite(number) for number in read)


@pytest.mark.parametrize(
    "losses", [["3.0", 2.0], [[3.0], [2.0]], [True, 2.0], [None], {"0": 1.0}, "3.0", 3.0, [], None]
)
def test_what_is_no_list_of_numbers_is_no_curve(losses: Any) -> None:
    assert found(losses) == ()


def test_tensors_that_are_one_number_are_numbers() -> None:
    assert found([torch.tensor(2.5), torch.tensor(3), 1]) == (2.5, 3.0, 1.0)
    assert found([torch.ones(1)]) == found([torch.tensor(True)]) == ()


def test_a_curve_ends_where_it_is_not_finite_any_more() -> None:
    assert found([3.0, 9.0, math.inf, 1.0]) == (3.0, 9.0)
    assert found([3.0, 1e200]) == (3.0,)
    assert found([math.nan, 1.0]) == ()


def test_a_curve_has_no_more_digits_than_a_picture_shows() -> None:
    assert found([1.23456789, 98765432.1]) == (1.23457, 98765400.0)


def test_many_steps_are_thinned_alike_for_both() -> None:
    right = reference_curve(question(), answer([float(step) for step in range(1000)]))
    assert right is not None and right.steps == 1000
    assert right.numbers == tuple(float(step) for step in range(0, 1000, 5))
    assert right.of_another(answer([0.5] * 4096)) == (0.5,) * MOST_STEPS
    assert right.of_another(answer([float(step) for step in range(12)])) == (0.0, 5.0, 10.0)


def test_a_few_numbers_are_no_picture() -> None:
    assert reference_curve(question(), answer([1.0] * (LEAST_STEPS - 1))) is None
    assert reference_curve(question(probe="call"), answer([1.0] * 9)) is None


# which curve is taken


def recording(hidden: bool, steps: int, function: str = "train") -> Recording:
    made = Recording(replace(CHECK, hidden=hidden, function=function))
    made.add(question(function), None, answer([1.0] * steps), "cpu")  # type: ignore[arg-type]
    return made


def test_each_function_has_one_curve_the_longest_and_of_equals_the_first() -> None:
    short, first, second = recording(False, 3), recording(False, 5), recording(True, 5)
    other = recording(True, 3, "fit")
    keep_longest([short, first, second, other])
    assert [each.curve is not None for each in (short, first, second, other)] == [
        *(False, True, False, True)
    ]
    assert longer(None, None) is None


def heard(*answers: tuple[Recording, Any]) -> list[dict[str, Any]]:
    exercise = load_course(ROOT).exercise("training")
    curves = Curves(exercise)
    curves.begin_sandbox()
    for each, losses in answers:
        curves.begin_check(each)
        curves.hear(each.questions[0], answer(losses))
    return curves.entries()


def test_a_curve_is_set_beside_the_reference() -> None:
    (entry,) = heard((recording(False, 3), [4.0, 5.0]))
    assert entry == {
        "title": "Loss over the epochs",
        "function": "train",
        "hidden": False,
        "got": [4.0, 5.0],
        "expected": [1.0, 1.0, 1.0],
    }
    assert Curve.read(entry) == Curve(entry["title"], "train", (4.0, 5.0), (1.0,) * 3, hidden=False)


def test_the_curve_of_a_hidden_check_is_hidden() -> None:
    (entry,) = heard((recording(True, 3), [1.0]))
    assert entry["hidden"] is True


def test_a_curve_is_hidden_where_a_hidden_check_was_put_before() -> None:
    """The student's code may have kept what it saw, and draw it."""
    another, public = recording(True, 3, "evaluate"), recording(False, 3)
    another.curve = None
    (entry,) = heard((another, [1.0]), (public, [1.0]))
    assert entry["hidden"] is True


def test_a_check_that_is_put_again_has_its_last_curve() -> None:
    public = recording(False, 3)
    assert [entry["got"] for entry in heard((public, [1.0]), (public, [2.0]))] == [[2.0]]
    assert heard((public, [1.0]), (public, "none")) == []


def test_a_curve_whose_origin_is_not_known_is_hidden() -> None:
    assert Curve.read({"title": "", "function": "", "got": [1.0], "expected": [1.0]}).hidden


# what the probes observe of it


def test_each_probe_that_trains_shows_its_losses() -> None:
    training, line = solution("training"), solution("linear_regression")
    x = torch.tensor([[1.0], [2.0]])
    zero = torch.tensor([0.0])
    run = "perceptron", x.double(), x.double(), {"name": "SGD", "lr": 0.05}
    asked: dict[str, tuple[Any, tuple[Any, ...], dict[str, Any]]] = {
        "run_train": (training.train, run, {"epochs": 4}),
        "epoch_losses": (training.train, run, {"epochs": 4}),
        "run_fit": (line.fit, (x, x.squeeze(1), zero, zero, 0.1, 4), {}),
        "descent": (line.fit, (x, x.squeeze(1), zero, zero, 0.1, 4), {}),
        "run_fit_module": (line.fit_module, (x[:1], zero, x, 2 * x, 0.01, 4), {}),
        "module_descent": (line.fit_module, (x[:1], zero, x, 2 * x, 0.01, 4), {}),
    }
    for probe, (function, args, kwargs) in asked.items():
        assert probe in PROBES
        observation = run_probe(probe, function, "cpu", args, kwargs)
        assert len(numbers(probe, {"observation": observation})) == 4, probe


# from the engine


def curve_of(engine: Engine, function: str, files: dict[str, bytes]) -> Curve | None:
    """The curve of a function, whose checks alone are put."""
    exercise = "training" if function == "train" else "linear_regression"
    (graded,) = engine.examine(files, [exercise], functions=[function], smaller=False)
    json.dumps(graded, allow_nan=False)
    curves = ExerciseGrade.read(graded).curves
    assert [curve.function for curve in curves] in ([], [function])
    return curves[0] if curves else None


@pytest.mark.parametrize(("function", "steps"), [("train", 8), ("fit", 100)])
def test_a_solutions_curve_is_the_references(
    engine: Engine, solutions: dict[str, bytes], function: str, steps: int
) -> None:
    curve = curve_of(engine, function, solutions)
    assert curve is not None and not curve.hidden
    assert curve.got == curve.expected
    assert len(curve.expected) == steps and curve.expected[-1] < curve.expected[0]


def test_a_wrong_trainings_curve_differs(engine: Engine, solutions: dict[str, bytes]) -> None:
    source = solutions["training.py"]
    assert CLEARED in source
    wrong = source.replace(CLEARED, CLEARED.partition(b"\n")[2], 1)
    curve = curve_of(engine, "train", {"training.py": wrong})
    assert curve is not None and curve.expected[-1] < curve.expected[0]
    assert len(curve.got) == 8 and curve.got != curve.expected


def test_what_a_hostile_training_returns_is_bounded(engine: Engine) -> None:
    """How anything else is read is tried above; here it comes all the way."""
    source = b"def train(*args, **kwargs):\n    return [3.0] * 10**6\n"
    curve = curve_of(engine, "train", {"training.py": source})
    assert curve is not None and curve.got == (3.0,) * MOST_STEPS
