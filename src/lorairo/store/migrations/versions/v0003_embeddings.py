"""Places of images in the space of a model."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "embedding",
        sa.Column("model_id", ID, nullable=False),
        sa.Column("image_id", ID, nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["image_id"], ["image.id"], name=op.f("fk_embedding_image_id_image"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["model_id"], ["model.id"], name=op.f("fk_embedding_model_id_model")),
        sa.PrimaryKeyConstraint("model_id", "image_id", name=op.f("pk_embedding")),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("embedding")
