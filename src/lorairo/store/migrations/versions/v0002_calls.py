"""What an operation was asked to do, and on which images, so that it can be written as a call again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_COLUMNS = ("parameters", "expression", "scope_count", "scope_digest")


def upgrade() -> None:
    """Add the columns; operations that were there before have none of it."""
    op.add_column("operation", sa.Column("parameters", sa.JSON(), nullable=True))
    op.add_column("operation", sa.Column("expression", sa.Text(), nullable=True))
    op.add_column("operation", sa.Column("scope_count", sa.Integer(), nullable=True))
    op.add_column("operation", sa.Column("scope_digest", sa.LargeBinary(length=32), nullable=True))


def downgrade() -> None:
    """Drop them."""
    with op.batch_alter_table("operation") as table:
        for name in reversed(_COLUMNS):
            table.drop_column(name)
