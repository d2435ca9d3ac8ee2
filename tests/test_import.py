"""``import lorairo`` is cheap, and every public name resolves."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import lorairo as lr

HEAVY = (
    "numpy",
    "pandas",
    "sqlalchemy",
    "PIL",
    "anywidget",
    "torch",
    "onnxruntime",
    "lark",
    "alembic",
    "pydantic",
    "IPython",
)


def test_importing_loads_nothing_heavy():
    with_source = {**os.environ, "PYTHONPATH": str(Path(lr.__file__).parents[1])}
    code = f"import sys, lorairo; print([name for name in {HEAVY!r} if name in sys.modules])"
    seen = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=with_source
    )
    assert seen.stdout.strip() == "[]"


@pytest.mark.parametrize("name", [name for name in lr.__all__ if name != "__version__"])
def test_every_public_name_resolves(name: str):
    assert getattr(lr, name) is not None
    assert name in dir(lr)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = lr.no_such_name
