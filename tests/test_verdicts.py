"""What the engine says of whole submissions: right, unwritten, torch's own, and each wrong one."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

import pytest
from torch_itself import TORCH_ITSELF

from grader.course import Course
from grader.examiner.engine import Engine
from grader.misconceptions import Misconception, misconceptions_of, wrong_source

Files = Mapping[str, bytes]
EXERCISES = ("convnets", "losses", "optimizers", "training")
WRONG = [
    pytest.param(exercise, known, id=f"{exercise}-{known.name}")
    for exercise in EXERCISES
    for known in misconceptions_of(exercise)
    if not known.needs_gpu
]


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


def test_torch_itself_behind_argument_checks_earns_every_point(engine: Engine) -> None:
    grades = engine.examine(TORCH_ITSELF, without_rules=True)
    assert [(c["id"], c["message"]) for c in lost(grades)] == []
    assert sum(grade["points"] for grade in grades) == 100


def test_torch_itself_is_forbidden_where_it_is_to_be_written(
    engine: Engine, course: Course
) -> None:
    grades = engine.examine(TORCH_ITSELF)
    forbidden = {c["function"] for c in lost(grades) if c["outcome"] == "forbidden"}
    asked = {name for exercise in course.exercises for name in exercise.forbidden}
    assert forbidden == asked
    assert {c["function"] for c in lost(grades)} == asked


def callers(solution: bytes, function: str) -> set[str]:
    """The functions of the solution that call `function`: a mistake in it is theirs too."""
    tree = ast.parse(solution)
    names = {function}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            used = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
            names |= {node.name} if function in used else set()
    return names


@pytest.mark.parametrize(("exercise", "known"), WRONG)
def test_a_wrong_implementation_loses_points_in_its_own_function_alone(
    engine: Engine, solutions: Files, exercise: str, known: Misconception
) -> None:
    file = f"{exercise}.py"
    source = wrong_source(solutions[file].decode(), known.module_source, known.name, known.function)
    grades = engine.examine({**solutions, file: source.encode()}, [exercise])
    checks = lost(grades)
    assert any(c["hidden"] for c in checks), "the hidden checks alone must tell"
    assert {c["function"] for c in checks} <= callers(solutions[file], known.function)
    assert known.function in {c["function"] for c in checks}
    assert all(c["message"] for c in checks)
