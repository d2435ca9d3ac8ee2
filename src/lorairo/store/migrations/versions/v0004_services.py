"""What was asked of services, one by one and many together."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "submission",
        sa.Column("id", ID, nullable=False),
        sa.Column("job_id", ID, nullable=False),
        sa.Column("model_id", ID, nullable=False),
        sa.Column("remote_id", sa.String(255), nullable=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("updated_at", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["model_id"], ["model.id"], name=op.f("fk_submission_model_id_model")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission")),
    )
    op.create_index(op.f("ix_submission_job_id"), "submission", ["job_id"])
    op.create_table(
        "request",
        sa.Column("id", ID, nullable=False),
        sa.Column("image_id", ID, nullable=False),
        sa.Column("model_id", ID, nullable=False),
        sa.Column("job_id", ID, nullable=False),
        sa.Column("submission_id", ID, nullable=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("ending", sa.String(32), nullable=True),
        sa.Column("prompt_sha256", sa.LargeBinary(32), nullable=False),
        sa.Column("picture_sha256", sa.LargeBinary(32), nullable=False),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        sa.Column("sent_at", sa.Float(), nullable=False),
        sa.Column("ended_at", sa.Float(), nullable=True),
        sa.Column("raw", sa.Text(), nullable=True),
        sa.Column("tokens_in", sa.Integer(), nullable=True),
        sa.Column("tokens_out", sa.Integer(), nullable=True),
        sa.Column("cost", sa.Float(), nullable=True),
        sa.Column("remote_id", sa.String(255), nullable=True),
        sa.Column("answered_by", sa.String(255), nullable=True),
        sa.ForeignKeyConstraint(
            ["image_id"], ["image.id"], name=op.f("fk_request_image_id_image"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["model_id"], ["model.id"], name=op.f("fk_request_model_id_model")),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submission.id"], name=op.f("fk_request_submission_id_submission")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request")),
    )
    op.create_index(op.f("ix_request_model_id_image_id"), "request", ["model_id", "image_id"])
    op.create_index(op.f("ix_request_image_id"), "request", ["image_id"])
    op.create_index(op.f("ix_request_state"), "request", ["state"])
    op.create_index(op.f("ix_request_job_id"), "request", ["job_id"])
    op.create_index(op.f("ix_request_submission_id"), "request", ["submission_id"])


def downgrade() -> None:
    """Drop them."""
    op.drop_table("request")
    op.drop_table("submission")
