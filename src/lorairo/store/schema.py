"""The tables. Evidence and curated state are apart; the log is the only writer of the latter.

Portable SQLAlchemy types only. What Alembic builds must equal this metadata (a test compares them).
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# BigInteger on PostgreSQL, but SQLite only gives rowids to plain INTEGER keys.
Id = BigInteger().with_variant(Integer, "sqlite")


def _image_key(*, primary: bool = False) -> Column[int]:
    return Column(
        "image_id", Id, ForeignKey("image.id", ondelete="CASCADE"), primary_key=primary, nullable=False
    )


meta = Table(
    "meta", metadata, Column("key", String(64), primary_key=True), Column("value", Text, nullable=False)
)
"""Project uuid, creation time, version of the writer."""

# ---------------------------------------------------------------------------------------------- images

image = Table(
    "image",
    metadata,
    Column("id", Id, primary_key=True),
    Column("sha256", LargeBinary(32), nullable=False, unique=True),  # identity: the file's bytes
    Column("bytes", BigInteger, nullable=False),
    Column("width", Integer, nullable=False),  # upright, pixels
    Column("height", Integer, nullable=False),
    Column("format", String(16), nullable=False),
    Column("mode", String(16), nullable=False),
    Column("alpha", Boolean, nullable=False),
    Column("icc", String(255)),  # description of the profile; NULL = none
    Column("exif", JSON, nullable=False),  # facts worth showing, never the raw block
    Column("prompt", Text),  # embedded generation prompt
    Column("phash", BigInteger, nullable=False, index=True),  # 64 bits, signed
    Column("mean_rgb", Integer, nullable=False),  # 0xRRGGBB, for placeholders
    Column("created_at", Float, nullable=False),  # seconds since 1970, UTC, as all times here
    Column("updated_at", Float, nullable=False),
)

path = Table(
    "path",
    metadata,
    Column("id", Id, primary_key=True),
    Column("image_id", Id, ForeignKey("image.id", ondelete="CASCADE"), index=True),  # NULL: rejected
    Column("path", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("mtime_ns", BigInteger, nullable=False),
    Column("kind", String(16), nullable=False),  # file, zip, memory, url
    Column("missing", Boolean, nullable=False, default=False),
    Column("reason", Text),  # why it was rejected
    Column("added_at", Float, nullable=False),
)

sidecar = Table(
    "sidecar",
    metadata,
    Column("id", Id, primary_key=True),
    Column("path_id", Id, ForeignKey("path.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("source", Text, nullable=False),  # path of the sidecar file
    Column("kind", String(24), nullable=False),  # txt, caption, metadata.jsonl, kohya.json
    Column("raw", LargeBinary, nullable=False),  # byte for byte (a line of it for jsonl)
    Column("text", Text),  # as decoded; NULL when it cannot be
    Column("bytes", BigInteger, nullable=False),
    Column("mtime_ns", BigInteger, nullable=False),
    UniqueConstraint("path_id", "source"),
)

# -------------------------------------------------------------------------------------------- evidence

tag = Table(
    "tag",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", String(255), nullable=False, unique=True),  # canonical form
    Column("category", SmallInteger, nullable=False, default=0),  # danbooru: 0 1 3 4 5, 9 rating
)

model = Table(
    "model",
    metadata,
    Column("id", Id, primary_key=True),
    Column("provider", String(64), nullable=False),
    Column("model", String(255), nullable=False),
    Column("revision", String(128), nullable=False),
    Column("parameters", Text, nullable=False),  # canonical JSON, so that it can be unique
    Column("kind", String(24), nullable=False),
    Column("defaults", JSON, nullable=False),  # thresholds before anybody set a policy
    UniqueConstraint("provider", "model", "revision", "parameters"),
)

annotation = Table(
    "annotation",
    metadata,
    Column("id", Id, primary_key=True),
    _image_key(),
    Column("model_id", Id, ForeignKey("model.id"), nullable=False),
    Column("sidecar_id", Id, ForeignKey("sidecar.id", ondelete="CASCADE")),
    Column("caption", Text),
    Column("tags", LargeBinary),  # packed ids and scores, see evidence.pack_scores
    Column("rating", String(16)),
    Column("confidence", Float),  # only where the model really gives one
    Column("seconds", Float),
    Column("tokens_in", Integer),
    Column("tokens_out", Integer),
    Column("cost", Float),  # in the provider's currency (USD)
    Column("raw", Text),  # the raw answer, before it was parsed
    Column("at", Float, nullable=False),
    Index(None, "image_id", "model_id"),
    Index(None, "model_id", "image_id"),
)

scorer = Table(
    "scorer",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", String(64), nullable=False),
    Column("version", String(64), nullable=False),
    Column("names", JSON, nullable=False),  # of the packed values, in order
    UniqueConstraint("name", "version"),
)

score = Table(
    "score",
    metadata,
    Column("scorer_id", Id, ForeignKey("scorer.id"), primary_key=True),
    _image_key(primary=True),
    Column("values", LargeBinary, nullable=False),  # little-endian float32, one per name of the scorer
    Column("at", Float, nullable=False),
)

embedding = Table(
    "embedding",
    metadata,
    Column("model_id", Id, ForeignKey("model.id"), primary_key=True),
    _image_key(primary=True),
    Column("vector", LargeBinary, nullable=False),  # little-endian float16, of length 1
    Column("at", Float, nullable=False),
)

failure = Table(
    "failure",
    metadata,
    Column("id", Id, primary_key=True),
    _image_key(),
    Column("provider", String(64), nullable=False),
    Column("model", String(255), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("message", Text, nullable=False),
    Column("policy_violation", Boolean, nullable=False),
    Column("at", Float, nullable=False),
    Index("ix_failure_image_id", "image_id"),
)

submission = Table(
    "submission",
    metadata,
    Column("id", Id, primary_key=True),
    Column("job_id", Id, nullable=False, index=True),
    Column("model_id", Id, ForeignKey("model.id"), nullable=False),
    Column("remote_id", String(255)),  # NULL: not handed over yet, or nobody knows whether it was
    Column("state", String(16), nullable=False),  # calls.SubmissionState; sending before that
    Column("files", JSON, nullable=False),  # names of its files at the service
    Column("message", Text, nullable=False),
    Column("at", Float, nullable=False),
    Column("updated_at", Float, nullable=False),
)
"""Many questions handed to a service together."""

request = Table(
    "request",
    metadata,
    Column("id", Id, primary_key=True),
    _image_key(),
    Column("model_id", Id, ForeignKey("model.id"), nullable=False),
    Column("job_id", Id, nullable=False, index=True),
    Column("submission_id", Id, ForeignKey("submission.id"), index=True),
    Column("state", String(16), nullable=False),  # sent, answered, failed, unknown, dropped
    Column("ending", String(32)),  # calls.Ending, once it has ended
    Column("prompt_sha256", LargeBinary(32), nullable=False),  # of the words, with the image's own filled in
    Column("picture_sha256", LargeBinary(32), nullable=False),  # of the bytes that were sent
    Column("attempts", SmallInteger, nullable=False),
    Column("sent_at", Float, nullable=False),
    Column("ended_at", Float),
    Column("raw", Text),  # the answer until it is parsed; then `annotation` has it
    Column("tokens_in", Integer),
    Column("tokens_out", Integer),
    Column("cost", Float),  # USD
    Column("remote_id", String(255)),  # name of the exchange at the service
    Column("answered_by", String(255)),  # the model, as the service calls it
    Index(None, "model_id", "image_id"),
    Index(None, "image_id"),
    Index(None, "state"),
)
"""What was asked of services: written before it is sent, so that nothing is asked twice unnoticed."""

# --------------------------------------------------------------------------------------- curated state

state = Table(
    "state",
    metadata,
    _image_key(primary=True),
    Column(
        "base", LargeBinary, nullable=False, default=b""
    ),  # policy over evidence, in order: blobs.EFFECTIVE
    Column("decisions", LargeBinary, nullable=False, default=b""),  # what people said: blobs.DECISION
    Column("tags", LargeBinary, nullable=False, default=b""),  # base overlaid by decisions: blobs.EFFECTIVE
    Column("stars", SmallInteger, nullable=False, default=0),
    Column("excluded", Boolean, nullable=False, default=False),
    Column("reason", Text),
    Column("reviewed", Boolean, nullable=False, default=False),
)

caption = Table(
    "caption",
    metadata,
    _image_key(primary=True),
    Column("variant", String(64), primary_key=True),
    Column("text", Text, nullable=False),
)

ruling = Table(
    "ruling",
    metadata,
    _image_key(primary=True),
    Column("field", String(24), primary_key=True),  # sentences, duplicates
    Column("value", Text, nullable=False),  # JSON, see sentencing and pairing
)
"""Lists of what people decided about an image: sentences of models' captions, how it is to others."""

policy = Table(
    "policy",
    metadata,
    Column("model_key", String(320), primary_key=True),  # provider/model
    Column("thresholds", JSON, nullable=False),  # category name to minimum score
)

dataset = Table(
    "dataset",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", String(255), nullable=False, unique=True),
    Column("profile", String(64)),
    Column("variant", String(64)),
    Column("trigger", Text),
)

membership = Table(
    "membership",
    metadata,
    Column("dataset_id", Id, ForeignKey("dataset.id", ondelete="CASCADE"), primary_key=True),
    _image_key(primary=True),
)

CURATED = (state, caption, ruling, policy, dataset, membership)
"""What people decided: the fold of the log."""

# ------------------------------------------------------------------------------------------------- log

operation = Table(
    "operation",
    metadata,
    Column("id", Id, primary_key=True),
    Column("uuid", String(36), nullable=False, unique=True),
    Column("at", Float, nullable=False),
    Column("author", String(255), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("label", Text, nullable=False),  # what the history shows
    Column("query", Text),  # the search that chose the images, if any
    Column("count", Integer, nullable=False),
    Column("digest", LargeBinary(32), nullable=False),  # SHA-256 of the sorted content hashes it touched
    Column("payload", LargeBinary, nullable=False),  # packed columns: before and after
    Column("batch", String(36), index=True),
    Column("batch_label", Text),  # what one undo of the whole batch is called
    Column("target_id", Id, ForeignKey("operation.id")),  # undo and redo name what they turn back
    # What it was asked: all NULL in operations of revision 0001, and where there is nothing to say.
    Column("parameters", JSON(none_as_null=True)),  # what the verb was given, by name
    Column("expression", Text),  # the view as a person types it; NULL: images chosen one by one
    Column("scope_count", Integer),  # images of that view, changed or not
    Column("scope_digest", LargeBinary(32)),  # as `digest`, of all of them
)

GUARDED = (*CURATED, operation)
"""Tables that only the operation log and the fold may write; triggers refuse everybody else."""

# ---------------------------------------------------------------------------------------- housekeeping

job = Table(
    "job",
    metadata,
    Column("id", Id, primary_key=True),
    Column("uuid", String(36), nullable=False, unique=True),
    Column("kind", String(32), nullable=False),
    Column("label", Text, nullable=False),
    Column("parameters", JSON, nullable=False),
    Column("images", LargeBinary, nullable=False),  # packed ids: what it was asked to do
    Column("state", String(16), nullable=False),
    Column("done", Integer, nullable=False),
    Column("total", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
    Column("author", String(255), nullable=False),
    Column("created_at", Float, nullable=False),
    Column("updated_at", Float, nullable=False),
)

export = Table(
    "export",
    metadata,
    Column("id", Id, primary_key=True),
    Column("at", Float, nullable=False),
    Column("author", String(255), nullable=False),
    Column("exporter", String(64), nullable=False),
    Column("path", Text, nullable=False),
    Column("query", Text),
    Column("count", Integer, nullable=False),
    Column("manifest_sha256", LargeBinary(32), nullable=False),
    Column("settings", JSON, nullable=False),
)
"""What was written where; the manifest itself lies in the export."""

setting = Table(
    "setting", metadata, Column("key", String(128), primary_key=True), Column("value", JSON, nullable=False)
)
"""Panels, cell size, sort: remembered per project, outside the log."""
