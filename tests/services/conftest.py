from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def user_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's file, absent, instead of the real one; no setting and no key in the environment."""
    for name in list(os.environ):
        if name.startswith("LORAIRO_") or name.endswith(("_API_KEY", "_TOKEN")):
            monkeypatch.delenv(name)
    file = tmp_path / "user" / "config.toml"
    monkeypatch.setenv("LORAIRO_CONFIG", str(file))
    return file
