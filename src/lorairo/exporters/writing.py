"""Carry out an `ExportPlan`: pictures, captions, documents and manifest, in parallel, all or nothing."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import pandas as pd

from lorairo._version import __version__
from lorairo.errors import Error, ExportError
from lorairo.exporters.pictures import PictureSettings, render
from lorairo.exporters.staging import FORMAT, MANIFEST, staged
from lorairo.exporters.wording import images
from lorairo.images import Limits
from lorairo.jobs import parallel
from lorairo.plaintext import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

    from lorairo.exporters.plan import ExportPlan, Placement


@dataclass(frozen=True, slots=True)
class ExportResult:
    """An export that was written; prints as one line.

    Attributes
    ----------
    path, manifest
        The folder, and the file in it that says what was written from what.
    count
        Images written.
    failed
        DataFrame with id, name and reason of the images that were left out as they could not be read.
    manifest_sha256
        Hash of the manifest file.
    settings
        What the export was made with; JSON-ready.
    """

    path: Path
    manifest: Path
    count: int
    failed: pd.DataFrame
    manifest_sha256: bytes
    settings: dict[str, Any]

    @property
    def message(self) -> str:
        """What was done, in a line."""
        text = f"Wrote {images(self.count)} to {self.path}"
        if len(self.failed):
            text += f", left out {len(self.failed):,} that could not be read (see .failed)"
        return text

    def __repr__(self) -> str:
        """Print as one line."""
        return printable(self.message)


class _Written(NamedTuple):
    placed: Placement
    sha256: str  # of the written picture
    bytes: int
    reason: str | None  # why it could not be written


def write_plan(plan: ExportPlan, progress: Callable[[int, int, int], None] | None) -> ExportResult:
    """Write a plan; `ExportPlan.write` says what it promises."""
    if plan.errors:
        raise ExportError(f"nothing was written: {'; '.join(plan.errors)}. plan.lint says what to do")
    with staged(plan.out, overwrite=plan.overwrite) as folder:
        for parent in sorted({(folder / placed.file).parent for placed in plan.placements}):
            parent.mkdir(parents=True, exist_ok=True)
        written = _write_images(plan, folder, progress)
        good = [entry for entry in written if entry.reason is None]
        if not good:
            raise ExportError(f"nothing was written: no image could be read ({written[0].reason})")
        for name, text in plan.documents.items():
            (folder / name).write_text(text, encoding="utf-8", newline="\n")
        manifest = json.dumps(_manifest(plan, written), ensure_ascii=False, indent=1, sort_keys=True) + "\n"
        (folder / MANIFEST).write_text(manifest, encoding="utf-8", newline="\n")
    return ExportResult(
        path=plan.out,
        manifest=plan.out / MANIFEST,
        count=len(good),
        failed=pd.DataFrame(
            [
                (entry.placed.item.id, entry.placed.item.name, entry.reason)
                for entry in written
                if entry.reason
            ],
            columns=["id", "name", "reason"],
        ),
        manifest_sha256=hashlib.sha256(manifest.encode()).digest(),
        settings=plan.settings,
    )


def _write_images(
    plan: ExportPlan, folder: Path, progress: Callable[[int, int, int], None] | None
) -> list[_Written]:
    work = functools.partial(_write_image, folder=folder, picture=plan.picture, cut=plan.cut)
    written: list[_Written] = []
    failed = 0
    results = cast("Generator[_Written]", parallel(work, plan.placements, workers=plan.workers))
    with contextlib.closing(results):  # no worker may write any more when the folder is taken away
        for entry in results:
            written.append(entry)
            failed += entry.reason is not None
            if progress is not None:
                progress(len(written), len(plan.placements), failed)
    return written


def _write_image(placed: Placement, *, folder: Path, picture: PictureSettings, cut: bool) -> _Written:
    try:
        source = placed.item.read()
        # What came in once is opened again, whatever the limits are by now; no more than that.
        limits = Limits(len(source), placed.item.width * placed.item.height)
        data = render(source, placed.format, picture, placed.bucket if cut else None, limits)
    except Error as error:  # this image stays out and is named; the rest goes on
        return _Written(placed, "", 0, str(error))
    (folder / placed.file).write_bytes(data)
    if placed.caption_file is not None and placed.caption is not None:
        (folder / placed.caption_file).write_bytes(placed.caption.encode())
    return _Written(placed, hashlib.sha256(data).hexdigest(), len(data), None)


def _manifest(plan: ExportPlan, written: list[_Written]) -> dict[str, Any]:
    """Name what was written and what from. Between equal exports only `written_at` differs."""
    good = sorted((entry for entry in written if entry.reason is None), key=lambda entry: entry.placed.file)
    bad = sorted(
        (entry for entry in written if entry.reason is not None), key=lambda entry: entry.placed.file
    )
    return {
        "format": FORMAT,
        "version": 1,
        "lorairo": __version__,
        "exporter": plan.exporter,
        "written_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "settings": plan.settings,
        "documents": {
            name: hashlib.sha256(text.encode()).hexdigest() for name, text in plan.documents.items()
        },
        "images": [_image(entry) for entry in good],
        "failed": [
            {"source": entry.placed.item.name, "source_sha256": entry.placed.item.sha256} for entry in bad
        ],
    }


def _image(entry: _Written) -> dict[str, Any]:
    placed = entry.placed
    caption = placed.caption if placed.caption_file is not None else None
    return {
        "file": placed.file,
        "sha256": entry.sha256,
        "bytes": entry.bytes,
        "caption_file": placed.caption_file,
        "caption_sha256": None if caption is None else hashlib.sha256(caption.encode()).hexdigest(),
        "source": placed.item.name,
        "source_sha256": placed.item.sha256,
        "bucket": list(placed.bucket.bucket),
    }
