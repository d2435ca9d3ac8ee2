"""lorairo: a notebook-native workbench for building LoRA training sets.

Importing this package loads nothing heavy: every public name is resolved on first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from lorairo._version import __version__
from lorairo.errors import Error

if TYPE_CHECKING:
    from lorairo.captions.template import Template
    from lorairo.checkup import doctor
    from lorairo.config import config
    from lorairo.images import Limits
    from lorairo.inference.kept import unload
    from lorairo.inference.loading import Said
    from lorairo.modellist import models
    from lorairo.project import Project, open_project
    from lorairo.promptlist import prompts, save_prompt
    from lorairo.replaying import replay
    from lorairo.view import View
    from lorairo.widgets.duplicate_review import DuplicateReview
    from lorairo.widgets.embedding_map import EmbeddingMap
    from lorairo.widgets.gallery import Gallery
    from lorairo.widgets.history import History
    from lorairo.widgets.model_picker import ModelPicker
    from lorairo.widgets.prompt_lab import PromptLab
    from lorairo.widgets.score_histogram import ScoreHistogram
    from lorairo.widgets.tag_editor import TagEditor
    from lorairo.widgets.workbench import Workbench
    from lorairo.workspace import Workspace

_HOMES = {
    "DuplicateReview": "lorairo.widgets.duplicate_review",
    "EmbeddingMap": "lorairo.widgets.embedding_map",
    "Gallery": "lorairo.widgets.gallery",
    "History": "lorairo.widgets.history",
    "Limits": "lorairo.images",
    "Said": "lorairo.inference.loading",
    "ModelPicker": "lorairo.widgets.model_picker",
    "Project": "lorairo.project",
    "PromptLab": "lorairo.widgets.prompt_lab",
    "ScoreHistogram": "lorairo.widgets.score_histogram",
    "TagEditor": "lorairo.widgets.tag_editor",
    "Template": "lorairo.captions.template",
    "View": "lorairo.view",
    "Workbench": "lorairo.widgets.workbench",
    "Workspace": "lorairo.workspace",
    "config": "lorairo.config",
    "doctor": "lorairo.checkup",
    "models": "lorairo.modellist",
    "open_project": "lorairo.project",
    "prompts": "lorairo.promptlist",
    "replay": "lorairo.replaying",
    "save_prompt": "lorairo.promptlist",
    "unload": "lorairo.inference.kept",
}

__all__ = [
    "DuplicateReview",
    "EmbeddingMap",
    "Error",
    "Gallery",
    "History",
    "Limits",
    "ModelPicker",
    "Project",
    "PromptLab",
    "Said",
    "ScoreHistogram",
    "TagEditor",
    "Template",
    "View",
    "Workbench",
    "Workspace",
    "__version__",
    "config",
    "doctor",
    "models",
    "open_project",
    "prompts",
    "replay",
    "save_prompt",
    "unload",
]


def __getattr__(name: str) -> Any:
    """Resolve a public name on first use (PEP 562)."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'lorairo' has no attribute {name!r}")
    value = getattr(import_module(home), name)
    globals()[name] = value
    if home == "lorairo.project":
        import_module("lorairo.accessor")  # ``df.lorairo`` is there as soon as a project is
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
