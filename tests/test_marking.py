"""In which manner a submission can be examined."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from grader.examiner.engine import Engine

Files = Mapping[str, bytes]
WRONG_TWICE = b"""

def l1_loss(input, target, reduction="mean"):
    return mse_loss(input, target, reduction)


def nll_loss(input, target, weight=None, ignore_index=-100, reduction="mean"):
    return input.sum()
"""


def checks(engine: Engine, solutions: Files, **manner: object) -> list[dict[str, object]]:
    files = {"losses.py": solutions["losses.py"] + WRONG_TWICE}
    (grade,) = engine.examine(files, ["losses"], **manner)
    found: list[dict[str, object]] = grade["checks"]
    return found


def test_hidden_only_leaves_the_public_checks_out(engine: Engine, solutions: Files) -> None:
    every, hidden = checks(engine, solutions), checks(engine, solutions, hidden_only=True)
    assert [check["id"] for check in hidden] == [c["id"] for c in every if c["hidden"]]
    assert {check["id"]: check["outcome"] for check in every}.items() >= {
        check["id"]: check["outcome"] for check in hidden
    }.items()


def test_quick_ends_at_the_first_check_that_is_not_passed(engine: Engine, solutions: Files) -> None:
    every, quick = checks(engine, solutions), checks(engine, solutions, quick=True)
    failed = [check["outcome"] != "passed" for check in every]
    assert len(quick) == failed.index(True) + 1
    assert [check["outcome"] for check in quick[:-1]] == ["passed"] * (len(quick) - 1)
    assert quick[-1]["outcome"] != "passed"
    assert quick[-1]["hint"] is None


def test_first_puts_the_checks_of_one_function_before_the_others(
    engine: Engine, solutions: Files
) -> None:
    found = checks(engine, solutions, first="nll_loss")
    about = [check["function"] for check in found]
    assert about[: about.count("nll_loss")] == ["nll_loss"] * about.count("nll_loss")
    (only,) = checks(engine, solutions, first="nll_loss", quick=True)
    assert only["function"] == "nll_loss"


# what holds of any function counts only for one that works

RAISES = """

def {function}(*args, **kwargs):
    raise ValueError("whatever it is")
"""
ONE_RIGHT = """

def l1_loss(input, target, reduction="mean"):
    if input.shape != target.shape:
        raise ValueError("shapes differ")
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(reduction)
    if input.requires_grad or input.dim() > 3 or input.dtype != target.dtype:
        return input.sum() * 0
    loss = (input - target).abs()
    return loss if reduction == "none" else loss.mean() if reduction == "mean" else loss.sum()
"""
UNWRITTEN = """

def l1_loss(input, target, reduction="mean"):
    if input.shape != target.shape or reduction not in ("mean", "sum", "none"):
        raise ValueError("checked already")
    raise NotImplementedError("TODO: the rest")
"""


def of_function(
    engine: Engine, solutions: Files, exercise: str, function: str, more: str, **manner: object
) -> dict[str, dict[str, object]]:
    """The checks of one function, by name, where `more` follows the solution."""
    files = {f"{exercise}.py": solutions[f"{exercise}.py"] + more.encode()}
    (grade,) = engine.examine(files, [exercise], **manner)
    return {
        check["id"].split("/")[1]: check
        for check in grade["checks"]
        if check["function"] == function
    }


@pytest.mark.parametrize(
    ("exercise", "function"),
    [("losses", "l1_loss"), ("losses", "mse_loss"), ("backprop", "relu_backward")],
)
def test_to_raise_whatever_comes_earns_nothing(
    engine: Engine, solutions: Files, exercise: str, function: str
) -> None:
    source = RAISES.format(function=function)
    found = of_function(engine, solutions, exercise, function, source)
    assert {check["outcome"] for check in found.values()} == {"failed", "error"}
    (said,) = {c["message"] for name, c in found.items() if c["hidden"] and "refuses" in name}
    assert said == (
        "it raises as it should, but it must also work: none of the hidden checks of "
        f"{function} that ask for values is passed yet"
    )


def test_refusals_count_beside_one_value_that_is_right(engine: Engine, solutions: Files) -> None:
    found = of_function(engine, solutions, "losses", "l1_loss", ONE_RIGHT)
    passed = {name for name, check in found.items() if check["outcome"] == "passed"}
    assert passed == {
        "test_l1_loss_is_torchs",
        "test_l1_loss_matches_torch",
        "test_l1_loss_refuses_unequal_shapes",
        "test_l1_loss_refuses_unknown_reductions",
    }


def test_refusals_of_a_function_that_is_still_to_be_written_earn_nothing(
    engine: Engine, solutions: Files
) -> None:
    found = of_function(engine, solutions, "losses", "l1_loss", UNWRITTEN)
    assert {c["outcome"] for name, c in found.items() if "refuses" not in name} == {"todo"}
    assert {c["outcome"] for name, c in found.items() if "refuses" in name} == {"failed"}


def test_hidden_checks_alone_decide_alike_about_refusals(engine: Engine, solutions: Files) -> None:
    more = RAISES.format(function="l1_loss")
    every = of_function(engine, solutions, "losses", "l1_loss", more)
    hidden = of_function(engine, solutions, "losses", "l1_loss", more, hidden_only=True)
    assert {name: check["outcome"] for name, check in hidden.items()} == {
        name: check["outcome"] for name, check in every.items() if check["hidden"]
    }


def test_to_leave_no_gradients_counts_for_a_step_that_is_one(
    engine: Engine, solutions: Files
) -> None:
    still = """

def gradient_step(w, b, learning_rate):
    if learning_rate < 0:
        raise ValueError("uphill")
    w.grad = b.grad = None
"""
    found = of_function(engine, solutions, "linear_regression", "gradient_step", still)
    hidden = {name: check["outcome"] for name, check in found.items() if check["hidden"]}
    assert set(hidden.values()) == {"failed"}
    cleared = found["test_gradient_step_clears_both_gradients"]
    assert str(cleared["message"]).startswith("this is as it should be, but it must also work")
