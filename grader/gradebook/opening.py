"""Brings a database to the newest format when it is opened: made, migrated, or refused."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from sqlalchemy import Connection, inspect, select

from grader.gradebook import schema
from grader.gradebook.database import Database, GradebookError

_MIGRATIONS = Path(__file__).parent / "migrations"


def prepare(database: Database, *, reading: bool) -> None:
    """Make the tables where there are none; migrate those of an earlier format.

    All of it is one transaction, and before it a file is copied. GradebookError where the database
    is somebody else's, of a later format, or has no tables and was opened for reading alone.
    """
    with database.reading() as connection:
        found = _format_of(connection, database.name)
    if found == schema.FORMAT:
        return
    if found is None and reading:
        raise GradebookError(
            f"{database.name} holds no gradebook: grade first, or name another one"
        )
    with database.writing(alone=True) as connection:
        found = _format_of(connection, database.name)  # another process may have been faster
        if found == schema.FORMAT:
            return
        if found is not None and database.path is not None:
            _keep_copy(database, database.path, found)
        _migrate(connection, found)


def _format_of(connection: Connection, name: str) -> int | None:
    """The format of the tables; None where there are none. GradebookError where it is not ours."""
    tables = set(inspect(connection).get_table_names())
    if schema.version.name not in tables:
        taken = tables & {"grades", *schema.metadata.tables}
        if taken or (tables and connection.dialect.name == "sqlite"):
            raise GradebookError(f"{name} is a database, but no gradebook: name another one")
        return None
    found = connection.execute(select(schema.version.c.version)).scalars().all()
    if len(found) != 1 or not 1 <= found[0] <= schema.FORMAT:
        raise GradebookError(
            f"{name} has the gradebook format {max(found, default='?')}, and this grader knows "
            f"{schema.FORMAT}: use the grader that wrote it, or name another one"
        )
    return int(found[0])


def _keep_copy(database: Database, path: Path, format: int) -> None:
    """Copy the file before it is changed: `gradebook.format-1.db`, or with a number after."""
    unfinished = path.with_name(f".{secrets.token_hex(8)}.unfinished")
    try:
        database.copy_to(unfinished)
        os.chmod(unfinished, path.stat().st_mode & 0o777)
        with open(unfinished, "rb") as file:
            os.fsync(file.fileno())
        unfinished.rename(_free_name(path, f".format-{format}"))
    except (GradebookError, OSError) as error:
        raise GradebookError(
            f"{path} has an earlier format, and no copy can be kept beside it before it is "
            f"brought to this one: {error}"
        ) from None
    finally:
        for leftover in ("", "-journal", "-wal", "-shm"):
            unfinished.with_name(unfinished.name + leftover).unlink(missing_ok=True)


def _free_name(path: Path, added: str) -> Path:
    name, number = path.with_name(f"{path.stem}{added}{path.suffix}"), 1
    while name.exists():
        number += 1
        name = path.with_name(f"{path.stem}{added}-{number}{path.suffix}")
    return name


def _migrate(connection: Connection, found: int | None) -> None:
    # Most runs find the newest format, and alembic takes a while to import.
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    if found == 1 and not inspect(connection).has_table("gradebook_migrations"):
        command.stamp(config, "0001")  # that format was written before there were migrations
    command.upgrade(config, "head")
