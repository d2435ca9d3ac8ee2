"""A project over twelve pictures, and a captioner of a few thousand numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import tiny_captioners as tiny

import lorairo as lr

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def project(tmp_path: Path, photos: Path) -> Iterator[lr.Project]:
    """A project with twelve pictures, three of them with tags from files."""
    with lr.open_project(tmp_path / "project") as project:
        project.add(photos)
        yield project


@pytest.fixture(scope="session")
def llava(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A captioner that says what it likes."""
    return tiny.llava(tmp_path_factory.mktemp("models") / "llava")
