"""What a folder as transformers saves it holds, told by its ``config.json``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from lorairo.inference.specs import CONFIG_FILE, Files, Generation, ModelSpec

if TYPE_CHECKING:
    from pathlib import Path

PATTERNS = ["*.json", "*.txt", "*.jinja", "*.model", "*.safetensors", "*.bin"]
_BACKENDS = {"blip": "blip", "blip-2": "blip", "florence2": "florence"}
_EMBEDDERS = [["CLIPModel"], ["SiglipModel"], ["Siglip2Model"], ["Dinov2Model"]]
_TEMPLATES = ("chat_template.jinja", "chat_template.json")


def model_in(folder: Path) -> ModelSpec | None:
    """Return a row for a captioner or an embedder; None where the folder holds something else."""
    config = _read(folder / CONFIG_FILE)
    if config.get("architectures") in _EMBEDDERS:
        files = Files(patterns=PATTERNS)
        return ModelSpec(name=folder.name, kind="embedder", backend="embedder", files=files)
    backend = _BACKENDS.get(str(config.get("model_type")))
    if backend is None and "vision_config" in config and _is_talked_to(folder):
        backend = "chat"
    if backend is None:
        return None
    return ModelSpec(
        name=folder.name,
        kind="captioner",
        backend=backend,
        files=Files(patterns=PATTERNS),
        generation=Generation(),
    )


def _is_talked_to(folder: Path) -> bool:
    told = ("processor_config.json", "tokenizer_config.json")
    return any((folder / name).is_file() for name in _TEMPLATES) or any(
        "chat_template" in _read(folder / name) for name in told
    )


def _read(file: Path) -> dict[str, object]:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):  # not there, or none of ours
        return {}
    return found if isinstance(found, dict) else {}
