"""The tables of a gradebook of the newest format; `migrations/` is how a database gets there."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)

FORMAT = 3

metadata = MetaData()


class Json(TypeDecorator[Any]):
    """Data as JSON in ASCII: every database keeps every letter that a submission may hold."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str:
        return json.dumps(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        try:
            return None if value is None else json.loads(value)
        except ValueError as error:
            raise ValueError("a grade in it is malformed") from error


class Moment(TypeDecorator[datetime]):
    """A time in UTC, also from a database that forgets the zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


# The format, where graders of every format look for it.
version = Table("gradebook_version", metadata, Column("version", Integer, primary_key=True))
settings = Table(
    "gradebook_settings",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", String(200), nullable=False),
)
runs = Table(
    "runs",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("began", Moment, nullable=False),
    Column("finished", Moment),  # none: it was interrupted, or goes on
    Column("course", Text, nullable=False),
    # As text: it may be wider than a column of integers.
    Column("seed", String(40), nullable=False),
    Column("device", String(100), nullable=False),
    Column("sandbox", String(500), nullable=False),
    Column("layers", Json, nullable=False),
    Column("torch", String(100), nullable=False),
    Column("grader", String(100), nullable=False),
    Column("data", Text, nullable=False),
    Column("seconds", Float),
    Column("settings", Json, nullable=False),  # what was asked for: paths, only, course_folder
    sqlite_autoincrement=True,
)
gradings = Table(
    "gradings",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("run", Integer, ForeignKey("runs.number"), nullable=False),
    Column("submission_id", String(700), nullable=False, index=True),
    Column("submission_digest", String(64), nullable=False),
    Column("status", String(20), nullable=False),
    Column("reason", Json, nullable=False),  # text, or null
    Column("points", Float, nullable=False),
    Column("max_points", Float, nullable=False),
    Column("graded_at", Moment, nullable=False),
    sqlite_autoincrement=True,
)
exercise_grades = Table(
    "exercise_grades",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("submission_id", String(700), nullable=False),
    Column("submission_digest", String(64), nullable=False),
    Column("exercise", String(200), nullable=False),
    # What makes it reusable: grader.gradebook.records.Conditions.
    Column("checks", Text, nullable=False),
    Column("engine", String(64), nullable=False),
    Column("torch", String(100), nullable=False),
    Column("seed", String(40), nullable=False),
    Column("device", String(100), nullable=False),
    Column("sandbox", String(500), nullable=False),
    Column("data", Text, nullable=False),
    Column("layers", Json, nullable=False),
    Column("graded_at", Moment, nullable=False),
    # As in the JSON of a run, and what is known beside: curves, evidence.
    Column("entry", Json, nullable=False),
    Index("ix_exercise_grades_submission", "submission_id", "submission_digest"),
    sqlite_autoincrement=True,
)
# Which results a grading is made of; one that was reused is in several gradings.
graded_exercises = Table(
    "graded_exercises",
    metadata,
    Column("grading", Integer, ForeignKey("gradings.number"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("exercise_grade", Integer, ForeignKey("exercise_grades.number"), nullable=False),
)
# What a digest of an exercise's checks was made of, so that it can be said what has changed.
checks_parts = Table(
    "checks_parts",
    metadata,
    Column("checks", String(64), primary_key=True),
    Column("parts", Json, nullable=False),
)
# What the verdicts made under certain conditions rest on, check by check: what still holds is kept.
grounds = Table(
    "grounds",
    metadata,
    Column("conditions", String(64), primary_key=True),  # Conditions.digest
    Column("grounds", Json, nullable=False),  # grader.grounds.Grounds
)
