"""Format 2: runs, gradings, and a result of its own for each exercise, so that it can be reused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, ClassVar

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_AT_A_TIME = 100  # grades in memory


def upgrade() -> None:
    """Make the new tables, take every grade over into them, and drop the old one."""
    tables = _new_tables()
    connection = op.get_bind()
    if not sa.inspect(connection).has_table("gradebook_settings"):  # the first books had none
        op.create_table(
            "gradebook_settings",
            sa.Column("name", sa.String(40), primary_key=True),
            sa.Column("value", sa.String(200), nullable=False),
        )
    taken_over = _Books(connection, tables)
    for row in _old_grades(connection):
        taken_over.add(row)
    op.drop_table("grades")
    op.execute("UPDATE gradebook_version SET version = 2")


def _new_tables() -> dict[str, sa.Table]:
    moment = sa.DateTime(timezone=True)
    conditions = [("seed", 40), ("device", 100), ("sandbox", 500)]

    def number() -> sa.Column[int]:
        return sa.Column("number", sa.Integer, primary_key=True, autoincrement=True)

    def text(name: str, length: int | None = None, **more: Any) -> sa.Column[str]:
        kind = sa.Text() if length is None else sa.String(length)
        return sa.Column(name, kind, nullable=False, **more)

    runs = op.create_table(
        "runs",
        number(),
        sa.Column("began", moment, nullable=False),
        sa.Column("finished", moment),
        text("course"),
        *(text(name, length) for name, length in conditions),
        text("layers"),
        text("torch", 100),
        text("grader", 100),
        text("data"),
        sa.Column("seconds", sa.Float),
        text("settings"),
        sqlite_autoincrement=True,
    )
    gradings = op.create_table(
        "gradings",
        number(),
        sa.Column("run", sa.Integer, sa.ForeignKey("runs.number"), nullable=False),
        text("submission_id", 700, index=True),
        text("submission_digest", 64),
        text("status", 20),
        text("reason"),
        sa.Column("points", sa.Float, nullable=False),
        sa.Column("max_points", sa.Float, nullable=False),
        sa.Column("graded_at", moment, nullable=False),
        sqlite_autoincrement=True,
    )
    exercise_grades = op.create_table(
        "exercise_grades",
        number(),
        text("submission_id", 700),
        text("submission_digest", 64),
        text("exercise", 200),
        text("checks"),
        text("engine", 64),
        text("torch", 100),
        *(text(name, length) for name, length in conditions),
        text("data"),
        text("layers"),
        sa.Column("graded_at", moment, nullable=False),
        text("entry"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_exercise_grades_submission", "exercise_grades", ["submission_id", "submission_digest"]
    )
    graded_exercises = op.create_table(
        "graded_exercises",
        sa.Column("grading", sa.Integer, sa.ForeignKey("gradings.number"), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column(
            "exercise_grade", sa.Integer, sa.ForeignKey("exercise_grades.number"), nullable=False
        ),
    )
    op.create_table(
        "checks_parts", sa.Column("checks", sa.String(64), primary_key=True), text("parts")
    )
    made = (runs, gradings, exercise_grades, graded_exercises)
    return {table.name: table for table in made}


_grades = sa.table(
    "grades",
    sa.column("number", sa.Integer),
    *(sa.column(name, sa.String) for name in ("submission_id", "submission_digest")),
    *(sa.column(name, sa.String) for name in ("checks_digest", "seed", "device", "sandbox")),
    *(sa.column(name, sa.String) for name in ("status", "grade")),
    *(sa.column(name, sa.Float) for name in ("points", "max_points")),
    sa.column("graded_at", sa.DateTime(timezone=True)),
)


def _old_grades(connection: sa.Connection) -> Iterator[sa.Row[Any]]:
    """Every grade, in the order in which they were made."""
    ordered = sa.select(_grades).order_by(_grades.c.number).limit(_AT_A_TIME)
    last = 0
    while rows := connection.execute(ordered.where(_grades.c.number > last)).all():
        yield from rows
        last = rows[-1].number


class _Books:
    """Puts old grades into the new tables: those made in a row under the same conditions are taken
    for one run, of which nothing else is known."""

    def __init__(self, connection: sa.Connection, tables: dict[str, sa.Table]) -> None:
        self._connection = connection
        self._tables = tables
        self._conditions: tuple[str, ...] | None = None
        self._run = 0

    def add(self, row: sa.Row[Any]) -> None:
        """ValueError where the grade is none that a grader wrote."""
        graded_at = _in_utc(row.graded_at)
        self._continue_run(row, graded_at)
        try:
            grade = json.loads(row.grade)
            exercises = [(entry["name"], json.dumps(entry)) for entry in grade["exercises"]]
            layers = json.dumps(grade.get("layers") or [])
            reason = json.dumps(grade.get("reason"))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise ValueError(f"the grade number {row.number} in it is malformed") from error
        whose = {
            "submission_id": row.submission_id,
            "submission_digest": row.submission_digest,
            "graded_at": graded_at,
        }
        grading = self._insert(
            "gradings",
            **whose,
            run=self._run,
            status=row.status,
            reason=reason,
            points=row.points,
            max_points=row.max_points,
        )
        for position, (name, entry) in enumerate(exercises):
            number = self._insert(
                "exercise_grades",
                **whose,
                **self._unknown,
                exercise=name,
                checks=row.checks_digest,
                engine="",
                seed=row.seed,
                device=row.device,
                sandbox=row.sandbox,
                layers=layers,
                entry=entry,
            )
            self._insert(
                "graded_exercises", grading=grading, position=position, exercise_grade=number
            )

    _unknown: ClassVar = {"torch": "", "data": ""}

    def _continue_run(self, row: sa.Row[Any], graded_at: datetime) -> None:
        conditions = (row.checks_digest, row.seed, row.device, row.sandbox)
        runs = self._tables["runs"]
        if conditions == self._conditions:
            ended = sa.update(runs).where(runs.c.number == self._run)
            self._connection.execute(ended.values(finished=graded_at))
            return
        self._conditions = conditions
        self._run = self._insert(
            "runs",
            **self._unknown,
            began=graded_at,
            finished=graded_at,
            course="",
            seed=row.seed,
            device=row.device,
            sandbox=row.sandbox,
            layers=json.dumps([]),
            grader="",
            settings=json.dumps({"paths": [], "only": None, "course_folder": None}),
        )

    def _insert(self, table: str, **values: Any) -> int:
        """The row's number, which the database gives."""
        done = self._connection.execute(sa.insert(self._tables[table]).values(values))
        return int(done.inserted_primary_key[0])  # type: ignore[index]  # every table here has one


def _in_utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
