"""Stubs: how they are made, and that the course's own say what its solutions say."""

from __future__ import annotations

import ast
import doctest
import importlib.util
import inspect
import os
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent
from types import ModuleType
from typing import Any

import pytest

from grader.stubs import BEGIN, END, StubError, main, stale_stubs, stub_of, write_stubs

COURSE = Path(__file__).parent.parent
SOLUTIONS = sorted((COURSE / "solutions").glob("[!_]*.py"))
EXERCISES = tomllib.loads((COURSE / "course.toml").read_text(encoding="utf-8"))["exercises"]
ASKED = [(entry["name"], function) for entry in EXERCISES for function in entry["functions"]]

SOURCE = f'''\
"""Doubles."""

import math


{BEGIN}
def helper(x):
    return 2 * x


{END}


def double(x):
    """Twice x."""
    {BEGIN}
    # twice
    if x:
        return helper(x)

    return 0
    {END}


class Doubler:
    """Doubles and counts."""

    def __init__(self):
        """Begin at 0."""
        {BEGIN}
        self.count = 0
        {END}

    {BEGIN}
    def _count(self):
        self.count += 1

    {END}

    def __call__(self, x):
        """Twice x."""

        {BEGIN}
        def twice():
            return 2 * x

        self._count()
        return twice()
        {END}
'''

STUB = '''\
"""Doubles."""

import math


def double(x):
    """Twice x."""
    raise NotImplementedError("TODO: double")


class Doubler:
    """Doubles and counts."""

    def __init__(self):
        """Begin at 0."""
        raise NotImplementedError("TODO: Doubler.__init__")

    def __call__(self, x):
        """Twice x."""
        raise NotImplementedError("TODO: Doubler.__call__")
'''


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"{path.parent.name}_{path.stem}", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def refusal(source: str) -> str:
    with pytest.raises(StubError) as caught:
        stub_of(dedent(source))
    return str(caught.value)


def write_solution(course: Path, name: str, source: str = SOURCE) -> None:
    (course / "solutions").mkdir(exist_ok=True)
    (course / "solutions" / name).write_text(source, encoding="utf-8")


def test_bodies_become_todos_and_marked_helpers_vanish() -> None:
    assert stub_of(SOURCE) == STUB


def test_a_source_without_markers_is_its_own_stub() -> None:
    assert stub_of(STUB) == STUB


def test_a_block_at_the_end_of_the_file_leaves_no_blank_lines() -> None:
    source = f"given = 1\n\n\n{BEGIN}\ndef helper():\n    return 1\n\n\n{END}\n"
    assert stub_of(source) == "given = 1\n"


def test_a_block_at_the_start_of_the_file_leaves_no_blank_lines() -> None:
    assert stub_of(f"{BEGIN}\nhidden = 1\n{END}\n\ngiven = 2\n") == "given = 2\n"


def test_given_lines_around_a_block_stay() -> None:
    source = f"def f(x):\n    y = x + 1\n    {BEGIN}\n    y *= 2\n    {END}\n    return y\n"
    todo = 'raise NotImplementedError("TODO: f")'
    assert stub_of(source) == f"def f(x):\n    y = x + 1\n    {todo}\n    return y\n"


def test_a_block_in_a_nested_function_carries_the_whole_name() -> None:
    source = f"def f():\n    async def g():\n        {BEGIN}\n        return 1\n        {END}\n"
    assert 'NotImplementedError("TODO: f.g")' in stub_of(source)


def test_markers_in_strings_and_decorated_helpers_are_understood() -> None:
    source = f'text = """\n{BEGIN}\n"""\n{BEGIN}\n@decorator\ndef f():\n    pass\n{END}\n'
    assert stub_of(source) == f'text = """\n{BEGIN}\n"""\n'


@pytest.mark.parametrize(
    ("source", "line", "advice"),
    [
        (f"x = 1\n{BEGIN}\ny = 2\n", 2, "add it below"),
        (f"x = 1\ny = 2\n{END}\n", 3, "add it above"),
        (f"{BEGIN}\nx = 1\n{BEGIN}\ny = 2\n{END}\n{END}\n", 3, "begins on line 1: end that one"),
        (
            f"def f():\n    {BEGIN}\n    # nothing\n\n    {END}\n    return 1\n",
            2,
            "nothing is marked",
        ),
        ("def f():\n    # BEGIN SOLUTION\n    return 1\n", 2, "is not quite a marker"),
        ("def f():\n    ### Begin solution\n    return 1\n", 2, "is not quite a marker"),
        (f"x = 1\ny = 2  {BEGIN}\nz = 3\n{END}\n", 2, "on a line of its own"),
        (f"def f():\n{BEGIN}\n    return 1\n{END}\n", 2, "indent both markers like them"),
        (f"{BEGIN}\ndef f():\n    return 1\n    {END}\n", 1, "indent both markers like them"),
        (f"def f():\n    {BEGIN}\n    x = 1\ndef g():\n    y = 1\n    {END}\n", 2, "one body"),
        (f"{BEGIN}\nx = (\n    1,\n{END}\n)\n", 1, "whole statements"),
        (f"if True:\n    {BEGIN}\n    x = 1\n    {END}\n", 1, "mark whole functions"),
        ("x = 1\ny = = 2\n", 2, "is not valid Python"),
    ],
)
def test_what_cannot_be_made_a_stub_is_refused_with_line_and_advice(
    source: str, line: int, advice: str
) -> None:
    message = refusal(source)
    assert message.startswith(f"line {line}: ")
    assert advice in message


def test_write_stubs_writes_one_file_for_each_solution(tmp_path: Path) -> None:
    write_solution(tmp_path, "second.py")
    write_solution(tmp_path, "first.py", "x = 1\n")
    write_solution(tmp_path, "__init__.py", "")
    exercises = tmp_path / "exercises"
    written = write_stubs(tmp_path / "solutions", exercises)
    assert written == [exercises / "first.py", exercises / "second.py"]
    assert sorted(os.listdir(exercises)) == ["first.py", "second.py"]
    assert (exercises / "second.py").read_text(encoding="utf-8") == STUB


def test_a_refused_solution_is_named_and_nothing_is_written(tmp_path: Path) -> None:
    write_solution(tmp_path, "fine.py")
    write_solution(tmp_path, "wrong.py", f"x = 1\n{END}\n")
    with pytest.raises(StubError, match=r"wrong\.py: line 2: "):
        write_stubs(tmp_path / "solutions", tmp_path / "exercises")
    assert not (tmp_path / "exercises").exists()


def test_missing_and_edited_stubs_are_stale(tmp_path: Path) -> None:
    folders = tmp_path / "solutions", tmp_path / "exercises"
    for name in ("edited.py", "kept.py", "missing.py"):
        write_solution(tmp_path, name)
    write_stubs(*folders)
    assert stale_stubs(*folders) == []
    (folders[1] / "edited.py").write_text("solved = True\n", encoding="utf-8")
    (folders[1] / "missing.py").unlink()
    assert stale_stubs(*folders) == ["edited.py", "missing.py"]


def test_the_command_writes_then_finds_nothing_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_solution(tmp_path, "doubles.py")
    assert main([str(tmp_path), "--check"]) == 1
    assert "doubles.py differs from its solution" in capsys.readouterr().out
    assert main([str(tmp_path)]) == 0
    assert main([str(tmp_path), "--check"]) == 0


def test_the_command_explains_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path)]) == 2
    assert "has no solutions" in capsys.readouterr().err


def test_the_courses_stubs_agree_with_its_solutions() -> None:
    stale = stale_stubs(COURSE / "solutions", COURSE / "exercises")
    assert not stale, "run python -m grader.stubs"


def test_the_courses_stubs_are_formatted() -> None:
    pytest.importorskip("ruff")
    stubs = [str(COURSE / "exercises" / solution.name) for solution in SOLUTIONS]
    command = [sys.executable, "-m", "ruff", "format", "--check", "--line-length", "100"]
    outcome = subprocess.run([*command, *stubs], check=False, capture_output=True, text=True)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


@pytest.mark.parametrize(("exercise", "function"), ASKED)
def test_every_asked_function_is_a_todo_in_the_stub(exercise: str, function: str) -> None:
    asked = getattr(load(COURSE / "exercises" / f"{exercise}.py"), function)
    for name, todo in callables(asked, function):
        with pytest.raises(NotImplementedError, match=rf"^TODO: {name}$"):
            todo()


def callables(asked: Any, name: str) -> Iterator[tuple[str, Callable[[], Any]]]:
    """A function, or each method that a class defines itself, ready to be called."""
    if not isinstance(asked, type):
        yield name, with_nothing(asked)
        return
    methods = [item for item in vars(asked).items() if inspect.isfunction(item[1])]
    assert "__init__" in dict(methods)
    for method_name, method in methods:
        yield f"{name}.{method_name}", with_nothing(method)


def with_nothing(function: Callable[..., Any]) -> Callable[[], Any]:
    arguments = [None] * len(inspect.signature(function).parameters)
    return lambda: function(*arguments)


@pytest.mark.parametrize("solution", SOLUTIONS, ids=lambda path: path.stem)
def test_stub_and_solution_offer_the_same_names_and_signatures(solution: Path) -> None:
    def signatures(path: Path) -> list[str]:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        return [
            f"{node.name}: {ast.get_docstring(node)}: {ast.unparse(node.args)}"
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef) and ast.get_docstring(node)
        ]

    stub = signatures(COURSE / "exercises" / solution.name)
    assert stub and set(stub) <= set(signatures(solution))


@pytest.mark.parametrize("solution", SOLUTIONS, ids=lambda path: path.stem)
def test_the_examples_in_the_docstrings_are_true(solution: Path) -> None:
    outcome = doctest.testmod(load(solution))
    assert outcome.failed == 0
    assert outcome.attempted > 0


@pytest.mark.parametrize(("exercise", "function"), ASKED)
def test_every_asked_function_shows_an_example(exercise: str, function: str) -> None:
    asked = getattr(load(COURSE / "solutions" / f"{exercise}.py"), function)
    assert doctest.DocTestParser().get_examples(inspect.getdoc(asked) or "")
