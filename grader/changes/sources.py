"""What can be compared: gradebooks, and the JSON that `grader grade --json` wrote."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.changes.records import Graded
from grader.gradebook import EVIDENCE, Gradebook, GradedExercise, Grading
from grader.grades import ClassGrades, Grade

GRADEBOOK = "gradebook.db"  # in a folder of results
_JSON_FORMAT = 1
_NAMES_SHOWN = 6


class SourceError(Exception):
    """Nothing to compare is there: says what, where and what to do."""


@dataclass(frozen=True)
class Compared:
    """Two sides, and what to call them."""

    before: tuple[Graded, ...]
    after: tuple[Graded, ...]
    before_label: str
    after_label: str


def two(first: str, second: str) -> Compared:
    """The newest grading of each submission in both; SourceError or GradebookError."""
    before, before_label = _newest(first)
    after, after_label = _newest(second)
    return Compared(before, after, before_label, after_label)


def within(source: str) -> Compared:
    """In one gradebook, the grading of each submission before the newest, and the newest."""
    if _is_json(source):
        raise SourceError(
            f"{source} holds one grading of each submission: name two files, or a gradebook"
        )
    with _opened(source) as book:
        pairs = book.newest_and_previous()
        if not pairs:
            raise SourceError(f"the gradebook {book.name} is empty: grade first")
        if all(previous is None for _, previous in pairs):
            raise SourceError(
                f"the gradebook {book.name} has graded each submission once: there is nothing to "
                "compare with yet"
            )
        read = _Reader(book)
        return Compared(
            tuple(read(previous) for _, previous in pairs if previous is not None),
            tuple(read(newest) for newest, _ in pairs),
            f"{book.name}, of each submission the grading before its newest",
            f"{book.name}, the newest grading of each",
        )


def since(book: Gradebook, run: int | None) -> Compared:
    """What a gradebook said at the end of a run (of none: nothing), and what it says now."""
    read = _Reader(book)
    before = book.newest(as_of=run) if run is not None else []
    began = [each.began for each in book.runs() if each.number == run]
    when = f", of {began[0]:%Y-%m-%d %H:%M} UTC" if began else ""
    return Compared(
        tuple(map(read, before)),
        tuple(map(read, book.newest())),
        "nothing was graded" if run is None else f"{book.name} after run {run}{when}",
        f"{book.name}, the newest grades",
    )


def graded_since(book: Gradebook, run: int | None, meant: Container[str]) -> str:
    """What was graded again since the end of a run, by exercise, and how much was taken over.

    Submissions of the gradebook that are not among the `meant` were left alone: they are named.
    """
    before = book.newest(as_of=run) if run is not None else []
    known = {each.number for grading in before for each in grading.exercises}
    newest = book.newest()
    now = [each for grading in newest for each in grading.exercises]
    made = [each for each in now if each.number not in known]
    again = Counter(each.name for each in made)
    kept = len(now) - again.total()
    names = ", ".join(
        f"{name} of {count}{_in_part([each for each in made if each.name == name])}"
        for name, count in again.items()
    )
    said = f"Graded again: {names}; {kept} other results stand."
    if not again:
        said = f"Nothing had to be graded again; {kept} results stand."
    others = [grading.submission_id for grading in newest if grading.submission_id not in meant]
    if others:
        shown = ", ".join(others[:_NAMES_SHOWN]) + (", …" if len(others) > _NAMES_SHOWN else "")
        said += f"\nNot among what was graded, so left as they are: {len(others)} ({shown})."
    return said


def _in_part(made: Sequence[GradedExercise]) -> str:
    """How many checks were put for these results, where it was not all of them."""
    counts = [each.entry.get(EVIDENCE, {}).get("put") for each in made]
    total = sum(len(each.entry["checks"]) for each in made)
    if None in counts or sum(counts) == total:
        return ""
    return f" ({sum(counts)} of {total} checks)"


class _Reader:
    """Gradings to what is compared; what an exercise is made of is read once a digest."""

    def __init__(self, book: Gradebook) -> None:
        self._book = book
        self._parts: dict[str, dict[str, str]] = {}

    def __call__(self, grading: Grading) -> Graded:
        exercises = grading.exercises
        return Graded(
            grading.grade,
            {each.name: _known(grading, each) for each in exercises},
            {each.name: self._parts_of(each.conditions.checks) for each in exercises},
        )

    def _parts_of(self, checks: str) -> dict[str, str]:
        if checks not in self._parts:
            self._parts[checks] = self._book.parts(checks)
        return self._parts[checks]


def _known(grading: Grading, exercise: GradedExercise) -> dict[str, str]:
    """The conditions of a result; a gradebook of the first format did not keep three apart."""
    conditions = exercise.conditions
    known = {
        "submission": grading.submission_digest,
        "seed": str(conditions.seed),
        "device": conditions.device,
        "sandbox": conditions.sandbox,
    }
    if not conditions.engine:
        return {**known, "course": conditions.checks}
    return {
        **known,
        "checks": conditions.checks,
        "engine": conditions.engine,
        "torch": conditions.torch,
        "data": conditions.data,
    }


# where they are


def _newest(source: str) -> tuple[tuple[Graded, ...], str]:
    """The newest grades in a source, and what it is called: an address without its password."""
    if _is_json(source):
        return tuple(_of_json(source)), source
    with _opened(source) as book:
        gradings = book.newest()
        if not gradings:
            raise SourceError(f"the gradebook {book.name} is empty: grade first")
        return tuple(map(_Reader(book), gradings)), book.name


def _opened(source: str) -> Gradebook:
    if "://" in source:
        return Gradebook(source, reading=True)
    path = Path(source)
    if path.is_dir():
        if not (path / GRADEBOOK).exists():
            raise SourceError(f"there is no {GRADEBOOK} in {path}: name a folder of results")
        path = path / GRADEBOOK
    if not path.exists():
        raise SourceError(
            f"{path}: there is no such file; name a folder of results, a gradebook, its URL, or "
            "the JSON of a run"
        )
    return Gradebook(path, reading=True)


def _is_json(source: str) -> bool:
    """Whether it is a file of JSON: what begins with a brace, or is called so."""
    path = Path(source)
    if "://" in source or not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            return file.read(64).lstrip().startswith(b"{") or path.suffix == ".json"
    except OSError as error:
        raise SourceError(f"{source}: {error.strerror}") from None


def _of_json(source: str) -> Iterable[Graded]:
    """The grades in the JSON of a run, with the conditions that it tells."""
    try:
        run = json.loads(Path(source).read_bytes(), parse_constant=_no_number)
    except OSError as error:
        raise SourceError(f"{source}: {error.strerror}") from None
    except ValueError as error:
        raise SourceError(f"{source}: is not valid JSON: {error}") from None
    try:
        if run["format"] != _JSON_FORMAT:
            raise SourceError(
                f"{source}: has the format {run['format']!r}; this grader reads {_JSON_FORMAT}"
            )
        grades = ClassGrades.read(run)
        known = {
            "seed": str(grades.seed),
            "device": str(grades.device),
            "torch": str(grades.torch),
            "sandbox": str(grades.level),
        }
        _sensible(grades.grades)
    except (KeyError, TypeError, AttributeError) as error:
        raise SourceError(
            f"{source}: is not what `grader grade --json` writes ({type(error).__name__}: {error})"
        ) from None
    for grade in grades.grades:
        yield Graded(grade, {exercise.name: known for exercise in grade.exercises})


def _no_number(text: str) -> Any:
    raise ValueError(f"{text} is no number")


def _sensible(grades: Sequence[Grade]) -> None:
    """TypeError where a grade holds something of another kind than it should."""
    for grade in grades:
        kinds: list[tuple[Any, type | tuple[type, ...]]] = [
            (grade.id, str),
            (grade.status, str),
            (grade.reason, (str, type(None))),
            (grade.points, (int, float)),
            (grade.max_points, (int, float)),
        ]
        for exercise in grade.exercises:
            kinds += [(exercise.name, str), (exercise.points, (int, float))]
        for check in grade.checks:
            kinds += [(check.id, str), (check.title, str), (check.function, str)]
            kinds += [(check.outcome, str), (check.points, (int, float))]
            kinds += [(check.misconception, (str, type(None)))]
        for value, kind in kinds:
            if not isinstance(value, kind):
                raise TypeError(f"{value!r:.60} is no {kind}")
