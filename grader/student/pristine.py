"""The stubs as they were given: what `grader reset` puts back.

A handout holds a copy of each beside the grader, `grader/pristine/NAME.txt` (no .py: nobody should
open it instead of the real one); in the instructors' course the stubs are made from the solutions.
"""

from __future__ import annotations

import ast
import functools
from pathlib import Path

from grader.course import Course, CourseError, Exercise

FOLDER = "grader/pristine"  # in the course's folder


def pristine_name(exercise: str) -> str:
    """The file of a handout that holds the stub of an exercise as it was given."""
    return f"{FOLDER}/{exercise}.txt"


def pristine_stub(course: Course, exercise: Exercise) -> str:
    """The source of an exercise's stub; CourseError where this course does not hold it."""
    return _stub(course.root, course.solutions, exercise.name)


def stub_names(course: Course, exercise: Exercise) -> list[str]:
    """What a student is to write at the top level of an exercise, in the order of the file.

    The functions that course.toml lists, and what they are built on: `Optimizer` of optimizers.
    Empty where this course does not hold the stub.
    """
    try:
        return list(definitions_to_write(ast.parse(pristine_stub(course, exercise))))
    except CourseError:
        return []


def definitions_to_write(tree: ast.Module) -> dict[str, ast.stmt]:
    """The top-level functions and classes that hold a stub's NotImplementedError, by name."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return {
        node.name: node
        for node in tree.body
        if isinstance(node, kinds) and any(map(_is_stub_line, ast.walk(node)))
    }


def _is_stub_line(node: ast.AST) -> bool:
    """`raise NotImplementedError("TODO: …")`, as stubs have it; a student's own has other words."""
    match node:
        case ast.Raise(
            exc=ast.Call(
                func=ast.Name(id="NotImplementedError"), args=[ast.Constant(value=str(said))]
            )
        ):
            return said.startswith("TODO")
    return False


@functools.cache  # neither solutions nor a handout's copies change while a command runs
def _stub(root: Path, solutions: Path, name: str) -> str:
    from grader.stubs import StubError, stub_of

    solution, copy = solutions / f"{name}.py", root / pristine_name(name)
    try:
        if solution.is_file():
            return stub_of(solution.read_text(encoding="utf-8"))
        return copy.read_text(encoding="utf-8")
    except StubError as error:
        raise CourseError(f"{solution}: has no stub: {error}") from None
    except (OSError, UnicodeDecodeError):
        raise CourseError(
            f"{copy}: cannot be read: get the handout anew, and copy your exercises/ into it"
        ) from None
