"""Alembic's own entry: migrates on the connection it is handed, inside that one's transaction."""

from __future__ import annotations

from alembic import context

from grader.gradebook.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table="gradebook_migrations",
)
context.run_migrations()
