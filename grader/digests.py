"""What a verdict depends on, as digests: the same digests give the same grade to the same work.

Each exercise has one of its own, so that a changed check has nothing graded again that it does not
touch. What is told of a grade, and when it was due, is in none of them.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from grader.course import Course
from grader.siblings import sources_of

if TYPE_CHECKING:
    from grader.gradebook import Conditions

_PACKAGE = Path(__file__).parent
_ENGINE = ("checking", "examiner", "probes", "sandbox")
_ENGINE_FILES = (
    *("course.py", "dataset.py", "misconceptions/__init__.py"),
    *("outcome.py", "plugin.py", "siblings.py"),
)
_LIBRARIES = ("hypothesis", "numpy", "torchvision")  # torch is a condition by its own name


def conditions_of(
    course: Course, seed: int, device: str, level: str, data: Path | None
) -> dict[str, Conditions]:
    """The conditions of each exercise of the course; CourseError where it lacks a file."""
    from grader.gradebook import Conditions  # the examiner needs the digests, and no database

    course.require_files()
    engine = engine_digest()
    torch = importlib.metadata.version("torch")
    folder = str(data.resolve()) if data else ""
    return {
        name: Conditions(exercise_digest(course, name), engine, torch, seed, device, level, folder)
        for name in course.names
    }


def exercise_digest(course: Course, name: str) -> str:
    """SHA-256 over all that the course says of one exercise that decides a verdict.

    That is its entry in course.toml without title and prerequisites, the limits, its checks, public
    and hidden, its known mistakes, and its solution with the solutions that this one imports.
    """
    exercise = course.exercise(name)
    decided = {
        "name": exercise.name,
        "points": exercise.points,
        "functions": exercise.functions,
        "forbidden": dict(exercise.forbidden),
        "limits": asdict(course.limits),
    }
    parts = [("course.toml", json.dumps(decided, sort_keys=True).encode())]
    one = course.only([name])
    files = [*one.check_files(), *_helpers(course.hidden_checks), *one.misconception_files()]
    # A check's folder makes it a hidden one, so the place counts.
    parts += [(file.relative_to(course.root).as_posix(), file.read_bytes()) for file in files]
    solutions = sources_of(course.solutions, [name])
    parts += [(f"solutions/{file}", content) for file, content in solutions.items()]
    return _digest(parts)


def engine_digest() -> str:
    """SHA-256 over what decides verdicts besides the course: the grader, and who draws for it."""
    parts = [("python", "{}.{}".format(*sys.version_info).encode())]
    parts += [(name, importlib.metadata.version(name).encode()) for name in _LIBRARIES]
    files = [file for room in _ENGINE for file in sorted((_PACKAGE / room).rglob("*.py"))]
    files += [_PACKAGE / name for name in _ENGINE_FILES]
    parts += [(file.relative_to(_PACKAGE).as_posix(), file.read_bytes()) for file in files]
    return _digest(parts)


def _helpers(folder: Path) -> Iterator[Path]:
    """What hidden checks may share: every module beside them that is of no exercise."""
    for file in sorted(folder.glob("*.py")):
        if not file.name.startswith(("test_", "torch_")):
            yield file


def _digest(parts: Iterable[tuple[str, bytes]]) -> str:
    digest = hashlib.sha256()
    for name, content in parts:
        digest.update(f"{name} {len(content)}\n".encode() + content)
    return digest.hexdigest()
