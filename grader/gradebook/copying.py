"""Copies a gradebook into a new one elsewhere, such as a file onto a server: all of it, or nothing.

python -m grader.gradebook.copying results/gradebook.db postgresql://ada@db.example.org/grades
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, func, insert, select

from grader.gradebook import schema
from grader.gradebook.database import Database, GradebookError
from grader.gradebook.opening import prepare

_AT_A_TIME = 200  # rows in memory
_USAGE = "usage: python -m grader.gradebook.copying FROM TO"


def copy(source: str | Path, target: str | Path) -> int:
    """Copy runs, gradings, results and the seed; how many gradings.

    GradebookError where one of them refuses, or where something was graded into the target.
    """
    old = Database(source, reading=True)
    try:
        prepare(old, reading=True)
        new = Database(target, reading=False)
        try:
            prepare(new, reading=False)
            with old.reading() as rows, new.writing(alone=True) as into:
                return _copy(rows, into, new.name)
        finally:
            new.close()
    finally:
        old.close()


def _copy(rows: Connection, into: Connection, name: str) -> int:
    for table in (schema.runs, schema.gradings, schema.settings):
        if into.execute(select(func.count()).select_from(table)).scalar_one():
            raise GradebookError(f"the gradebook {name} is in use already: name a new one")
    for table in schema.metadata.sorted_tables:
        if table is not schema.version:
            _copy_table(rows, into, table)
    return int(into.execute(select(func.count()).select_from(schema.gradings)).scalar_one())


def _copy_table(rows: Connection, into: Connection, table: Table) -> None:
    ordered = select(table).order_by(*table.primary_key.columns)
    for part in rows.execute(ordered).mappings().partitions(_AT_A_TIME):
        into.execute(insert(table), [dict(row) for row in part])
    if "number" in table.columns and into.dialect.name == "postgresql":
        # New rows are numbered on from the copied ones, which SQLite does by itself.
        following = select(func.coalesce(func.max(table.c.number), 0) + 1).scalar_subquery()
        sequence = func.pg_get_serial_sequence(table.name, "number")
        into.execute(select(func.setval(sequence, following, False)))


def main(arguments: list[str]) -> Any:
    """What the process ends with: nothing, or what went wrong."""
    if len(arguments) != 2:
        return _USAGE
    try:
        gradings = copy(*arguments)
    except GradebookError as error:
        return f"grader: {error}"
    print(f"{gradings} gradings are copied; the old gradebook is as it was")
    return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
