"""What the engine says of whole submissions: right, unwritten, and torch's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from grader.course import Course
from grader.examiner.engine import Engine

Files = Mapping[str, bytes]


@pytest.fixture(scope="module")
def torch_itself(course: Course) -> dict[str, bytes]:
    """A submission that only checks its arguments and calls torch's own."""
    return {
        exercise.file_name: (course.hidden_checks / f"torch_{exercise.file_name}").read_bytes()
        for exercise in course.exercises
    }


def lost(grades: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [c for grade in grades for c in grade["checks"] if c["outcome"] != "passed"]


def test_the_solutions_earn_every_point(engine: Engine, solutions: Files) -> None:
    grades = engine.examine(solutions)
    assert lost(grades) == []
    assert sum(grade["points"] for grade in grades) == 100
    assert {grade["status"] for grade in grades} == {"passed"}


def test_the_untouched_stubs_earn_nothing_and_every_check_is_todo(
    engine: Engine, stubs: Files
) -> None:
    grades = engine.examine(stubs)
    assert sum(grade["points"] for grade in grades) == 0
    assert {check["outcome"] for grade in grades for check in grade["checks"]} == {"todo"}
    assert {grade["status"] for grade in grades} == {"todo"}


def test_torch_itself_behind_argument_checks_earns_every_point(
    engine: Engine, torch_itself: Files
) -> None:
    grades = engine.examine(torch_itself, without_rules=True)
    assert [(c["id"], c["message"]) for c in lost(grades)] == []
    assert sum(grade["points"] for grade in grades) == 100


def test_torch_itself_is_forbidden_where_it_is_to_be_written(
    engine: Engine, course: Course, torch_itself: Files
) -> None:
    grades = engine.examine(torch_itself)
    forbidden = {c["function"] for c in lost(grades) if c["outcome"] == "forbidden"}
    asked = {name for exercise in course.exercises for name in exercise.forbidden}
    assert forbidden == asked
    assert {c["function"] for c in lost(grades)} == asked


# what a function needs is still to be written

_CALLED_OR_SWALLOWED = {
    ("training.py", "train"): "    return [train_step(model, None, None, loss_fn, optimizer)]",
    ("training.py", "evaluate"): """    try:
        return train_step(model, None, None, loss_fn, None), 1.0
    except NotImplementedError:
        return 0.0, 0.0""",
    ("training.py", "batch_losses"): """    try:
        return [train_step(model, None, None, loss_fn, None)]
    except Exception:
        raise ValueError("no losses") from None""",
    ("backprop.py", "relu_backward"): "    from layers import relu\n    return relu(x)",
    ("losses.py", "mse_loss"): '    raise NotImplementedError(f"{reduction} is not for me")',
    ("optimizers.py", "SGD.__init__"): "        super().__init__(params)",
}


def test_a_function_that_needs_an_unwritten_one_is_told_which_and_where(
    engine: Engine, stubs: Files
) -> None:
    files = {name: source.decode() for name, source in stubs.items()}
    for (file, function), body in _CALLED_OR_SWALLOWED.items():
        line = f'raise NotImplementedError("TODO: {function}")'
        (stub,) = [one for one in files[file].splitlines() if one.strip() == line]
        files[file] = files[file].replace(stub, body)
    files["data.py"] += "\nCHOSEN = label_from_filename('cat.1.jpg')\n"
    grades = engine.examine({name: text.encode() for name, text in files.items()})
    told: dict[str, set[tuple[str, str]]] = {}
    for check in (check for grade in grades for check in grade["checks"]):
        told.setdefault(check["function"], set()).add(
            (check["outcome"], str(check["message"]).partition("\n")[0])
        )

    def line_of(file: str, text: str) -> int:
        return files[file].splitlines().index(text) + 1

    step = "needs train_step, which is still to write (training.py:{})".format(
        line_of("training.py", "def train_step(")
    )
    relu = line_of("layers.py", "def relu(x: torch.Tensor) -> torch.Tensor:")
    for function in ("train", "evaluate", "batch_losses"):
        # A check that an idle function passes does not count, and says that by itself.
        idle = {(outcome, said) for outcome, said in told[function] if "counts once" in said}
        assert told[function] - idle == {("todo", f"{function} {step}")}
    assert told["relu_backward"] == {
        ("todo", f"relu_backward needs relu, which is still to write (layers.py:{relu})")
    }
    ((outcome, message),) = told["SGD"]
    assert outcome == "todo"
    assert message.startswith("SGD needs Optimizer.__init__, which is still to write (optimizers")
    assert {outcome for outcome, _ in told["mse_loss"]} == {"error", "failed"}
    needed = "data.py could not be imported: it calls label_from_filename, which is still to write"
    for function in ("label_from_filename", "cifar_loader"):
        ((outcome, message),) = told[function]
        assert outcome == "todo" and message.startswith(needed)
    assert sum(grade["points"] for grade in grades) == 0
