"""Reads the tables of a gradebook into records."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select

from grader.gradebook.records import Conditions, GradedExercise, Grading, RunRecord
from grader.gradebook.schema import exercise_grades, graded_exercises, gradings
from grader.gradebook.schema import runs as runs_table

_CONDITIONS = ("checks", "engine", "torch", "seed", "device", "sandbox", "data")


def columns_of(conditions: Conditions) -> dict[str, str]:
    """The columns of `exercise_grades` that hold conditions."""
    return {name: str(value) for name, value in asdict(conditions).items()}


def runs(connection: Connection) -> list[RunRecord]:
    """Every run, oldest first."""
    rows = connection.execute(select(runs_table).order_by(runs_table.c.number))
    return [_run(row) for row in rows]


def newest_numbers(connection: Connection, as_of: int | None = None) -> dict[str, int]:
    """The number of the newest grading of each submission, sorted by id."""
    newest = select(gradings.c.submission_id, func.max(gradings.c.number))
    if as_of is not None:
        newest = newest.where(gradings.c.run <= as_of)
    rows = connection.execute(newest.group_by(gradings.c.submission_id))
    # Sorted here: each database has its own idea of the order of names.
    return dict(sorted((id, number) for id, number in rows))


def numbered(connection: Connection, numbers: Sequence[int]) -> list[Grading]:
    """The gradings with these numbers, in this order."""
    found = {grading.number: grading for grading in _gradings(connection, numbers)}
    return [found[number] for number in numbers]


def made_under(
    connection: Connection, as_of: int | None = None
) -> list[tuple[str, tuple[str, ...]]]:
    """The levels and layers under which the results were made that the newest gradings are made of.

    Each pair is there once, in the order of the class and of its exercises.
    """
    newest = select(func.max(gradings.c.number)).group_by(gradings.c.submission_id)
    if as_of is not None:
        newest = newest.where(gradings.c.run <= as_of)
    made, parts = exercise_grades, graded_exercises
    columns = (gradings.c.submission_id, made.c.sandbox, made.c.layers)
    rows = connection.execute(
        select(*columns, func.min(parts.c.position).label("position"))
        .join(parts, parts.c.grading == gradings.c.number)
        .join(made, made.c.number == parts.c.exercise_grade)
        .where(gradings.c.number.in_(newest))
        .group_by(*columns)
    )
    ordered = sorted(rows, key=lambda row: (row.submission_id, row.position))
    return list(dict.fromkeys((row.sandbox, tuple(row.layers)) for row in ordered))


def same_as_newest(
    connection: Connection,
    submission_id: str,
    submission_digest: str,
    reason: str | None,
    exercises: Sequence[GradedExercise],
) -> Grading | None:
    """The newest grading of a submission, where it is made of the very same results."""
    of_it = select(gradings).where(gradings.c.submission_id == submission_id)
    row = connection.execute(of_it.order_by(gradings.c.number.desc()).limit(1)).first()
    if row is None or (row.submission_digest, row.reason) != (submission_digest, reason):
        return None
    parts = select(graded_exercises.c.exercise_grade).where(
        graded_exercises.c.grading == row.number
    )
    numbers = connection.execute(parts.order_by(graded_exercises.c.position)).scalars().all()
    same = list(numbers) == [exercise.number for exercise in exercises]
    return _grading(row, tuple(exercises)) if same else None


def newest_and_previous(connection: Connection) -> list[tuple[Grading, Grading | None]]:
    """The newest grading of each submission and the one before it, sorted by id."""
    age = func.row_number().over(
        partition_by=gradings.c.submission_id, order_by=gradings.c.number.desc()
    )
    aged = select(gradings.c.number, age.label("age")).subquery()
    found = _gradings(connection, select(aged.c.number).where(aged.c.age <= 2))
    by_id = defaultdict(list)
    for grading in found:
        by_id[grading.submission_id].append(grading)
    return [(by_id[id][-1], by_id[id][0] if len(by_id[id]) > 1 else None) for id in sorted(by_id)]


def history(connection: Connection, submission_id: str) -> list[Grading]:
    """Every grading of one submission, oldest first."""
    of_it = select(gradings.c.number).where(gradings.c.submission_id == submission_id)
    return _gradings(connection, of_it)


def reusable(
    connection: Connection,
    submission_id: str,
    submission_digest: str,
    conditions: Mapping[str, Conditions],
    but: Sequence[str] = (),
) -> dict[str, GradedExercise]:
    """The newest result of each exercise that this work earned under these conditions, or under
    such as differ in those that are named by `but`."""
    made = exercise_grades
    compared = [name for name in _CONDITIONS if name not in but]
    columns = [made.c.number, made.c.exercise, *(made.c[name] for name in compared)]
    rows = connection.execute(
        select(*columns)
        .where(made.c.submission_id == submission_id)
        .where(made.c.submission_digest == submission_digest)
        .order_by(made.c.number)
    )
    asked = {
        name: tuple(columns_of(one)[condition] for condition in compared)
        for name, one in conditions.items()
    }
    numbers = {
        row.exercise: row.number for row in rows if tuple(row[2:]) == asked.get(row.exercise)
    }
    entries = connection.execute(select(made).where(made.c.number.in_(numbers.values())))
    return {row.exercise: _exercise(row) for row in entries}


def _gradings(connection: Connection, numbers: Select[Any] | Sequence[int]) -> list[Grading]:
    """The gradings with these numbers, in the order in which they were made."""
    rows = connection.execute(
        select(gradings).where(gradings.c.number.in_(numbers)).order_by(gradings.c.number)
    ).all()
    parts = connection.execute(
        select(graded_exercises.c.grading, exercise_grades)
        .join(exercise_grades, graded_exercises.c.exercise_grade == exercise_grades.c.number)
        .where(graded_exercises.c.grading.in_(numbers))
        .order_by(graded_exercises.c.grading, graded_exercises.c.position)
    )
    exercises = {
        grading: tuple(_exercise(row) for row in found)
        for grading, found in groupby(parts, key=lambda row: row.grading)
    }
    return [_grading(row, exercises.get(row.number, ())) for row in rows]


def _grading(row: Row[Any], exercises: tuple[GradedExercise, ...]) -> Grading:
    return Grading(
        number=row.number,
        run=row.run,
        submission_id=row.submission_id,
        submission_digest=row.submission_digest,
        status=row.status,
        reason=row.reason,
        points=row.points,
        max_points=row.max_points,
        graded_at=row.graded_at,
        exercises=exercises,
    )


def _exercise(row: Row[Any]) -> GradedExercise:
    conditions = {name: getattr(row, name) for name in _CONDITIONS}
    return GradedExercise(
        number=row.number,
        name=row.exercise,
        conditions=Conditions(**conditions | {"seed": int(row.seed)}),
        layers=tuple(row.layers),
        graded_at=row.graded_at,
        entry=row.entry,
    )


def _run(row: Row[Any]) -> RunRecord:
    settings = row.settings
    only, folder = settings["only"], settings["course_folder"]
    return RunRecord(
        number=row.number,
        began=row.began,
        finished=row.finished,
        course=row.course,
        seed=int(row.seed),
        device=row.device,
        sandbox=row.sandbox,
        layers=tuple(row.layers),
        torch=row.torch,
        grader=row.grader,
        data=row.data,
        seconds=row.seconds,
        paths=tuple(map(Path, settings["paths"])),
        only=None if only is None else tuple(only),
        course_folder=None if folder is None else Path(folder),
    )
