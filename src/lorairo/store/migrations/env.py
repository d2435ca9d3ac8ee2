"""Run migrations on the connection that `lorairo.store.migrate` gives, inside its transaction."""

from __future__ import annotations

from alembic import context

from lorairo.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite alters tables by building them anew
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
