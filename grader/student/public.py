"""The public checks of an exercise, read from their file: what there is to pass, before any run."""

from __future__ import annotations

import ast

from grader.course import Course, Exercise
from grader.outcome import Check


def public_checks(course: Course, exercise: Exercise) -> list[Check]:
    """The checks of `exercises/test_NAME.py` in their order; none where it cannot be read.

    A check whose points are no plain number is worth 0 here; running it says more.
    """
    file = course.stubs / f"test_{exercise.name}.py"
    try:
        tree = ast.parse(file.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return []
    found = []
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            about = exercise.function_of(node.name)
            if about is not None:
                found.append(_check(exercise.name, about, node))
    return found


def _check(exercise: str, function: str, node: ast.FunctionDef) -> Check:
    return Check(
        id=f"{exercise}/{node.name}",
        exercise=exercise,
        function=function,
        title=(ast.get_docstring(node) or node.name).split("\n")[0],
        points=max(map(_points, node.decorator_list), default=0.0),
        hidden=False,
    )


def _points(decorator: ast.expr) -> float:
    match decorator:
        case ast.Call(func=ast.Name(id="points"), args=[ast.Constant(value=int() | float() as n)]):
            return float(n)
    return 0.0
