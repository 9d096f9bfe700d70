"""The gradebook: runs and gradings are added to it, and read as they were made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from sqlalchemy import Connection, insert, select, update

from grader.gradebook import queries, schema
from grader.gradebook.database import Database, GradebookError
from grader.gradebook.kept import KeptGrades
from grader.gradebook.opening import prepare
from grader.gradebook.records import Conditions, GradedExercise, Grading, RunRecord
from grader.grades import ClassGrades
from grader.profile import GRADEBOOK, timed

_AT_A_TIME = 20  # gradings in memory
_LEVELS = ("off", "best-effort", "strict")  # from the least that confines a submission


@dataclass(frozen=True)
class RunSetup:
    """What is known of a run when it begins; the fields are those of `RunRecord`."""

    course: str
    seed: int
    device: str
    sandbox: str
    torch: str
    grader: str
    data: str
    paths: Sequence[Path]
    only: Sequence[str] | None
    course_folder: Path


@dataclass(frozen=True)
class MadeExercise:
    """A result that is not in the gradebook yet; `entry` is as that of a `GradedExercise`."""

    name: str
    conditions: Conditions
    layers: Sequence[str]
    entry: Mapping[str, Any]


@dataclass(frozen=True)
class NewGrading:
    """What is to be added; rejected where there is a reason. Reused exercises are in the book."""

    run: int
    submission_id: str
    submission_digest: str
    reason: str | None
    exercises: Sequence[GradedExercise | MadeExercise] = ()


class Gradebook:
    """Grades in an SQLite file, or wherever an SQLAlchemy URL leads.

    A file and its tables are made, and those of an earlier format migrated, where they are opened
    to be written to; `reading` alone makes nothing. Use one in the process that opened it: a fork
    opens its own. Every method raises GradebookError where the database refuses.
    """

    def __init__(self, url_or_path: str | Path, *, reading: bool = False) -> None:
        self._database = Database(url_or_path, reading=reading)
        try:
            prepare(self._database, reading=reading)
        except BaseException:
            self._database.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._database.close()

    def disconnect(self) -> None:
        """Close all connections, as before a fork; the next use opens a new one."""
        self._database.close()

    @property
    def name(self) -> str:
        """The file, or the address without its password."""
        return self._database.name

    @property
    def files(self) -> list[Path]:
        """The file, and those that SQLite has beside it; none where it is on a server."""
        path = self._database.path
        if path is None:
            return []
        return [path.with_name(path.name + end) for end in ("", "-wal", "-shm")]

    # runs

    def seed(self, drawn: int) -> int:
        """The seed that this gradebook's runs have in common: `drawn` where there is none yet.

        A gradebook that was begun without one goes on with that of its newest grade.
        """
        kept = select(schema.settings.c.value).where(schema.settings.c.name == "seed")
        made = schema.exercise_grades
        newest = select(made.c.seed).order_by(made.c.number.desc()).limit(1)
        with self._database.writing(alone=True) as connection:
            value = connection.execute(kept).scalar_one_or_none()
            if value is None:
                value = connection.execute(newest).scalar_one_or_none() or str(drawn)
                connection.execute(insert(schema.settings).values(name="seed", value=value))
            return int(value)

    @timed(GRADEBOOK)
    def begin(self, run: RunSetup) -> int:
        """Write down that a run begins; its number, by which its gradings refer to it."""
        settings = {
            "paths": [str(path.absolute()) for path in run.paths],
            "only": None if run.only is None else list(run.only),
            "course_folder": str(run.course_folder),
        }
        values = {
            "began": datetime.now(UTC),
            "course": run.course,
            "seed": str(run.seed),
            "device": run.device,
            "sandbox": run.sandbox,
            "layers": [],
            "torch": run.torch,
            "grader": run.grader,
            "data": run.data,
            "settings": settings,
        }
        with self._database.writing() as connection:
            return _inserted(connection, schema.runs, values)

    @timed(GRADEBOOK)
    def end(self, run: int, layers: Sequence[str], seconds: float) -> None:
        """Write down that a run has ended; the layers held for all that it graded."""
        values = {"finished": datetime.now(UTC), "layers": list(layers), "seconds": seconds}
        ended = update(schema.runs).where(schema.runs.c.number == run).values(values)
        with self._database.writing() as connection:
            connection.execute(ended)

    def runs(self) -> list[RunRecord]:
        """Every run, oldest first."""
        with self._database.reading() as connection:
            return queries.runs(connection)

    @timed(GRADEBOOK)
    def keep_parts(self, checks: str, parts: Mapping[str, str]) -> None:
        """Keep, once, what a digest of an exercise's checks was made of."""
        known = schema.checks_parts
        kept = select(known.c.checks).where(known.c.checks == checks)
        with self._database.writing(alone=True) as connection:
            if connection.execute(kept).first() is None:
                connection.execute(insert(known).values(checks=checks, parts=dict(parts)))

    def parts(self, checks: str) -> dict[str, str]:
        """What that digest was made of; empty where the gradebook does not know."""
        kept = select(schema.checks_parts.c.parts).where(schema.checks_parts.c.checks == checks)
        with self._database.reading() as connection:
            return connection.execute(kept).scalar_one_or_none() or {}

    @timed(GRADEBOOK)
    def keep_grounds(self, conditions: Conditions, grounds: Mapping[str, Any]) -> None:
        """Keep, once, what the verdicts of an exercise rest on that are made under conditions."""
        known = schema.grounds
        values = {"conditions": conditions.digest, "grounds": dict(grounds)}
        kept = select(known.c.conditions).where(known.c.conditions == conditions.digest)
        with self._database.writing(alone=True) as connection:
            if connection.execute(kept).first() is None:
                connection.execute(insert(known).values(values))

    @timed(GRADEBOOK)
    def grounds(self, conditions: Conditions) -> dict[str, Any] | None:
        """What such verdicts rest on; None where the gradebook does not know."""
        known = schema.grounds
        kept = select(known.c.grounds).where(known.c.conditions == conditions.digest)
        with self._database.reading() as connection:
            found: dict[str, Any] | None = connection.execute(kept).scalar_one_or_none()
            return found

    # gradings

    @timed(GRADEBOOK)
    def find(
        self, submission_id: str, submission_digest: str, conditions: Mapping[str, Conditions]
    ) -> dict[str, GradedExercise]:
        """The newest result of each exercise that this work of this submission earned under them.

        `conditions` are by exercise; an exercise that has none is left out.
        """
        with self._database.reading() as connection:
            return queries.reusable(connection, submission_id, submission_digest, conditions)

    @timed(GRADEBOOK)
    def find_earlier(
        self, submission_id: str, submission_digest: str, conditions: Mapping[str, Conditions]
    ) -> dict[str, GradedExercise]:
        """As `find`, also where the course has changed since what it says of the exercise."""
        with self._database.reading() as connection:
            whose = submission_id, submission_digest
            return queries.reusable(connection, *whose, conditions, but=("checks",))

    @timed(GRADEBOOK)
    def add(self, new: NewGrading, *, unless_newest: bool = False) -> Grading:
        """Keep one more grading; committed on return.

        With `unless_newest` nothing is added where the newest grading of this submission is the
        very same: the same work, rejected alike, or made of the same results.
        """
        with self._database.writing() as connection:
            known = [each for each in new.exercises if isinstance(each, GradedExercise)]
            if unless_newest and len(known) == len(new.exercises):
                newest = queries.same_as_newest(
                    connection, new.submission_id, new.submission_digest, new.reason, known
                )
                if newest is not None:
                    return newest
            now = datetime.now(UTC)
            exercises = [
                _kept(connection, new, exercise, now)
                if isinstance(exercise, MadeExercise)
                else exercise
                for exercise in new.exercises
            ]
            return _graded(connection, new, exercises, now)

    def class_grades(self, as_of: int | None = None, *, outlines: bool = False) -> ClassGrades:
        """The newest grading of each submission, and under which conditions the newest run graded.

        `as_of` is the number of a run: as it was at that one's end. The level is the weakest of
        those that grades were made under, and the layers are those that held for all of them. The
        grades are read whenever one goes over them: keep the gradebook open as long.
        `outlines` leaves out the checks of exercises. GradebookError where nothing was graded yet.
        """
        with self._database.reading() as connection:
            runs = queries.runs(connection)
            numbers = queries.newest_numbers(connection, as_of)
            under = queries.made_under(connection, as_of)
        runs = [run for run in runs if as_of is None or run.number <= as_of]
        if not runs or (as_of is not None and runs[-1].number != as_of):
            which = "is empty: grade first" if as_of is None else f"has no run {as_of}"
            raise GradebookError(f"the gradebook {self.name} {which}")
        run = runs[-1]
        levels = {run.sandbox, *(level for level, _ in under)}
        return ClassGrades(
            course=run.course or "unknown",
            seed=run.seed,
            device=run.device,
            torch=run.torch or "unknown",
            level=min(levels, key=lambda level: _LEVELS.index(level) if level in _LEVELS else -1),
            layers=held_by_all([layers for _, layers in under]),
            seconds=run.seconds or 0.0,
            grades=KeptGrades(self, tuple(numbers.values()), outlines),
        )

    def numbered(self, numbers: Sequence[int]) -> Iterator[Grading]:
        """The gradings with these numbers, in this order, a few of them in memory at a time.

        What was added is never changed, so it does not matter who writes meanwhile.
        """
        for begin in range(0, len(numbers), _AT_A_TIME):
            with self._database.reading() as connection:
                some = queries.numbered(connection, numbers[begin : begin + _AT_A_TIME])
            yield from some

    def newest(self, as_of: int | None = None) -> list[Grading]:
        """The newest grading of each submission, sorted by id; `as_of` a run, at that one's end."""
        with self._database.reading() as connection:
            numbers = queries.newest_numbers(connection, as_of)
        return list(self.numbered(tuple(numbers.values())))

    def newest_and_previous(self) -> list[tuple[Grading, Grading | None]]:
        """The newest grading of each submission and the one before it, sorted by id."""
        with self._database.reading() as connection:
            return queries.newest_and_previous(connection)

    def history(self, submission_id: str) -> list[Grading]:
        """Every grading of one submission, oldest first."""
        with self._database.reading() as connection:
            return queries.history(connection, submission_id)

    def latest(self) -> list[dict[str, Any]]:
        """The newest grading of each submission as an entry of the JSON, sorted by id."""
        return [grading.entry for grading in self.newest()]


def held_by_all(layers: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """The layers that are in all the lists, in the order of the first."""
    first = layers[0] if layers else ()
    return tuple(name for name in first if all(name in held for held in layers))


def _kept(
    connection: Connection, new: NewGrading, made: MadeExercise, now: datetime
) -> GradedExercise:
    """Insert one exercise's result."""
    values = {
        "submission_id": new.submission_id,
        "submission_digest": new.submission_digest,
        "exercise": made.name,
        **queries.columns_of(made.conditions),
        "layers": list(made.layers),
        "graded_at": now,
        "entry": dict(made.entry),
    }
    number = _inserted(connection, schema.exercise_grades, values)
    return GradedExercise(number, made.name, made.conditions, tuple(made.layers), now, made.entry)


def _graded(
    connection: Connection, new: NewGrading, exercises: Sequence[GradedExercise], now: datetime
) -> Grading:
    """Insert a grading, and of which results it is made."""
    grading = Grading(
        number=0,
        run=new.run,
        submission_id=new.submission_id,
        submission_digest=new.submission_digest,
        status="graded" if new.reason is None else "rejected",
        reason=new.reason,
        points=float(sum(exercise.entry["points"] for exercise in exercises)),
        max_points=float(sum(exercise.entry["max_points"] for exercise in exercises)),
        graded_at=now,
        exercises=tuple(exercises),
    )
    columns = {column.name for column in schema.gradings.columns} - {"number"}
    values = {name: getattr(grading, name) for name in columns}
    number = _inserted(connection, schema.gradings, values)
    parts = [
        {"grading": number, "position": position, "exercise_grade": exercise.number}
        for position, exercise in enumerate(exercises)
    ]
    if parts:
        connection.execute(insert(schema.graded_exercises), parts)
    return replace(grading, number=number)


def _inserted(connection: Connection, table: Any, values: Mapping[str, Any]) -> int:
    """The number of the new row, which the database gives."""
    done = connection.execute(insert(table).values(values))
    return int(done.inserted_primary_key[0])  # type: ignore[index]  # every table here has one
