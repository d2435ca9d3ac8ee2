from __future__ import annotations

import os
from pathlib import Path

import pytest
from batched import KEYS

from lorairo.services import batches
from lorairo.services.endpoint import BATCHING


@pytest.fixture(autouse=True)
def user_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's file, absent, instead of the real one; no setting and no key in the environment."""
    for name in list(os.environ):
        if name.startswith("LORAIRO_") or name.endswith(("_API_KEY", "_TOKEN")):
            monkeypatch.delenv(name)
    file = tmp_path / "user" / "config.toml"
    monkeypatch.setenv("LORAIRO_CONFIG", str(file))
    return file


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look again without a rest."""
    monkeypatch.setattr(batches, "SHORTEST", 0.001)
    monkeypatch.setattr(batches, "LONGEST", 0.001)
    for name, key in KEYS.items():
        monkeypatch.setenv(name, key)


@pytest.fixture
def parts_of_two(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take two questions in one submission."""
    monkeypatch.setattr(BATCHING["openai"].load(), "most_requests", 2)
