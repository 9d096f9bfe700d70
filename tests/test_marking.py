"""In which manner a submission can be examined."""

from __future__ import annotations

from collections.abc import Mapping

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


SUMMED = b"""

def l1_loss(input, target, reduction="mean"):
    return (input - target).abs().sum()


def mse_loss(input, target, reduction="mean"):
    return ((input - target) ** 2).mean()
"""


def told(engine: Engine, solutions: Files, **manner: object) -> list[dict[str, object]]:
    """What is said of losses that leave the reduction alone, but for how long it took."""
    (grade,) = engine.examine({"losses.py": solutions["losses.py"] + SUMMED}, ["losses"], **manner)
    return [{**check, "seconds": 0.0} for check in grade["checks"]]


def test_the_same_work_is_told_the_same_whoever_came_before(
    engine: Engine, solutions: Files
) -> None:
    """What known mistakes answer was found out by the first, and is read by the others."""
    first = told(engine, solutions)
    assert any(check["misconception"] for check in first)
    checks(engine, solutions)
    assert told(engine, solutions) == first


def test_a_hint_does_not_depend_on_the_smaller_counterexamples_that_are_looked_for(
    engine: Engine, solutions: Files
) -> None:
    with_smaller, without = told(engine, solutions), told(engine, solutions, smaller=False)
    for one, other in zip(with_smaller, without, strict=True):
        assert one | {"message": ""} == other | {"message": ""}
