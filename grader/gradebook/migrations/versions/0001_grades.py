"""Format 1: one row a grade, reused as a whole."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables; `gradebook_settings` was added to the format later, and may be missing."""
    op.create_table(
        "gradebook_version",
        sa.Column("version", sa.Integer, primary_key=True),
    )
    op.create_table(
        "grades",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("submission_id", sa.String(700), nullable=False, index=True),
        sa.Column("submission_digest", sa.String(64), nullable=False),
        sa.Column("checks_digest", sa.String(64), nullable=False),
        sa.Column("seed", sa.String(40), nullable=False),
        sa.Column("device", sa.String(100), nullable=False),
        sa.Column("sandbox", sa.String(500), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("points", sa.Float, nullable=False),
        sa.Column("max_points", sa.Float, nullable=False),
        sa.Column("graded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("grade", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "gradebook_settings",
        sa.Column("name", sa.String(40), primary_key=True),
        sa.Column("value", sa.String(200), nullable=False),
    )
    op.execute("INSERT INTO gradebook_version (version) VALUES (1)")
