"""What a misconception is: declared beside its hint, found by exercise, made into a submission."""

import ast
import sys
from collections import Counter
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import grader.misconceptions
from grader.misconceptions import Misconception, misconception, misconceptions_of, wrong_source

EXERCISES = ["losses", "convnets", "optimizers", "training"]
SOLUTIONS = Path(__file__).parents[1] / "solutions"
ALL = [(exercise, known) for exercise in EXERCISES for known in misconceptions_of(exercise)]
STAND_IN = "def other():\n    return 'as it was'\n"

MODULE = '''
"""A module of misconceptions."""
import math as m
import os.path
from decimal import Decimal, Context

from grader.misconceptions import misconception

HINT = "Think again."
FACTOR = Decimal(2)
unused = os.path

def keep(function):
    function.kept = True
    return function

@keep
def helper(x):
    return FACTOR * x

@misconception(of="double", hint=HINT)
def doubled_decimal(x: int) -> Decimal:
    """Right but for the type."""
    return helper(x) + Decimal(m.floor(0.5))

@misconception(of="Counter", hint=HINT)
class CountsBackwards:
    def next(self, n):
        return n - self.step
    step = 1

@misconception(of="double", hint=HINT)
def doubled_twice(x):
    return 4 * x
'''


def run(source: str) -> dict[str, Any]:
    namespace: dict[str, Any] = {"__name__": "submission"}
    exec(compile(source, "submission.py", "exec"), namespace)
    return namespace


@pytest.fixture
def declaring() -> Any:
    """A module to declare misconceptions in."""
    module = ModuleType("declaring")
    sys.modules["declaring"] = module
    yield module
    del sys.modules["declaring"]


def declare(module: ModuleType, source: str) -> None:
    exec("from grader.misconceptions import misconception\n" + source, vars(module))


def test_a_declaration_is_recorded_and_returns_the_definition(declaring: ModuleType) -> None:
    declare(
        declaring,
        "@misconception(of='f', hint=' Do so. ', needs_gpu=True)\ndef wrong(x): return x\n"
        "@misconception(of='C', hint='Do so.')\nclass Wrong: pass\n",
    )
    assert declaring.MISCONCEPTIONS == [
        Misconception("wrong", "f", "Do so.", declaring.wrong, needs_gpu=True),
        Misconception("Wrong", "C", "Do so.", declaring.Wrong),
    ]
    assert declaring.wrong(3) == 3


@pytest.mark.parametrize(("of", "hint"), [("", "a hint"), ("two words", "a hint"), ("f", "  ")])
def test_a_declaration_without_name_or_hint_is_refused(of: str, hint: str) -> None:
    with pytest.raises(ValueError, match=r"function|hint"):
        misconception(of=of, hint=hint)


def test_only_a_function_or_a_class_is_a_misconception() -> None:
    with pytest.raises(ValueError, match="a function or a class"):
        misconception(of="f", hint="Do so.")(3)


def test_two_misconceptions_of_one_name_are_refused(declaring: ModuleType) -> None:
    twice = "@misconception(of='f', hint='Do so.')\ndef wrong(): pass\n" * 2
    with pytest.raises(ValueError, match="two misconceptions named wrong"):
        declare(declaring, twice)


def test_an_exercise_without_a_module_has_no_misconceptions() -> None:
    assert misconceptions_of("unheard_of") == []
    with pytest.raises(ValueError, match="not the name of an exercise"):
        misconceptions_of("../losses")


def test_a_broken_import_in_a_module_is_not_taken_for_a_missing_module(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken_exercise.py").write_text("import a_package_that_is_not_there\n")
    paths = [*grader.misconceptions.__path__, str(tmp_path)]
    monkeypatch.setattr(grader.misconceptions, "__path__", paths)
    with pytest.raises(ModuleNotFoundError, match="a_package_that_is_not_there"):
        misconceptions_of("broken_exercise")


def test_a_wrong_source_brings_what_the_definition_uses_and_no_more() -> None:
    source = wrong_source(STAND_IN, MODULE, "doubled_decimal", "double")
    namespace = run(source)
    assert namespace["double"](4) == 8
    assert type(namespace["double"](4)).__name__ == "Decimal"
    assert namespace["helper"].kept
    assert namespace["other"]() == "as it was"
    assert "grader" not in source and "misconception" not in source and "HINT" not in source
    assert not {"os", "Context", "unused", "doubled_twice"} & set(namespace)


def test_a_wrong_source_of_a_class_names_the_class() -> None:
    namespace = run(wrong_source(STAND_IN, MODULE, "CountsBackwards", "Counter"))
    assert namespace["Counter"]().next(3) == 2


def test_a_wrong_source_replaces_the_function_of_the_solution() -> None:
    solution = "from __future__ import annotations\n\ndef double(x: Unknown):\n    return 2 * x\n"
    assert run(wrong_source(solution, MODULE, "doubled_twice", "double"))["double"](3) == 12


def test_a_definition_that_is_not_there_is_an_error() -> None:
    with pytest.raises(ValueError, match="no nowhere"):
        wrong_source(STAND_IN, MODULE, "nowhere", "double")


def test_a_helper_that_would_change_the_solution_is_an_error() -> None:
    with pytest.raises(ValueError, match="both define helper"):
        wrong_source("def helper(x):\n    return x\n", MODULE, "doubled_decimal", "double")


@pytest.mark.parametrize("exercise", EXERCISES)
def test_names_are_unique_and_hints_are_short_sentences(exercise: str) -> None:
    found = misconceptions_of(exercise)
    assert max(Counter(known.name for known in found).values()) == 1
    for known in found:
        assert known.hint[0].isupper() and known.hint.endswith("."), known.name
        sentences = known.hint.count(". ") + 1
        assert sentences <= 2, known.name
        assert 20 <= len(known.hint) <= 170, (known.name, len(known.hint))
        assert "`" not in known.hint.replace("`model`", ""), known.name


@pytest.mark.parametrize(("exercise", "known"), ALL, ids=[known.name for _, known in ALL])
def test_every_misconception_makes_a_submission(exercise: str, known: Misconception) -> None:
    path = SOLUTIONS / f"{exercise}.py"
    solution = path.read_text(encoding="utf-8") if path.is_file() else STAND_IN
    source = wrong_source(solution, known.module_source, known.name, known.function)
    imported = {
        name.split(".")[0]
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([alias.name for alias in node.names] + [getattr(node, "module", None) or ""])
    }
    assert "grader" not in imported
    namespace = run(source)
    assert namespace[known.function].__name__ == known.name
    assert source.count("misconception") == solution.count("misconception")


@pytest.mark.parametrize("exercise", EXERCISES)
def test_every_misconception_is_of_a_function_of_the_solution(exercise: str) -> None:
    path = SOLUTIONS / f"{exercise}.py"
    if not path.is_file():
        pytest.skip("there is no solution yet")
    public = {
        node.name
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
    }
    known = {known.function for known in misconceptions_of(exercise)}
    assert known <= public
