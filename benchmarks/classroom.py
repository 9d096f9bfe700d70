"""Courses and classes to measure with: what is asked, and submissions that are right or wrong."""

from __future__ import annotations

import ast
import contextlib
import itertools
import os
import shutil
import types
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from measuring import BenchmarkError
from plain_checks import answer_of

from grader.course import TOTAL_POINTS, Course, load_course
from grader.misconceptions import Misconception, misconceptions_of, wrong_source

CLASSES = ("right", "wrong", "mixed")
PYTEST = ["-c", os.devnull, "-p", "no:cacheprovider", "--import-mode=importlib"]
_WRONG_EVERY = 3  # of a mixed class
_WRONG_ANSWERS = 3  # that a mistake gives at least: else other questions might not show it


@dataclass(frozen=True)
class Pupil:
    """A submission: its files by name, and its known mistake in each exercise that is wrong."""

    name: str
    files: Mapping[str, bytes]
    mistakes: Mapping[str, str]


# courses


def copied_course(course: Course, folder: Path) -> Course:
    """The course without anything but what grading needs; its own files, in another folder."""
    files = [course.root / "course.toml", *course.check_files(), *course.misconception_files()]
    files += [course.solutions / exercise.file_name for exercise in course.exercises]
    files += [course.stubs / exercise.file_name for exercise in course.exercises]
    for source in files:
        target = folder / source.relative_to(course.root)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    return load_course(folder)


def cut_course(course: Course, folder: Path, exercise: str, checks: int) -> Course:
    """A course of one exercise with some of its hidden checks, every so many of them in order.

    Each of them earns the same. BenchmarkError where there are not so many.
    """
    (kept,) = course.only([exercise]).exercises
    hidden = course.hidden_checks / f"test_{exercise}.py"
    names = list(_tests(ast.parse(hidden.read_bytes())))
    if not 0 < checks <= len(names):
        raise BenchmarkError(f"{exercise} has {len(names)} hidden checks, not {checks}")
    chosen = {names[number * len(names) // checks] for number in range(checks)}
    cut = copied_course(course.only([exercise]), folder)
    for file in (cut.stubs / hidden.name, cut.hidden_checks / hidden.name):
        kept_here = chosen if file.parent == cut.hidden_checks else set()
        text = _only(ast.parse(file.read_bytes()), kept_here, TOTAL_POINTS / checks)
        file.write_text(text, encoding="utf-8")
    forbidden = "\n".join(f"{name} = {list(what)!r}" for name, what in kept.forbidden.items())
    limits = "\n".join(f"{name} = {value}" for name, value in vars(course.limits).items())
    (folder / "course.toml").write_text(
        f'format = 1\ntitle = "{kept.title}"\n[limits]\n{limits}\n[[exercises]]\n'
        f'name = "{kept.name}"\ntitle = "{kept.title}"\npoints = {TOTAL_POINTS}\n'
        f"functions = {list(kept.functions)!r}\n[exercises.forbidden]\n{forbidden}\n",
        encoding="utf-8",
    )
    return load_course(folder)


def check_names(course: Course) -> list[tuple[str, str]]:
    """(exercise, test function) of each check, in the order that they are run in."""
    return [
        (file.stem.removeprefix("test_"), name)
        for file in course.check_files()
        for name in _tests(ast.parse(file.read_bytes()))
    ]


def _tests(tree: ast.Module) -> dict[str, ast.stmt]:
    """The test functions that a module defines, or makes and gives a name to."""
    found: dict[str, ast.stmt] = {}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            found[node.name] = node
        elif isinstance(node, ast.Assign):
            found |= {target.id: node for target in node.targets if isinstance(target, ast.Name)}
    return {name: node for name, node in found.items() if name.startswith("test_")}


def _only(tree: ast.Module, names: Collection[str], points: float) -> str:
    """The source with these tests alone, each worth so many points."""
    for name, test in _tests(tree).items():
        if name not in names:
            tree.body.remove(test)
            continue
        if not isinstance(test, ast.FunctionDef):
            raise BenchmarkError(f"{name} is no function of its own: its points stand elsewhere")
        for decorator in test.decorator_list:
            if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "points":
                decorator.args = [ast.Constant(points)]
    return ast.unparse(tree) + "\n"


# classes


def make_class(kind: str, course: Course, mistakes: Mistakes, size: int) -> list[Pupil]:
    """`size` submissions, no two of the same bytes.

    Of a mixed class every third one is wrong. A wrong one has a known mistake in each exercise
    that `mistakes` has any of; the next wrong one has others, until all were had.
    """
    solutions = {
        exercise.name: (course.solutions / exercise.file_name).read_text(encoding="utf-8")
        for exercise in course.exercises
    }
    wrong = itertools.count()
    made = []
    for number in range(size):
        is_wrong = kind == "wrong" or (kind == "mixed" and (number + 1) % _WRONG_EVERY == 0)
        turn = next(wrong) if is_wrong else None
        files, names = {}, {}
        for name, source in solutions.items():
            found = mistakes.get(name)
            if turn is not None and found:
                known = found[turn % len(found)]
                source = _wrong(source, known)
                names[name] = known.name
            files[f"{name}.py"] = f"{source}\n# copy {number}\n".encode()
        made.append(Pupil(f"student-{number:04}", files, names))
    return made


def hand_in(pupils: Sequence[Pupil], folder: Path) -> Path:
    """Write submissions as an instructor has them: a folder each."""
    for pupil in pupils:
        write_files(pupil, folder / pupil.name)
    return folder


def write_files(pupil: Pupil, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, source in pupil.files.items():
        (folder / name).write_bytes(source)


# mistakes

Mistakes = Mapping[str, Sequence[Misconception]]  # of each exercise, those that its checks catch


def known_mistakes(course: Course, exercises: Sequence[str]) -> dict[str, list[Misconception]]:
    """The known mistakes of exercises, of each function one in turn: a few show all functions.

    All hidden checks together catch each of them: `grader audit` says so.
    """
    found = {}
    for name in exercises:
        by_function: dict[str, list[Misconception]] = {}
        for known in misconceptions_of(name, course.misconceptions):
            if not known.needs_gpu:
                by_function.setdefault(known.function, []).append(known)
        turns = itertools.zip_longest(*by_function.values())
        found[name] = [known for turn in turns for known in turn if known is not None]
    return found


def caught_by_checks(course: Course, most: int | None = None) -> dict[str, list[Misconception]]:
    """The first known mistakes that a cut course's checks show, each in several answers."""
    asked = recorded(course)
    caught = {}
    for name, known in known_mistakes(course, course.names).items():
        solution = (course.solutions / f"{name}.py").read_text(encoding="utf-8")
        shown = (each for each in known if _shown(_wrong(solution, each), each, asked))
        caught[name] = list(itertools.islice(shown, most))
        if not caught[name]:
            raise BenchmarkError(f"the checks of {name} catch no known mistake")
    return caught


def _wrong(solution: str, known: Misconception) -> str:
    return wrong_source(solution, known.module_source, known.name, known.function)


def _shown(source: str, known: Misconception, asked: Sequence[Asked]) -> bool:
    module = types.ModuleType("mistaken")
    exec(compile(source, known.name, "exec"), vars(module))
    function, wrong = getattr(module, known.function), 0
    for each in asked:
        if each.question.function == known.function:
            answer = answer_of(function, each.question)
            wrong += each.expectation.problem_with(each.question, answer, "cpu") is not None
        if wrong == _WRONG_ANSWERS:
            return True
    return False


# what is asked


@dataclass(frozen=True)
class Asked:
    """A question that a check puts, and what it expects."""

    question: Any
    expectation: Any


def recorded(course: Course) -> list[Asked]:
    """Every question that the checks put, in order: the examiner's own, of the seed 0."""
    collector = _Collector()
    arguments = [*PYTEST, "-p", "no:terminal", "-W", "ignore", "--hypothesis-seed=0"]
    folders = [str(course.stubs), str(course.hidden_checks)]
    with contextlib.chdir(course.root):
        status = pytest.main(
            [*arguments, f"--rootdir={course.root}", *folders], plugins=[collector]
        )
    if status != 0 or not collector.asked:
        raise BenchmarkError(f"the questions cannot be recorded: pytest ended with {status!r}")
    return collector.asked


class _Collector:
    """A pytest plugin that takes the place of a student's session and notes what is asked."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []

    def examine(self, question: Any, expectation: Any) -> None:
        self.asked.append(Asked(question, expectation))
