"""The stand-ins for published models that lie beside the clone, from the picture to the answer."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest
import tiny_vision as tiny

import lorairo as lr
from lorairo.config import load
from lorairo.upscaling import upscale

if TYPE_CHECKING:
    from pathlib import Path

LAYERS = ["layers.0", "layers.2", "layers.4", "layers.6", "layers.7"]
ROWS = f"""
[[model]]
name = "clip-tiny"
kind = "embedder"
backend = "embedder"
path = "made/clip-tiny"
files = {{ patterns = ["*.json", "*.safetensors"] }}

[[model]]
name = "aesthetic-tiny"
kind = "scorer"
backend = "head"
scores = ["aesthetic_tiny"]
path = "made/aesthetic-tiny"
files = {{ model = "model.safetensors", labels = "" }}
head = {{ over = "clip-tiny", layers = {LAYERS} }}
"""


@pytest.fixture
def made(shared: Path) -> Path:
    """The stand-ins, made beside the user's own table of models."""
    folder = load().model_dir.parent / "made"
    folder.mkdir(parents=True, exist_ok=True)
    script = shared / "tools" / "make_tiny_models.py"
    asked = ["--only", "clip", "aesthetic", "esrgan"]
    subprocess.run([sys.executable, script, folder, *asked], check=True, capture_output=True)
    (folder.parent / "models.toml").write_text(ROWS, encoding="utf-8")
    return folder


def test_stand_ins_embed_score_and_upscale(made: Path, tmp_path: Path, photos: Path):
    with lr.open_project(tmp_path / "project") as project:
        project.add(photos)
        view = project.view()
        assert view.score(["aesthetic-tiny"], background=False).state == "done"
        assert view.embeddings("clip-tiny").shape == (12, 64)
        assert np.ptp(view["aesthetic_tiny"]) > 0.01
        assert len(project.view("aesthetic_tiny:>0 OR aesthetic_tiny:<=0")) == 12
    larger = upscale(tiny.picture("red"), made / "esrgan-tiny-2x.safetensors")
    assert larger.size == (192, 128)
