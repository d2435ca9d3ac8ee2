"""One image as a person sees it: its files, size, tags, captions, scores, evidence and history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from lorairo.frames import table
from lorairo.plaintext import printable
from lorairo.store import catalog, evidence, log

if TYPE_CHECKING:
    from pathlib import PurePath

    from PIL import Image as PILImage

    from lorairo.project import Project


@dataclass(frozen=True, repr=False)
class ImageRecord:
    """An image of a project; `project[id]` gives it.

    Attributes
    ----------
    id
        Its id in this project.
    facts
        What was read from the file at import: sha256, bytes, size, format, mode, alpha, icc, exif, prompt,
        phash.
    """

    project: Project
    id: int
    facts: dict[str, Any]

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__dict__["facts"][name]
        except KeyError:  # the facts themselves are not there yet while a record is copied
            names = ", ".join(sorted(self.__dict__.get("facts", ())))
            raise AttributeError(f"an image has no {name!r}; there are {names}") from None

    def __repr__(self) -> str:
        return f"<Image {self.id} {printable(self.name)} {self.width} × {self.height} {self.facts['format']}>"

    @property
    def name(self) -> str:
        """File name of the first path."""
        paths = self.facts["paths"]
        return str(paths[0]["name"]) if paths else f"image {self.id}"

    @property
    def paths(self) -> list[str]:
        """Every path it is known under."""
        return [entry["path"] for entry in self.facts["paths"]]

    @property
    def size(self) -> tuple[int, int]:
        """Upright width and height in pixels."""
        return self.facts["width"], self.facts["height"]

    @property
    def sha256(self) -> str:
        """Hash of the file's bytes, hexadecimal: the identity of the image."""
        return bytes(self.facts["sha256"]).hex()

    @property
    def tags(self) -> list[str]:
        """Effective tags in order."""
        index = self.project.index
        tag_ids, _sources = index.tags_of(index.position(self.id))
        return [index.tag_name(tag) for tag in tag_ids.tolist()]

    @property
    def captions(self) -> dict[str, str]:
        """The captions that count, by variant: a person's, else a model's or a file's (docs/captions.md)."""
        with self.project.database.read() as connection:
            texts = catalog.captions_of(connection, self.id)
        return {variant: text for variant, text in texts.items() if text}

    @property
    def caption(self) -> str | None:
        """The default caption."""
        return self.captions.get("default")

    @property
    def scores(self) -> dict[str, float]:
        """Every score by name."""
        index = self.project.index
        place = index.position(self.id)
        values = {name: float(index.column(name)[place]) for name in sorted(index.score_names)}
        return {name: value for name, value in values.items() if value == value}  # noqa: PLR0124 - NaN is unknown

    @property
    def evidence(self) -> pd.DataFrame:
        """Every model's and file's tag with its score: provider, model, tag, category, score."""
        with self.project.database.read() as connection:
            return pd.DataFrame(
                evidence.tags_of_image(connection, self.id),
                columns=["provider", "model", "revision", "tag", "category", "score"],
            )

    @property
    def history(self) -> pd.DataFrame:
        """Operations that touched this image."""
        with self.project.database.read() as connection:
            return table(log.history_of(connection, self.id), log.HISTORY)

    def open(self) -> PILImage.Image:
        """Open the picture, upright and sRGB."""
        return self.project.open_image(self.id)

    def path(self) -> PurePath | None:
        """Return the first path that still is there, or None."""
        return self.project.originals.existing_path(self.id)
