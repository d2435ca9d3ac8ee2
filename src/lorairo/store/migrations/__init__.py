"""Alembic's scripts, in the package: `lorairo.store.migrate` runs them, there is no alembic.ini."""
