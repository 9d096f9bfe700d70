"""What can be prepared counts for a function that works: examples, constants, refusals.

tests/test_predictable.py says what can be.
"""

from __future__ import annotations

from grader.examiner.engine import Engine


def test_a_function_that_always_refuses_earns_nothing(
    engine: Engine, solutions: dict[str, bytes]
) -> None:
    refusing = b"\n\ndef l1_loss(input, target, reduction='mean'):\n    raise ValueError('no')\n"
    files = {"losses.py": solutions["losses.py"] + refusing}
    (grade,) = engine.examine(files, ["losses"])
    mine = [check for check in grade["checks"] if check["function"] == "l1_loss"]
    assert {check["outcome"] for check in mine} == {"failed", "error"}
    said = [check["message"] for check in mine if "refuses" in check["id"]]
    assert said and all("counts once l1_loss works" in message for message in said)


def test_examples_known_by_heart_earn_nothing(engine: Engine, solutions: dict[str, bytes]) -> None:
    by_heart = b"""

def l1_loss(input, target, reduction='mean'):
    return {'mean': torch.tensor(2 / 3), 'sum': torch.tensor(2.0)}.get(
        reduction, torch.tensor([0.0, 0.0, 2.0])
    )
"""
    (grade,) = engine.examine({"losses.py": solutions["losses.py"] + by_heart}, ["losses"])
    mine = [check for check in grade["checks"] if check["function"] == "l1_loss"]
    assert any("counts once" in str(check["message"]) for check in mine)
    assert sum(check["points"] for check in mine) == 0


def test_a_function_that_is_right_for_some_keeps_what_it_passes(
    engine: Engine, solutions: dict[str, bytes]
) -> None:
    only_mean = b"\n\ndef l1_loss(input, target, reduction='mean'):\n"
    only_mean += (
        b"    if input.shape != target.shape or reduction not in ('mean', 'sum', 'none'):\n"
    )
    only_mean += b"        raise ValueError('shapes or reduction')\n"
    only_mean += b"    return (input - target).abs().mean()\n"
    (grade,) = engine.examine({"losses.py": solutions["losses.py"] + only_mean}, ["losses"])
    mine = [check for check in grade["checks"] if check["function"] == "l1_loss"]
    passed = {check["id"] for check in mine if check["outcome"] == "passed"}
    assert any("refuses" in name for name in passed)
    assert not any("counts once" in str(check["message"]) for check in mine)


def of_function(
    engine: Engine, solutions: dict[str, bytes], function: str, source: str, **manner: object
) -> dict[str, dict[str, object]]:
    """The checks of one function of losses or linear_regression, by name, with this source."""
    exercise = "losses" if function.endswith("loss") else "linear_regression"
    files = {f"{exercise}.py": solutions[f"{exercise}.py"] + source.encode()}
    (grade,) = engine.examine(files, [exercise], **manner)
    mine = (check for check in grade["checks"] if check["function"] == function)
    return {check["id"].split("/")[1]: check for check in mine}


def test_refusals_before_what_is_still_to_be_written_earn_nothing(
    engine: Engine, solutions: dict[str, bytes]
) -> None:
    unwritten = """

def l1_loss(input, target, reduction="mean"):
    if input.shape != target.shape or reduction not in ("mean", "sum", "none"):
        raise ValueError("checked already")
    raise NotImplementedError("TODO: the rest")
"""
    found = of_function(engine, solutions, "l1_loss", unwritten)
    assert {c["outcome"] for name, c in found.items() if "refuses" not in name} == {"todo"}
    assert {c["outcome"] for name, c in found.items() if "refuses" in name} == {"failed"}


def test_hidden_checks_alone_decide_alike(engine: Engine, solutions: dict[str, bytes]) -> None:
    refusing = "\n\ndef l1_loss(input, target, reduction='mean'):\n    raise ValueError('no')\n"
    every = of_function(engine, solutions, "l1_loss", refusing)
    hidden = of_function(engine, solutions, "l1_loss", refusing, hidden_only=True)
    assert {name: check["outcome"] for name, check in hidden.items()} == {
        name: check["outcome"] for name, check in every.items() if check["hidden"]
    }


def test_to_leave_no_gradients_counts_for_a_step_that_is_one(
    engine: Engine, solutions: dict[str, bytes]
) -> None:
    still = """

def gradient_step(w, b, learning_rate):
    if learning_rate < 0:
        raise ValueError("uphill")
    w.grad = b.grad = None
"""
    found = of_function(engine, solutions, "gradient_step", still)
    hidden = {name: check["outcome"] for name, check in found.items() if check["hidden"]}
    assert set(hidden.values()) == {"failed"}
    cleared = found["test_gradient_step_clears_both_gradients"]
    assert "counts once gradient_step works" in str(cleared["message"])


def test_what_is_asked_of_chosen_inputs_does_not_tell_that_a_function_works(
    engine: Engine, solutions: dict[str, bytes]
) -> None:
    """Eight of nine models are the same in every run; the ninth has sizes that are drawn."""
    by_heart = b"""

def count_parameters(model):
    return {
        1: 16, 3: 10
    }.get(len(list(model.modules())), 0)
"""
    (grade,) = engine.examine({"convnets.py": solutions["convnets.py"] + by_heart}, ["convnets"])
    mine = [check for check in grade["checks"] if check["function"] == "count_parameters"]
    assert [check["points"] for check in mine] == [0, 0]
