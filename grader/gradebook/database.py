"""The database behind a gradebook: where it is, how it is opened, and what it says, in a sentence.

SQLite in a file, or whatever an SQLAlchemy URL leads to; tried with PostgreSQL.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

BUSY_SECONDS = 30  # how long to wait for another process that writes
_CONNECT_SECONDS = 10  # for a server to answer
_ALONE = 0x746F7263_68677261  # PostgreSQL's lock for who decides something for all graders

# What a driver says, what it means, and what to do.
_DAMAGED = "it is damaged: restore a copy, or move it away and grade again"
_IN_USE = "another process is using it: let that one end, then run the same command again"
_FULL = "the disk is full: free some space, then run the same command again"
_TROUBLES = (
    ("locked", _IN_USE),
    ("busy", _IN_USE),
    ("lock timeout", _IN_USE),
    ("not a database", "it is damaged, or no gradebook: restore a copy, or move it away"),
    ("malformed", _DAMAGED),
    ("decode", _DAMAGED),
    ("no such column", _DAMAGED),
    ("no such table", _DAMAGED),
    ("file format", _DAMAGED),
    ("readonly", "it may not be written to: check the permissions of the file and its folder"),
    ("unable to open", "it cannot be opened: check that its folder exists and may be written to"),
    ("full", _FULL),
    ("no space left", _FULL),
    ("disk i/o", "the disk refused it: check its free space, then run the same command again"),
    (
        "connection failed",
        "the server cannot be reached, or lets nobody in: check address, user and password",
    ),
    ("permission denied", "its user may not do that: have the server's administrator allow it"),
)


class GradebookError(Exception):
    """The gradebook cannot be used: says what happened, where, and what to do."""


class Database:
    """One database, opened; every transaction raises GradebookError where it refuses.

    `reading` alone never makes a file, and gets along with one that may not be written to.
    """

    def __init__(self, url_or_path: str | Path, *, reading: bool) -> None:
        url = _url(url_or_path)
        self.path = Path(url.database) if _is_file(url) and url.database else None
        shown = url.set(drivername=url.drivername.removesuffix("+psycopg"))
        self.name = str(self.path) if self.path else shown.render_as_string(hide_password=True)
        self._secrets = [secret for secret in (url.password, url.query.get("password")) if secret]
        self.name = self._without_secrets(self.name)
        if self.path is not None:
            self._check_place(self.path, reading)
        with self.troubles_named():
            self._engine = _engine(url, reading)

    def close(self) -> None:
        """Close all connections; whoever uses the database after all opens a new one."""
        self._engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        with self.troubles_named(), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self, *, alone: bool = False) -> Iterator[Connection]:
        """A transaction, committed at its end; `alone`, no other one like it goes on meanwhile."""
        with self.troubles_named(), self._engine.connect() as connection:
            connection = connection.execution_options(writing=True)
            with connection.begin():
                if alone and connection.dialect.name == "postgresql":
                    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ALONE})
                yield connection

    def copy_to(self, path: Path) -> None:
        """Copy what is committed in a file of SQLite's."""
        assert self.path is not None
        with self.troubles_named():
            source, target = _opened(self.path, "mode=rw"), sqlite3.connect(path)
            try:
                source.backup(target)
            finally:
                target.close()
                source.close()

    @contextmanager
    def troubles_named(self) -> Iterator[None]:
        """Turn what the database raises into one sentence."""
        try:
            yield
        except ImportError as error:
            hint = " (the extra `postgresql` has it)" if error.name == "psycopg" else ""
            raise GradebookError(
                f"{self.name} needs a database driver that is missing: install {error.name}{hint}"
            ) from error
        except (SQLAlchemyError, sqlite3.Error, OSError, ValueError) as error:
            said = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
            said = self._without_secrets(said).encode("ascii", "backslashreplace").decode()[:200]
            for sign, meaning in _TROUBLES:
                if sign in said.lower():
                    said = f"{meaning} ({said})"
                    break
            # The cause would show the URL: a driver's own errors may quote it.
            raise GradebookError(f"the gradebook {self.name}: {said}") from None

    def _without_secrets(self, said: str) -> str:
        for secret in self._secrets:
            for written in (str(secret), quote(str(secret), safe="")):
                said = said.replace(written, "***")
        return said

    def _check_place(self, path: Path, reading: bool) -> None:
        """A file's folder is made for who writes; who reads needs a file."""
        if path.is_dir():
            raise GradebookError(f"{path} is a folder: name a file in it for the gradebook")
        try:
            if reading and not path.exists():
                raise GradebookError(
                    f"there is no gradebook {path}: grade first, or name another one"
                )
            if not reading:
                path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            what = "read" if reading else "made for the gradebook"
            raise GradebookError(f"{path.parent} cannot be {what}: {error.strerror}") from None


def _url(url_or_path: str | Path) -> URL:
    if not isinstance(url_or_path, str) or "://" not in url_or_path:
        return URL.create("sqlite", database=str(url_or_path))
    try:
        url = make_url(url_or_path)
    except (ArgumentError, ValueError):
        raise GradebookError(
            "the gradebook's address is no SQLAlchemy URL, such as "
            "postgresql://user@host/database or sqlite:///grades.sqlite"
        ) from None
    if url.drivername in ("postgres", "postgresql"):
        url = url.set(drivername="postgresql+psycopg")
    return url


def _is_file(url: URL) -> bool:
    database = url.database or ":memory:"
    return url.get_backend_name() == "sqlite" and not database.startswith((":memory:", "file:"))


def _engine(url: URL, reading: bool) -> Engine:
    if url.get_backend_name() == "postgresql":
        limit = {"connect_timeout": str(_CONNECT_SECONDS)} | dict(url.query)
        engine = create_engine(url.set(query=limit), pool_pre_ping=True)
        event.listen(engine, "connect", _set_up_postgresql)
        return engine
    if url.get_backend_name() != "sqlite":
        return create_engine(url, pool_pre_ping=True)
    if reading and _is_file(url):
        path = Path(str(url.database))
        engine = create_engine(url, creator=lambda: _opened_for_reading(path))
    else:
        engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS})
        event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _set_up_postgresql(connection: Any, record: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET lock_timeout = '{BUSY_SECONDS}s'")
    connection.commit()


def _set_up_sqlite(connection: Any, record: object) -> None:
    # SQLAlchemy's own advice: Python's sqlite3 must not begin transactions of its own accord.
    connection.isolation_level = None
    _write_ahead(connection)
    # A grade that was shown must survive even a power cut.
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")


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


def _opened(path: Path, how: str) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"file:{quote(os.path.abspath(path))}?{how}",
        uri=True,
        timeout=BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
    )
    try:
        connection.execute("SELECT count(*) FROM sqlite_master")  # nothing is opened before
    except BaseException:
        connection.close()
        raise
    return connection


def _opened_for_reading(path: Path) -> sqlite3.Connection:
    if os.access(path, os.W_OK) and os.access(path.parent, os.W_OK):
        return _opened(path, "mode=rw")
    try:
        return _opened(path, "mode=ro")
    except sqlite3.OperationalError:
        # Beside a file in this mode SQLite wants to make another, unless it knows that nobody
        # writes. Where something waits in a log beside it, that would leave the newest grades out.
        log = path.with_name(f"{path.name}-wal")
        if log.exists() and log.stat().st_size:
            raise
        return _opened(path, "immutable=1")


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and writes later fails where another writes meanwhile.
    writing = connection.get_execution_options().get("writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
