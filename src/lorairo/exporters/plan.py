"""What an export will write, known to the pixel and the letter before anything is written."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Literal, Protocol, cast

import pandas as pd

from lorairo.exporters import report
from lorairo.exporters.wording import images
from lorairo.exporters.writing import ExportResult, put_picture, write_plan

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from lorairo.exporters.beside import Place
    from lorairo.exporters.pictures import Format, PictureSettings
    from lorairo.images.buckets import Bucket

Level = Literal["error", "warning", "info"]
__all__ = ["ExportItem", "ExportPlan", "ExportResult", "Finding", "Placement", "Plan"]

LEVELS: tuple[Level, ...] = ("error", "warning", "info")


@dataclass(frozen=True, slots=True)
class ExportItem:
    """One image as an exporter gets it.

    Attributes
    ----------
    id
        Of the image in its project.
    sha256
        Of the source file, hexadecimal.
    name
        File name of the source, without folders.
    width, height
        Upright, pixels.
    read
        Gives exactly the bytes with that hash, or raises a `lorairo.Error` that says why not.
    tags
        Effective tags in order: canonical name and category number.
    caption
        Text of the chosen caption variant, or None.
    alpha
        Whether the source has transparent pixels.
    format
        Of the source, as Pillow calls it.
    places
        Where it lies, and the texts beside it there; only for exporters that ask for them.
    """

    id: int
    sha256: str
    name: str
    width: int
    height: int
    read: Callable[[], bytes] = field(repr=False, compare=False)
    tags: tuple[tuple[str, int], ...] = ()
    caption: str | None = None
    alpha: bool = False
    format: str = ""
    places: tuple[Place, ...] = field(default=(), repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Placement:
    """Where one image goes.

    Attributes
    ----------
    item
        The image.
    file, caption_file
        Paths inside the export, with forward slashes; no caption file when there is no caption.
    caption
        What the caption file will hold, a single line.
    bucket
        What the trainer does with the picture.
    tokens
        Tokens of the caption, an estimate where the tokenizer is not here; None without a caption.
    """

    item: ExportItem
    file: str
    caption_file: str | None
    caption: str | None
    bucket: Bucket
    tokens: int | None = None

    @property
    def format(self) -> Format:
        """What to write, by the extension."""
        return cast("Format", PurePosixPath(self.file).suffix[1:])


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing the lint found.

    Attributes
    ----------
    level
        ``error`` stops the export, ``warning`` costs quality, ``info`` is worth knowing.
    rule
        Short name that stays the same between versions.
    ids
        Images concerned; empty when it concerns the whole export.
    message, fix
        What is wrong, and what to do about it.
    """

    level: Level
    rule: str
    ids: tuple[int, ...]
    message: str
    fix: str


class Placed(Protocol):
    """A picture with its place in an export."""

    @property
    def item(self) -> ExportItem:
        """The image."""

    @property
    def file(self) -> str:
        """Path inside the export, with forward slashes."""


@dataclass(frozen=True, kw_only=True, repr=False)
class Plan:
    """An export before it is written; nothing is on disk until `write`.

    Attributes
    ----------
    exporter, settings
        Name of the exporter, and what it was asked for; JSON-ready.
    out
        Folder to write.
    findings
        What the lint found.
    documents
        Files that are written as they are here, by their path inside the export.
    overwrite
        Replace an earlier export.
    workers
        Images written at the same time.
    record
        Called with the result of each write.
    """

    exporter: str
    out: Path
    findings: tuple[Finding, ...]
    settings: dict[str, Any]
    documents: Mapping[str, bytes] = field(default_factory=dict)
    overwrite: bool = False
    workers: int | None = None
    record: Callable[[ExportResult], None] | None = None

    @property
    def pictures(self) -> Sequence[Placed]:
        """Pictures to write, in order."""
        raise NotImplementedError

    def writer(self, folder: Path) -> Callable[[Any], dict[str, Any]]:
        """Return what writes one of `pictures` into a folder and says for the manifest what it wrote.

        It raises a `lorairo.Error` for a picture that cannot be written, and then has left nothing of it.
        """
        raise NotImplementedError

    @property
    def headline(self) -> str:
        """What would be written, in one line."""
        raise NotImplementedError

    def sections(self) -> list[str]:
        """Return what is shown below the lint, as HTML."""
        raise NotImplementedError

    def written(self, pictures: int) -> tuple[int, str]:
        """Say what has been written, when so many pictures could be: how many images, and in words."""
        raise NotImplementedError

    @property
    def sorted_findings(self) -> list[Finding]:
        """What the lint found, errors first."""
        return sorted(self.findings, key=lambda found: LEVELS.index(found.level))

    @cached_property
    def lint(self) -> pd.DataFrame:
        """One row per finding, errors first: level, rule, images (how many), message, fix, ids."""
        rows = [
            (found.level, found.rule, len(found.ids), found.message, found.fix, found.ids)
            for found in self.sorted_findings
        ]
        return pd.DataFrame(rows, columns=["level", "rule", "images", "message", "fix", "ids"])

    @property
    def errors(self) -> list[str]:
        """What stops the export, a sentence each."""
        return [found.message for found in self.findings if found.level == "error"]

    def write(self, progress: Callable[[int, int, int], None] | None = None) -> ExportResult:
        """Write the export: everything into a folder beside `out`, which then takes its place.

        Parameters
        ----------
        progress
            Called with (done, total, failed).

        Raises
        ------
        ExportError
            When the lint has errors, when `out` holds something else, or when nothing could be written.
        """
        result = write_plan(self, progress)
        if self.record is not None:
            self.record(result)
        return result

    def __repr__(self) -> str:
        """Print headline and lint."""
        return report.text(self)

    def _repr_html_(self) -> str:
        return report.html(self)


@dataclass(frozen=True, kw_only=True, repr=False)
class ExportPlan(Plan):
    """An export into buckets, as ``view.plan_export("kohya", ...)`` makes it."""

    placements: tuple[Placement, ...]
    picture: PictureSettings
    cut: bool
    repeats: int
    batch_size: int

    @property
    def pictures(self) -> Sequence[Placement]:
        """Every image."""
        return self.placements

    def writer(self, folder: Path) -> Callable[[Placement], dict[str, Any]]:
        """Return what writes one image and its caption."""
        return partial(put_picture, folder=folder, picture=self.picture, cut=self.cut)

    def written(self, pictures: int) -> tuple[int, str]:
        """Say what has been written."""
        return pictures, images(pictures)

    @property
    def headline(self) -> str:
        """Images, buckets, steps."""
        return report.headline(self)

    def sections(self) -> list[str]:
        """Buckets and captions."""
        return report.sections(self)

    @cached_property
    def items(self) -> pd.DataFrame:
        """One row per image, by image_id: files, bucket, crop (in the scaled image), caption, tokens."""
        rows = [
            {
                "image_id": placed.item.id,
                "name": placed.item.name,
                "file": placed.file,
                "size": _text((placed.item.width, placed.item.height)),
                "bucket": _text(placed.bucket.bucket),
                "resized": _text(placed.bucket.resized),
                "crop": placed.bucket.crop,
                "upscaled": placed.bucket.upscaled,
                "cropped": placed.bucket.cropped,
                "caption": placed.caption,
                "tokens": placed.tokens,
            }
            for placed in self.placements
        ]
        columns = ["image_id", "name", "file", "size", "bucket", "resized", "crop", "upscaled", "cropped"]
        frame = pd.DataFrame(rows, columns=[*columns, "caption", "tokens"])
        return frame.astype({"tokens": "Int64"}).set_index("image_id")

    @cached_property
    def buckets(self) -> pd.DataFrame:
        """One row per bucket: images, samples (with repeats), batches, last_batch, upscaled, cropped."""
        held: dict[tuple[int, int], list[Placement]] = {}
        for placed in self.placements:
            held.setdefault(placed.bucket.bucket, []).append(placed)
        rows = []
        for (width, height), inside in sorted(held.items()):
            samples = len(inside) * self.repeats
            rows.append(
                {
                    "bucket": _text((width, height)),
                    "width": width,
                    "height": height,
                    "images": len(inside),
                    "samples": samples,
                    "batches": -(-samples // self.batch_size),
                    "last_batch": samples % self.batch_size or self.batch_size,
                    "upscaled": sum(placed.bucket.upscaled for placed in inside),
                    "cropped": sum(placed.bucket.cropped for placed in inside) / len(inside),
                }
            )
        columns = [
            "bucket",
            "width",
            "height",
            "images",
            "samples",
            "batches",
            "last_batch",
            "upscaled",
            "cropped",
        ]
        return pd.DataFrame(rows, columns=columns)

    @property
    def steps(self) -> int:
        """Steps per epoch: the batches of all buckets, as a batch never mixes buckets."""
        return int(self.buckets["batches"].sum())


def _text(size: tuple[int, int]) -> str:
    return f"{size[0]}x{size[1]}"
