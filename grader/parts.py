"""What an exercise's verdicts are made of, part by part: so that one can say which part changed.

A part is a digest of a text, or a setting as it is written. Their names say what they are:
`check losses/test_l1_loss_gradient`, `solution losses/l1_loss`, `file solutions/losses.py`,
`setting points`. The text of a check is its own and that of everything in its file that it names:
an edited helper changes the checks that use it, and no others.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path

from grader.course import Course, Exercise
from grader.siblings import sources_of

CHECK, SOLUTION, FILE, SETTING = "check", "solution", "file", "setting"


def exercise_parts(course: Course, name: str) -> dict[str, str]:
    """The parts of one exercise; CourseError or OSError where one of its files is missing."""
    exercise = course.exercise(name)
    alone = course.only([name])
    alone.require_files()
    parts = {f"{SETTING} {key}": value for key, value in _settings(course, exercise)}
    solutions = sources_of(course.solutions, [name])
    for file, content in _files(alone, solutions):
        parts[f"{FILE} {file}"] = _digest(content)
    for check_file in alone.check_files():
        where = check_file.parent.relative_to(course.root).as_posix()  # makes it public or hidden
        for function, text in texts(check_file.read_bytes()):
            if function.startswith("test_"):
                parts[f"{CHECK} {name}/{function}"] = _digest(f"{where}\n{text}".encode())
    for function, text in texts(solutions[exercise.file_name]):
        if function in exercise.functions:
            parts[f"{SOLUTION} {name}/{function}"] = _digest(text.encode())
    return parts


def _files(course: Course, solutions: Mapping[str, bytes]) -> Iterator[tuple[str, bytes]]:
    """Every file that a course of one exercise is made of, as `grader.digests` takes them."""
    files = (*course.check_files(), *helpers(course), *course.misconception_files())
    for file in files:
        yield file.relative_to(course.root).as_posix(), file.read_bytes()
    for file_name, content in solutions.items():
        yield f"solutions/{file_name}", content


def helpers(course: Course) -> Iterator[Path]:
    """What hidden checks may share: every module beside them that is of no exercise."""
    for file in sorted(course.hidden_checks.glob("*.py")):
        if not file.name.startswith(("test_", "torch_")):
            yield file


def texts(source: bytes) -> Iterator[tuple[str, str]]:
    """Each function and class at the top of a module, with the text of all that it needs there.

    A module that is not valid Python has none.
    """
    try:
        module = ast.parse(source)
    except (SyntaxError, ValueError):
        return
    # Not str.splitlines, which counts lines that Python does not.
    text = source.decode("utf-8", "replace").replace("\r\n", "\n")
    lines = text.replace("\r", "\n").split("\n")
    for name, reached in reaches(module):
        yield name, "\n\n".join(_text(each, lines) for each in reached)


def reaches(module: ast.Module) -> Iterator[tuple[str, list[ast.stmt]]]:
    """Each function and class at the top of a module, with the statements there that it needs.

    They are in the module's order, itself among them.
    """
    binders: dict[str, list[int]] = {}
    for number, statement in enumerate(module.body):
        for bound in bound_by(statement):
            binders.setdefault(bound, []).append(number)
    needs = [
        {number for name in _named(statement) for number in binders.get(name, ())}
        for statement in module.body
    ]
    for number, statement in enumerate(module.body):
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            reached = sorted(_reached(number, needs))
            yield statement.name, [module.body[each] for each in reached]


def _settings(course: Course, exercise: Exercise) -> Iterator[tuple[str, str]]:
    """What course.toml says of an exercise that verdicts depend on."""
    yield "points", f"{exercise.points:.15g}"
    yield "functions", ", ".join(exercise.functions)
    for function, names in sorted(exercise.forbidden.items()):
        yield f"forbidden.{function}", ", ".join(names)
    for key, value in asdict(course.limits).items():
        yield f"limits.{key}", f"{value:.15g}"


def _reached(start: int, needs: list[set[int]]) -> set[int]:
    """The statements that one leads to, itself among them."""
    reached: set[int] = set()
    waiting = [start]
    while waiting:
        each = waiting.pop()
        if each not in reached:
            reached.add(each)
            waiting += needs[each]
    return reached


def bound_by(statement: ast.stmt) -> Iterator[str]:
    """The names that a statement at the top of a module gives a meaning."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield statement.name
        return
    for node in ast.walk(statement):
        if isinstance(node, ast.alias):
            yield (node.asname or node.name).partition(".")[0]
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


def _named(statement: ast.stmt) -> Iterator[str]:
    """The names that a statement mentions; arguments too: a fixture is asked for by its name."""
    for node in ast.walk(statement):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.arg):
            yield node.arg


def _text(statement: ast.stmt, lines: list[str]) -> str:
    decorators = getattr(statement, "decorator_list", [])
    first = min([statement.lineno, *(decorator.lineno for decorator in decorators)])
    return "\n".join(lines[first - 1 : statement.end_lineno])


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]
