"""The course's own hints: three for every function, true to the course, and never the code."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator

import pytest
from conftest import ROOT

from grader.course import Course, Exercise, load_course
from grader.hints import LEVELS, hints_file, hints_of, problems_with_hints, read_hints
from grader.stubs import stub_of
from grader.student.pristine import stub_names

COURSE = load_course(ROOT)
EXERCISES = {exercise.name: exercise for exercise in COURSE.exercises}
FUNCTIONS = [(one.name, name) for one in COURSE.exercises for name in stub_names(COURSE, one)]
HINTS = {one.name: read_hints(COURSE, one) for one in COURSE.exercises}
_SHORTEST = 8  # letters of a line that is looked for: `return x` says nothing


def plain(text: str) -> str:
    """Code and mathematics alike: without blanks, with the signs that Python has."""
    return re.sub(r"\s", "", text.translate(str.maketrans("−·×", "-**")))


def statements(source: str) -> Iterator[str]:
    """Each statement of a source that is one line, and the head of each that holds others."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.stmt):
            line = ast.unparse(node).split("\n")[0]
            yield line
            if isinstance(node, ast.Assign | ast.Return) and node.value is not None:
                yield ast.unparse(node.value).split("\n")[0]


def solved(exercise: Exercise) -> set[str]:
    """What stands in the solution and not in the stub, without what is too short to tell."""
    solution = (COURSE.solutions / exercise.file_name).read_text(encoding="utf-8")
    given = plain(stub_of(solution))
    lines = {plain(line) for line in statements(solution)}
    return {line for line in lines if len(line) >= _SHORTEST and line not in given}


@pytest.mark.parametrize(("exercise", "function"), FUNCTIONS)
def test_every_function_has_three_hints(exercise: str, function: str) -> None:
    assert len(HINTS[exercise][function]) == len(LEVELS) == 3
    assert hints_of(COURSE, f"{exercise}.{function}") == HINTS[exercise][function]


@pytest.mark.parametrize("exercise", COURSE.names)
def test_no_hint_is_of_a_function_that_there_is_not(exercise: str) -> None:
    assert list(HINTS[exercise]) == stub_names(COURSE, EXERCISES[exercise])
    assert problems_with_hints(COURSE, EXERCISES[exercise]) == []


@pytest.mark.parametrize("exercise", COURSE.names)
def test_no_hint_holds_a_line_of_the_solution(exercise: str) -> None:
    lines = solved(EXERCISES[exercise])
    assert len(lines) > 5
    for function, hints in HINTS[exercise].items():
        for hint in hints:
            found = [line for line in lines if line in plain(hint)]
            assert not found, f"{function}: {found}"


def test_a_line_of_the_solution_would_be_found() -> None:
    """The search above sees through blanks and the signs of mathematics."""
    lines = solved(EXERCISES["linear_regression"])
    assert any(line in plain("take w −=  learning_rate · w.grad") for line in lines)


@pytest.mark.parametrize("exercise", COURSE.names)
def test_no_hint_calls_what_the_function_may_not(exercise: str) -> None:
    for function, things in EXERCISES[exercise].forbidden.items():
        names = {thing.rpartition(".")[2] for thing in things}
        names = {name for name in names if name not in (function, "linear")}
        for hint in HINTS[exercise][function]:
            called = set(re.findall(r"\b(?:torch|F|nn)(?:\.\w+)*\.(\w+)", hint))
            assert not called & names, (function, called & names)


@pytest.mark.parametrize("exercise", COURSE.names)
def test_hints_are_short_and_grow_from_a_question_to_a_formula(exercise: str) -> None:
    for function, (nudge, idea, formula) in HINTS[exercise].items():
        assert "?" in nudge, function
        assert "?" not in idea, function
        assert len(nudge) <= 330, function
        assert len(idea) <= 400, function
        assert len(formula.splitlines()) <= 5, function


def test_the_file_of_hints_lies_where_a_student_finds_it(course: Course) -> None:
    for exercise in course.exercises:
        table = tomllib.loads(hints_file(course, exercise.name).read_text(encoding="utf-8"))
        assert set(exercise.functions) <= set(table)
