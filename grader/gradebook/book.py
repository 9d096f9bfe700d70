"""Where grades live: each is committed to a database before anyone is told of it, and kept."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from sqlalchemy import (
    Column,
    Connection,
    DateTime,
    Engine,
    Float,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
    event,
    func,
    insert,
    inspect,
    select,
)
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

SCHEMA_VERSION = 1
BUSY_SECONDS = 30  # how long to wait for another process that writes

_metadata = MetaData()
_version = Table("gradebook_version", _metadata, Column("version", Integer, primary_key=True))
_grades = Table(
    "grades",
    _metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("submission_id", String(700), nullable=False, index=True),
    Column("submission_digest", String(64), nullable=False),
    Column("checks_digest", String(64), nullable=False),
    Column(
        "seed", String(40), nullable=False
    ),  # as text: it may be wider than a column of integers
    Column("device", String(100), nullable=False),
    Column("sandbox", String(500), nullable=False),
    Column("status", String(20), nullable=False),
    Column("points", Float, nullable=False),
    Column("max_points", Float, nullable=False),
    Column("graded_at", DateTime(timezone=True), nullable=False),  # UTC
    Column("grade", Text(2**24), nullable=False),  # JSON; the length makes MySQL choose a wide type
    sqlite_autoincrement=True,
)
_settings = Table(
    "gradebook_settings",
    _metadata,
    Column("name", String(40), primary_key=True),
    Column("value", String(200), nullable=False),
)

# What a driver says, what it means, and what to do.
_DAMAGED = "it is damaged: restore a copy, or move it away and grade again"
_IN_USE = "another process is using it: let that one end, then run the same command again"
_TROUBLES = (
    ("locked", _IN_USE),
    ("busy", _IN_USE),
    ("not a database", "it is damaged, or no gradebook: restore a copy, or move it away"),
    ("malformed", _DAMAGED),
    ("decode", _DAMAGED),
    ("column", _DAMAGED),
    ("file format", _DAMAGED),
    ("readonly", "it may not be written to: check the permissions of the file and its folder"),
    ("unable to open", "it cannot be opened: check that its folder exists and may be written to"),
    ("full", "the disk is full: free some space, then run the same command again"),
    ("disk i/o", "the disk refused it: check its free space, then run the same command again"),
)


class GradebookError(Exception):
    """The gradebook cannot be used: says what happened, where, and what to do."""


@dataclass(frozen=True)
class GradeKey:
    """What makes a grade reusable: the same work, the same checks, under the same conditions."""

    submission_digest: str
    checks_digest: str
    seed: int
    device: str
    sandbox: str


class Gradebook:
    """Grades in an SQLite file, or wherever an SQLAlchemy URL leads.

    A file and its tables are made where they are missing. Use one in the process that opened it:
    a fork opens its own. Every method raises GradebookError where the database refuses.
    """

    def __init__(self, url_or_path: str | Path) -> None:
        url = _url(url_or_path)
        self._name = url.database if _is_file(url) else url.render_as_string(hide_password=True)
        with self._troubles_named():
            self._engine = _engine(url)
            try:
                with self._writing() as connection:
                    self._prepare(connection)
            except BaseException:
                self._engine.dispose()
                raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._engine.dispose()

    def find(self, submission_id: str, key: GradeKey) -> dict[str, Any] | None:
        """The newest grade given to that submission under that key."""
        asked = {"submission_id": submission_id, **_columns(key)}
        newest = select(_grades.c.grade).order_by(_grades.c.number.desc()).limit(1)
        for name, value in asked.items():
            newest = newest.where(_grades.c[name] == value)
        with self._troubles_named(), self._engine.connect() as connection:
            grade = connection.execute(newest).scalar_one_or_none()
            return None if grade is None else _decoded(grade)

    def add(self, submission_id: str, key: GradeKey, grade: dict[str, Any]) -> None:
        """Keep one more grade, an entry of "submissions" in the JSON; committed on return."""
        row = {
            "submission_id": submission_id,
            **_columns(key),
            "status": grade["status"],
            "points": grade["points"],
            "max_points": grade["max_points"],
            "graded_at": datetime.now(UTC),
            "grade": json.dumps(grade),
        }
        with self._troubles_named(), self._writing() as connection:
            connection.execute(insert(_grades).values(row))

    def latest(self) -> list[dict[str, Any]]:
        """The newest grade of each submission, sorted by submission id."""
        newest = select(func.max(_grades.c.number)).group_by(_grades.c.submission_id)
        rows = select(_grades.c.submission_id, _grades.c.grade).where(_grades.c.number.in_(newest))
        with self._troubles_named(), self._engine.connect() as connection:
            grades = {id: _decoded(grade) for id, grade in connection.execute(rows)}
        # Sorted here: each database has its own idea of the order of names.
        return [grades[id] for id in sorted(grades)]

    def seed(self, drawn: int) -> int:
        """The seed that this gradebook's runs have in common: `drawn` where there is none yet.

        A gradebook that was begun without one goes on with that of its newest grade.
        """
        kept = select(_settings.c.value).where(_settings.c.name == "seed")
        newest = select(_grades.c.seed).order_by(_grades.c.number.desc()).limit(1)
        with self._troubles_named(), self._writing() as connection:
            value = connection.execute(kept).scalar_one_or_none()
            if value is None:
                value = connection.execute(newest).scalar_one_or_none() or str(drawn)
                connection.execute(insert(_settings).values(name="seed", value=value))
            return int(value)

    def _prepare(self, connection: Connection) -> None:
        """Make the tables where there are none; refuse a database that is somebody else's."""
        tables = set(inspect(connection).get_table_names())
        if _version.name not in tables:
            if _grades.name in tables or (tables and connection.dialect.name == "sqlite"):
                raise GradebookError(
                    f"{self._name} is a database, but no gradebook: name another file"
                )
            _metadata.create_all(connection)
            connection.execute(insert(_version).values(version=SCHEMA_VERSION))
        _settings.create(connection, checkfirst=True)  # the first gradebooks had none
        version = connection.execute(select(func.max(_version.c.version))).scalar_one()
        if version != SCHEMA_VERSION:
            raise GradebookError(
                f"{self._name} has the gradebook format {version}, and this grader knows "
                f"{SCHEMA_VERSION}: use the grader that wrote it, or name another file"
            )

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with self._engine.connect() as connection:
            connection = connection.execution_options(writing=True)
            with connection.begin():
                yield connection

    @contextmanager
    def _troubles_named(self) -> Iterator[None]:
        """Turn what the database raises into one sentence."""
        try:
            yield
        except ImportError as error:
            raise GradebookError(
                f"{self._name} needs a database driver that is missing: install {error.name}"
            ) from error
        except (SQLAlchemyError, OSError, ValueError) as error:
            said = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
            said = said.encode("ascii", "backslashreplace").decode()[:200]
            for sign, meaning in _TROUBLES:
                if sign in said.lower():
                    said = f"{meaning} ({said})"
                    break
            raise GradebookError(f"the gradebook {self._name}: {said}") from error


def _url(url_or_path: str | Path) -> URL:
    if isinstance(url_or_path, str) and "://" in url_or_path:
        try:
            return make_url(url_or_path)
        except ArgumentError as error:
            raise GradebookError(
                "the gradebook's address is no SQLAlchemy URL, such as sqlite:///grades.sqlite"
            ) from error
    path = Path(url_or_path)
    if path.is_dir():
        raise GradebookError(f"{path} is a folder: name a file in it for the gradebook")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise GradebookError(
            f"{path.parent} cannot be made for the gradebook: {error.strerror}"
        ) from error
    return URL.create("sqlite", database=str(path))


def _is_file(url: URL) -> bool:
    return url.get_backend_name() == "sqlite" and bool(url.database)


def _engine(url: URL) -> Engine:
    if url.get_backend_name() != "sqlite":
        return create_engine(url, pool_pre_ping=True)
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS})
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _set_up_sqlite(connection: Any, record: object) -> None:
    # SQLAlchemy's own advice: Python's sqlite3 must not begin transactions of its own accord.
    connection.isolation_level = None
    _write_ahead(connection)
    # A grade that was shown must survive even a power cut.
    connection.execute("PRAGMA synchronous = FULL")


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Have readers and a writer work side by side; the file remembers it."""
    give_up = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
                connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            # SQLite does not wait by itself where two processes change the mode of a new file.
            if "locked" not in str(error) or time.monotonic() > give_up:
                raise
            time.sleep(0.01)


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and writes later fails where another writes meanwhile.
    writing = connection.get_execution_options().get("writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _columns(key: GradeKey) -> dict[str, str]:
    return {name: str(value) for name, value in asdict(key).items()}


def _decoded(grade: str) -> dict[str, Any]:
    try:
        data: dict[str, Any] = json.loads(grade)
    except ValueError as error:
        raise ValueError("a grade in it is malformed") from error
    return data
