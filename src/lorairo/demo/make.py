"""The folder of the demo: pictures, a tagger and the quickstart notebook."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, Any

from lorairo.demo.pictures import draw_pictures
from lorairo.demo.tagger import make_tagger
from lorairo.errors import Error, ProjectError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NOTEBOOK = "quickstart.ipynb"


@dataclass(frozen=True)
class DemoPaths:
    """What a demo consists of.

    Attributes
    ----------
    photos
        Folder of pictures, some with captions, one damaged.
    model
        Folder of a tagger, for ``view.annotate``.
    notebook
        The quickstart.
    """

    photos: Path
    model: Path
    notebook: Path


def make_demo(
    folder: Path,
    count: int = 300,
    seed: int = 0,
    *,
    workers: int | None = None,
    progress: Callable[[int, int, int], Any] | None = None,
) -> DemoPaths:
    """Make the demo in a folder; what is there already, an edited notebook above all, is kept.

    Parameters
    ----------
    folder
        Made when missing.
    count
        Pictures to draw.
    seed
        The same count and seed give the same pictures.
    workers
        Scenes drawn at a time; by default one per processor.
    progress
        Called with (done, count, 0).

    Raises
    ------
    MissingExtra
        When ``onnx``, which writes the tagger, is not installed.
    ProjectError
        When the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        model = make_tagger(folder / "tagger")
        photos = folder / "photos"
        draw_pictures(photos, count, seed, workers=workers, progress=progress)
        return DemoPaths(photos, model, _notebook(folder))
    except OSError as error:
        raise ProjectError(f"the demo cannot be made in {folder}: {error.strerror or error}") from error


def prepare(
    folder: Path, *, count: int = 300, progress: Callable[[int, int, int], Any] | None = None
) -> Path:
    """Make the demo and return its notebook."""
    return make_demo(folder, count, progress=progress).notebook


def _notebook(folder: Path) -> Path:
    target = folder / NOTEBOOK
    if not target.exists():
        source = resources.files("lorairo.demo") / NOTEBOOK
        if not source.is_file():
            raise Error(f"this installation of lorairo lacks {NOTEBOOK}: install it again")
        target.write_bytes(source.read_bytes())
    return target
