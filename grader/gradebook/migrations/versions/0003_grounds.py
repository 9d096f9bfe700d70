"""Format 3: what verdicts rest on, check by check. Of what was graded before nothing is known."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "grounds",
        sa.Column("conditions", sa.String(64), primary_key=True),
        sa.Column("grounds", sa.Text, nullable=False),
    )
    op.execute("UPDATE gradebook_version SET version = 3")
