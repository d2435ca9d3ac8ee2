"""What people decided about sentences of captions, and about duplicates."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "ruling",
        sa.Column("image_id", ID, nullable=False),
        sa.Column("field", sa.String(24), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["image_id"], ["image.id"], name=op.f("fk_ruling_image_id_image"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("image_id", "field", name=op.f("pk_ruling")),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("ruling")
