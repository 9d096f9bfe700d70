"""Right solutions in many styles: none may lose a point, however it is written.

Each file below `variants/EXERCISE/` defines one or more functions of the exercise; the others are
the solution's, which the submission begins with.
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pytest
from conftest import ROOT

from grader.course import Course
from grader.examiner.engine import Engine

VARIANTS = Path(__file__).parent / "variants"
FILES = sorted(VARIANTS.glob("*/*.py"))
AT_LEAST = 60
FUTURE = "from __future__ import annotations\n"  # it may only begin a file: the solution's does

of_each_file = pytest.mark.parametrize(
    "file", FILES, ids=[f"{file.parent.name}-{file.stem}" for file in FILES]
)


def own_source(file: Path) -> str:
    return file.read_text("utf-8").replace(FUTURE, "", 1)


def submission_with(file: Path) -> bytes:
    """The solution, followed by the variant."""
    solution = (ROOT / "solutions" / f"{file.parent.name}.py").read_text("utf-8")
    return f"{solution}\n\n{own_source(file)}".encode()


def test_there_are_many_variants(course: Course) -> None:
    assert len(FILES) >= AT_LEAST
    assert {file.parent.name for file in FILES} <= set(course.names)


@of_each_file
def test_a_variant_defines_functions_of_the_exercise_and_redefines_nothing_else(
    file: Path, course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    exercise = course.exercise(file.parent.name)
    module = ModuleType("variant")
    monkeypatch.setitem(sys.modules, module.__name__, module)  # dataclasses look there
    exec((course.solutions / exercise.file_name).read_text("utf-8"), module.__dict__)
    solved = dict(module.__dict__)
    exec(compile(own_source(file), str(file), "exec"), module.__dict__)
    style = module.__dict__.pop("__doc__")
    changed = {name for name, value in vars(module).items() if solved.get(name) is not value}
    replaced = changed & solved.keys()
    assert replaced
    assert replaced <= set(exercise.functions)
    assert style and style.strip().count("\n") == 0, "its docstring names the style in one line"


@pytest.mark.engine
@of_each_file
def test_a_variant_loses_no_point(
    file: Path, engine: Engine, course: Course, solutions: dict[str, bytes]
) -> None:
    exercise = course.exercise(file.parent.name)
    files = {**solutions, exercise.file_name: submission_with(file)}
    (grade,) = engine.examine(files, [exercise.name])
    lost = [(c["id"], c["message"]) for c in grade["checks"] if c["outcome"] != "passed"]
    assert lost == [], "\n\n".join("\n".join(pair) for pair in lost)
    assert grade["points"] == exercise.points
