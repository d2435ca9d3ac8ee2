"""A folder appears whole or not at all: it is written beside its place and renamed into it."""

from __future__ import annotations

import contextlib
import json
import shutil
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lorairo.errors import ExportError

if TYPE_CHECKING:
    from collections.abc import Iterator

MANIFEST = "manifest.json"
FORMAT = "lorairo-export"
_LEFTOVER = 24 * 3600.0  # seconds; no export takes a day, so an older staging folder belongs to a killed one
# What trainers leave beside the pictures. It belongs to the pictures, so it goes with them.
_CACHES = (".npz", ".npy")
_CACHE_NAMES = ("metadata_cache.json", "Thumbs.db", "desktop.ini", ".DS_Store")
_SHOWN = 3


def check_target(out: Path, *, overwrite: bool) -> None:
    """Refuse to write over anything that is not an earlier export of ours.

    Raises
    ------
    ExportError
        When `out` is a file, a folder with other contents, or an export and `overwrite` is off.
    """
    if not out.exists():
        return
    if not out.is_dir():
        raise ExportError(f"{out} is a file: name a folder that does not exist yet")
    present = sorted(path.relative_to(out).as_posix() for path in out.rglob("*") if not path.is_dir())
    if not present:
        return
    manifest = read_manifest(out)
    if manifest is None:
        raise ExportError(f"{out} is not empty and is no export of lorairo: name another folder")
    if not overwrite:
        raise ExportError(f"{out} holds an export already: pass overwrite=True to replace it")
    foreign = [name for name in present if name not in _written(manifest) and not _is_cache(name)]
    if foreign:
        more = f" and {len(foreign) - _SHOWN:,} more" if len(foreign) > _SHOWN else ""
        raise ExportError(
            f"{out} holds files that the export did not write ({', '.join(foreign[:_SHOWN])}{more}): "
            f"move them away, or name another folder"
        )


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """Read the manifest of an export; None when the folder is none."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return manifest if isinstance(manifest, dict) and manifest.get("format") == FORMAT else None


@contextlib.contextmanager
def staged(out: Path, *, overwrite: bool) -> Iterator[Path]:
    """Give a fresh folder beside `out` that takes its place when the block ends well, and vanishes otherwise.

    Raises
    ------
    ExportError
        As `check_target`, or when the file system refuses.
    """
    check_target(out, overwrite=overwrite)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        _sweep(out)
        folder = out.parent / f".{out.name}.partial-{uuid.uuid4().hex[:12]}"
        folder.mkdir()
    except OSError as error:
        raise ExportError(f"{out.parent} cannot be written: {error.strerror}") from error
    try:
        yield folder
        check_target(out, overwrite=overwrite)  # it may have come into being meanwhile
        _swap(folder, out)
    except OSError as error:
        raise ExportError(
            f"writing {out} failed: {error.strerror or error}. Nothing was left behind"
        ) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)  # after the swap there is none


def _swap(folder: Path, out: Path) -> None:
    if not out.exists():
        folder.rename(out)
        return
    old = out.parent / f".{out.name}.old-{uuid.uuid4().hex[:12]}"
    out.rename(old)
    try:
        folder.rename(out)
    except OSError:
        old.rename(out)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _sweep(out: Path) -> None:
    """Remove what a killed export to the same place left a day or more ago."""
    limit = time.time() - _LEFTOVER
    for path in out.parent.iterdir():
        if path.name.startswith(f".{out.name}.partial-") and path.is_dir() and path.stat().st_mtime < limit:
            shutil.rmtree(path, ignore_errors=True)


def _written(manifest: dict[str, Any]) -> set[str]:
    images = manifest.get("images", [])
    names = {image[key] for image in images for key in ("file", "caption_file") if image.get(key)}
    return names | set(manifest.get("documents", {})) | {MANIFEST}


def _is_cache(name: str) -> bool:
    path = Path(name)
    return path.suffix in _CACHES or path.name in _CACHE_NAMES or path.name.endswith("_te.safetensors")
