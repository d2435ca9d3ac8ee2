"""Carry out an `ExportPlan`: pictures, captions, documents and manifest, in parallel, all or nothing."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import pandas as pd

from lorairo._version import __version__
from lorairo.errors import Error, ExportError
from lorairo.exporters.pictures import PictureSettings, render
from lorairo.exporters.staging import FORMAT, MANIFEST, staged
from lorairo.images import Limits
from lorairo.jobs import parallel
from lorairo.plaintext import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence
    from pathlib import Path

    from lorairo.exporters.plan import Placed, Placement, Plan


@dataclass(frozen=True, slots=True)
class ExportResult:
    """An export that was written; prints as one line.

    Attributes
    ----------
    path, manifest
        The folder, and the file in it that says what was written from what.
    wrote
        What was written, in words.
    count
        Images that something was written of.
    failed
        DataFrame with id, name and reason of the images that were left out as they could not be read.
    manifest_sha256
        Hash of the manifest file.
    settings
        What the export was made with; JSON-ready.
    """

    path: Path
    manifest: Path
    wrote: str
    count: int
    failed: pd.DataFrame
    manifest_sha256: bytes
    settings: dict[str, Any]

    @property
    def message(self) -> str:
        """What was done, in a line."""
        text = f"Wrote {self.wrote} to {self.path}"
        if len(self.failed):
            text += f", left out {len(self.failed):,} that could not be read (see .failed)"
        return text

    def __repr__(self) -> str:
        """Print as one line."""
        return printable(self.message)


class _Written(NamedTuple):
    placed: Placed
    entry: dict[str, Any]  # for the manifest
    reason: str | None  # why it could not be written


def write_plan(plan: Plan, progress: Callable[[int, int, int], None] | None) -> ExportResult:
    """Write a plan; `Plan.write` says what it promises."""
    if plan.errors:
        raise ExportError(f"nothing was written: {'; '.join(plan.errors)}. plan.lint says what to do")
    with staged(plan.out, overwrite=plan.overwrite) as folder:
        _make_folders(folder, [*(placed.file for placed in plan.pictures), *plan.documents])
        written = _write_images(plan, folder, progress)
        good = [done for done in written if done.reason is None]
        if written and not good:
            raise ExportError(f"nothing was written: no image could be read ({written[0].reason})")
        for name, data in plan.documents.items():
            (folder / name).write_bytes(data)
        manifest = json.dumps(_manifest(plan, written), ensure_ascii=False, indent=1, sort_keys=True) + "\n"
        (folder / MANIFEST).write_text(manifest, encoding="utf-8", newline="\n")
    count, wrote = plan.written(len(good))
    return ExportResult(
        path=plan.out,
        manifest=plan.out / MANIFEST,
        wrote=wrote,
        count=count,
        failed=pd.DataFrame(
            [(done.placed.item.id, done.placed.item.name, done.reason) for done in written if done.reason],
            columns=["id", "name", "reason"],
        ),
        manifest_sha256=hashlib.sha256(manifest.encode()).digest(),
        settings=plan.settings,
    )


def _make_folders(folder: Path, names: Sequence[str]) -> None:
    """Make the folders of files, none of which may lie outside: a project may come from anybody."""
    inside = os.path.normpath(folder) + os.sep
    for name in names:
        if not os.path.normpath(folder / name).startswith(inside):
            raise ExportError(f"{name!r} leads out of the folder to write: nothing was written")
    for parent in sorted({(folder / name).parent for name in names}):
        parent.mkdir(parents=True, exist_ok=True)


def _write_images(
    plan: Plan, folder: Path, progress: Callable[[int, int, int], None] | None
) -> list[_Written]:
    work = functools.partial(_write_image, write=plan.writer(folder))
    written: list[_Written] = []
    failed = 0
    results = cast("Generator[_Written]", parallel(work, plan.pictures, workers=plan.workers))
    with contextlib.closing(results):  # no worker may write any more when the folder is taken away
        for done in results:
            written.append(done)
            failed += done.reason is not None
            if progress is not None:
                progress(len(written), len(plan.pictures), failed)
    return written


def _write_image(placed: Placed, *, write: Callable[[Any], dict[str, Any]]) -> _Written:
    try:
        return _Written(placed, write(placed), None)
    except Error as error:  # this image stays out and is named; the rest goes on
        return _Written(placed, {}, str(error))


def put_picture(placed: Placement, *, folder: Path, picture: PictureSettings, cut: bool) -> dict[str, Any]:
    """Write one image as a trainer reads it, and its caption.

    Raises
    ------
    lorairo.Error
        When it cannot be read.
    """
    source = placed.item.read()
    # What came in once is opened again, whatever the limits are by now; no more than that.
    limits = Limits(len(source), placed.item.width * placed.item.height)
    data = render(source, placed.format, picture, placed.bucket if cut else None, limits)
    (folder / placed.file).write_bytes(data)
    caption = placed.caption if placed.caption_file is not None else None
    if placed.caption_file is not None and caption is not None:
        (folder / placed.caption_file).write_bytes(caption.encode())
    return {
        **picture_entry(placed, data),
        "caption_file": placed.caption_file,
        "caption_sha256": None if caption is None else hashlib.sha256(caption.encode()).hexdigest(),
        "bucket": list(placed.bucket.bucket),
    }


def picture_entry(placed: Placed, data: bytes) -> dict[str, Any]:
    """Name a written picture and what it came from, for the manifest."""
    return {
        "file": placed.file,
        "sha256": hashlib.sha256(data).hexdigest(),
        "bytes": len(data),
        "source": placed.item.name,
        "source_sha256": placed.item.sha256,
    }


def _manifest(plan: Plan, written: list[_Written]) -> dict[str, Any]:
    """Name what was written and what from. Between equal exports only `written_at` differs."""
    ordered = sorted(written, key=lambda done: done.placed.file)
    return {
        "format": FORMAT,
        "version": 1,
        "lorairo": __version__,
        "exporter": plan.exporter,
        "written_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "settings": plan.settings,
        "documents": {name: hashlib.sha256(data).hexdigest() for name, data in plan.documents.items()},
        "images": [done.entry for done in ordered if done.reason is None],
        "failed": [
            {"source": done.placed.item.name, "source_sha256": done.placed.item.sha256}
            for done in ordered
            if done.reason is not None
        ],
    }
