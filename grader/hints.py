"""Graded hints: for each function of an exercise a nudge, the idea and the formula; never the code.

They stand in `exercises/hints/NAME.toml`, a table for each function:

    [l1_loss]
    nudge = "..."      what to look at, often a question
    idea = "..."       the way, in words
    formula = "..."    the mathematics, in plain text

Who writes checks writes them too: `grader audit` finds what is missing. Imports nothing of torch.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from grader.course import Course, CourseError, Exercise

LEVELS = ("nudge", "idea", "formula")  # as they are given, one after the other
LONGEST = 600  # characters of one hint: it is read between two attempts
WIDEST = 76  # characters of a line of a formula, which is shown as it is, indented, in 80 columns


def hints_file(course: Course, exercise: str) -> Path:
    """Where the hints of an exercise are."""
    return course.stubs / "hints" / f"{exercise}.toml"


def hints_of(course: Course, name: str) -> list[str]:
    """The three hints of a function, `l1_loss` or `losses.l1_loss`, in the order of LEVELS.

    Empty where the course has no hints for its exercise. Raises CourseError for a name that is no
    function's, or two functions', and where the file of hints is not as it should be.
    """
    from grader.student.naming import find_function

    exercise, function = find_function(course, name)
    return read_hints(course, exercise).get(function, [])


def read_hints(course: Course, exercise: Exercise) -> dict[str, list[str]]:
    """The hints of every function of an exercise; empty where it has no file of hints.

    Line ends within a nudge or an idea are no more than blanks; a formula's are kept. A file may
    also hold hints for what else is a stub there, such as a class that others build on.

    Raises CourseError, which names the file and the key, where a function of the exercise lacks one
    of its hints, or a hint is empty, too long or no text.
    """
    file = hints_file(course, exercise.name)
    try:
        tables = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise CourseError(f"{file}: cannot be read ({error.strerror})") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CourseError(f"{file}: is not valid TOML: {error}") from None
    for function in exercise.functions:
        if function not in tables:
            raise CourseError(f"{file}: {function}: has no hints: write {_listed(LEVELS)}")
    return {function: _hints(file, function, table) for function, table in tables.items()}


def problems_with_hints(course: Course, exercise: Exercise) -> list[str]:
    """What the hints of an exercise lack, a line each: for who writes them."""
    from grader.student.pristine import stub_names

    file = hints_file(course, exercise.name)
    try:
        hints = read_hints(course, exercise)
    except CourseError as error:
        return [str(error)]
    if not hints:
        return [f"{file}: is missing: write {_listed(LEVELS)} for each function"]
    names = stub_names(course, exercise)
    return [f"{file}: {name}: is no function to write" for name in hints if name not in names]


def _hints(file: Path, function: str, table: object) -> list[str]:
    if not isinstance(table, Mapping):
        raise CourseError(f"{file}: {function}: must be a table of {_listed(LEVELS)}")
    for key in table:
        if key not in LEVELS:
            raise CourseError(f"{file}: {function}.{key}: is no hint; there are {_listed(LEVELS)}")
    return [_hint(file, function, level, table.get(level)) for level in LEVELS]


def _hint(file: Path, function: str, level: str, text: Any) -> str:
    where = f"{file}: {function}.{level}"
    if text is None:
        raise CourseError(f"{where}: is missing")
    if not isinstance(text, str):
        raise CourseError(f"{where}: must be a text, not {type(text).__name__}")
    if not text.strip():
        raise CourseError(f"{where}: is empty")
    if len(text) > LONGEST:
        raise CourseError(f"{where}: has {len(text)} characters; {LONGEST} are the most")
    widest = max(map(len, text.split("\n")))
    if level == "formula" and widest > WIDEST:
        raise CourseError(f"{where}: a line has {widest} characters; {WIDEST} are the most")
    return text.strip("\n")


def _listed(names: tuple[str, ...]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}"
