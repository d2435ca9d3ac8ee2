"""The first schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create all tables."""
    _create_images()
    _create_evidence()
    _create_state()
    _create_housekeeping()


def _create_images() -> None:
    op.create_table(
        "image",
        sa.Column("id", ID, nullable=False),
        sa.Column("sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("format", sa.String(length=16), nullable=False),
        sa.Column("mode", sa.String(length=16), nullable=False),
        sa.Column("alpha", sa.Boolean(), nullable=False),
        sa.Column("icc", sa.String(length=255), nullable=True),
        sa.Column("exif", sa.JSON(), nullable=False),
        sa.Column("prompt", sa.Text(), nullable=True),
        sa.Column("phash", sa.BigInteger(), nullable=False),
        sa.Column("mean_rgb", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.Column("updated_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_image")),
        sa.UniqueConstraint("sha256", name=op.f("uq_image_sha256")),
    )
    op.create_index(op.f("ix_image_phash"), "image", ["phash"], unique=False)
    op.create_table(
        "path",
        sa.Column("id", ID, nullable=False),
        sa.Column("image_id", ID, nullable=True),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("mtime_ns", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("missing", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("added_at", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["image_id"], ["image.id"], name=op.f("fk_path_image_id_image"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_path")),
        sa.UniqueConstraint("path", name=op.f("uq_path_path")),
    )
    op.create_index(op.f("ix_path_image_id"), "path", ["image_id"], unique=False)
    op.create_table(
        "sidecar",
        sa.Column("id", ID, nullable=False),
        sa.Column("path_id", ID, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("mtime_ns", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["path_id"], ["path.id"], name=op.f("fk_sidecar_path_id_path"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sidecar")),
        sa.UniqueConstraint("path_id", "source", name=op.f("uq_sidecar_path_id_source")),
    )
    op.create_index(op.f("ix_sidecar_path_id"), "sidecar", ["path_id"], unique=False)


def _create_evidence() -> None:
    op.create_table(
        "tag",
        sa.Column("id", ID, nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("category", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tag")),
        sa.UniqueConstraint("name", name=op.f("uq_tag_name")),
    )
    op.create_table(
        "model",
        sa.Column("id", ID, nullable=False),
        sa.Column("provider", sa.String(length=64), nullable=False),
        sa.Column("model", sa.String(length=255), nullable=False),
        sa.Column("revision", sa.String(length=128), nullable=False),
        sa.Column("parameters", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("defaults", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_model")),
        sa.UniqueConstraint(
            "provider",
            "model",
            "revision",
            "parameters",
            name=op.f("uq_model_provider_model_revision_parameters"),
        ),
    )
    op.create_table(
        "annotation",
        sa.Column("id", ID, nullable=False),
        sa.Column("image_id", ID, nullable=False),
        sa.Column("model_id", ID, nullable=False),
        sa.Column("sidecar_id", ID, nullable=True),
        sa.Column("caption", sa.Text(), nullable=True),
        sa.Column("tags", sa.LargeBinary(), nullable=True),
        sa.Column("rating", sa.String(length=16), nullable=True),
        sa.Column("confidence", sa.Float(), nullable=True),
        sa.Column("seconds", sa.Float(), nullable=True),
        sa.Column("tokens_in", sa.Integer(), nullable=True),
        sa.Column("tokens_out", sa.Integer(), nullable=True),
        sa.Column("cost", sa.Float(), nullable=True),
        sa.Column("raw", sa.Text(), nullable=True),
        sa.Column("at", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["image_id"], ["image.id"], name=op.f("fk_annotation_image_id_image"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["model_id"], ["model.id"], name=op.f("fk_annotation_model_id_model")),
        sa.ForeignKeyConstraint(
            ["sidecar_id"], ["sidecar.id"], name=op.f("fk_annotation_sidecar_id_sidecar"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_annotation")),
    )
    op.create_index(
        op.f("ix_annotation_image_id_model_id"), "annotation", ["image_id", "model_id"], unique=False
    )
    op.create_index(
        op.f("ix_annotation_model_id_image_id"), "annotation", ["model_id", "image_id"], unique=False
    )
    op.create_table(
        "scorer",
        sa.Column("id", ID, nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("names", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scorer")),
        sa.UniqueConstraint("name", "version", name=op.f("uq_scorer_name_version")),
    )
    op.create_table(
        "score",
        sa.Column("scorer_id", ID, nullable=False),
        sa.Column("image_id", ID, nullable=False),
        sa.Column("values", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["image_id"], ["image.id"], name=op.f("fk_score_image_id_image"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["scorer_id"], ["scorer.id"], name=op.f("fk_score_scorer_id_scorer")),
        sa.PrimaryKeyConstraint("scorer_id", "image_id", name=op.f("pk_score")),
    )
    op.create_table(
        "failure",
        sa.Column("id", ID, nullable=False),
        sa.Column("image_id", ID, nullable=False),
        sa.Column("provider", sa.String(length=64), nullable=False),
        sa.Column("model", sa.String(length=255), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("policy_violation", sa.Boolean(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["image_id"], ["image.id"], name=op.f("fk_failure_image_id_image"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_failure")),
    )
    op.create_index("ix_failure_image_id", "failure", ["image_id"], unique=False)


def _create_state() -> None:
    op.create_table(
        "state",
        sa.Column("image_id", ID, nullable=False),
        sa.Column("base", sa.LargeBinary(), nullable=False),
        sa.Column("decisions", sa.LargeBinary(), nullable=False),
        sa.Column("tags", sa.LargeBinary(), nullable=False),
        sa.Column("stars", sa.SmallInteger(), nullable=False),
        sa.Column("excluded", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("reviewed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["image_id"], ["image.id"], name=op.f("fk_state_image_id_image"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("image_id", name=op.f("pk_state")),
    )
    op.create_table(
        "caption",
        sa.Column("image_id", ID, nullable=False),
        sa.Column("variant", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["image_id"], ["image.id"], name=op.f("fk_caption_image_id_image"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("image_id", "variant", name=op.f("pk_caption")),
    )
    op.create_table(
        "policy",
        sa.Column("model_key", sa.String(length=320), nullable=False),
        sa.Column("thresholds", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("model_key", name=op.f("pk_policy")),
    )
    op.create_table(
        "dataset",
        sa.Column("id", ID, nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("profile", sa.String(length=64), nullable=True),
        sa.Column("variant", sa.String(length=64), nullable=True),
        sa.Column("trigger", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dataset")),
        sa.UniqueConstraint("name", name=op.f("uq_dataset_name")),
    )
    op.create_table(
        "membership",
        sa.Column("dataset_id", ID, nullable=False),
        sa.Column("image_id", ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["dataset_id"], ["dataset.id"], name=op.f("fk_membership_dataset_id_dataset"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["image_id"], ["image.id"], name=op.f("fk_membership_image_id_image"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("dataset_id", "image_id", name=op.f("pk_membership")),
    )
    op.create_table(
        "operation",
        sa.Column("id", ID, nullable=False),
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("author", sa.String(length=255), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), nullable=True),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("batch", sa.String(length=36), nullable=True),
        sa.Column("batch_label", sa.Text(), nullable=True),
        sa.Column("target_id", ID, nullable=True),
        sa.ForeignKeyConstraint(
            ["target_id"], ["operation.id"], name=op.f("fk_operation_target_id_operation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operation")),
        sa.UniqueConstraint("uuid", name=op.f("uq_operation_uuid")),
    )
    op.create_index(op.f("ix_operation_batch"), "operation", ["batch"], unique=False)


def _create_housekeeping() -> None:
    op.create_table(
        "meta",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_meta")),
    )
    op.create_table(
        "job",
        sa.Column("id", ID, nullable=False),
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("parameters", sa.JSON(), nullable=False),
        sa.Column("images", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("author", sa.String(length=255), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.Column("updated_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
        sa.UniqueConstraint("uuid", name=op.f("uq_job_uuid")),
    )
    op.create_table(
        "export",
        sa.Column("id", ID, nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("author", sa.String(length=255), nullable=False),
        sa.Column("exporter", sa.String(length=64), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), nullable=True),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("manifest_sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_export")),
    )
    op.create_table(
        "setting",
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_setting")),
    )


def downgrade() -> None:
    """Drop all tables."""
    op.drop_index(op.f("ix_annotation_model_id_image_id"), table_name="annotation")
    op.drop_index(op.f("ix_annotation_image_id_model_id"), table_name="annotation")
    op.drop_table("annotation")
    op.drop_index(op.f("ix_sidecar_path_id"), table_name="sidecar")
    op.drop_table("sidecar")
    op.drop_table("state")
    op.drop_table("score")
    op.drop_index(op.f("ix_path_image_id"), table_name="path")
    op.drop_table("path")
    op.drop_table("membership")
    op.drop_index("ix_failure_image_id", table_name="failure")
    op.drop_table("failure")
    op.drop_table("caption")
    op.drop_table("tag")
    op.drop_table("setting")
    op.drop_table("scorer")
    op.drop_table("policy")
    op.drop_index(op.f("ix_operation_batch"), table_name="operation")
    op.drop_table("operation")
    op.drop_table("model")
    op.drop_table("meta")
    op.drop_table("job")
    op.drop_index(op.f("ix_image_phash"), table_name="image")
    op.drop_table("image")
    op.drop_table("export")
    op.drop_table("dataset")
