"""Exports of a view, and what an exporter gets of it: images, where they lie, the texts beside them."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from lorairo.config import config, folder, within
from lorairo.errors import NotFoundError
from lorairo.exporters.beside import Beside, Document, Place
from lorairo.exporters.plan import ExportItem
from lorairo.frames import captions_of
from lorairo.importers.folders import FOLDERS
from lorairo.sources.pairing import table_kind
from lorairo.store import evidence, exports, settings, sidecars
from lorairo.store import places as stored

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from lorairo.exporters.plan import ExportResult, Plan
    from lorairo.query.index import Index
    from lorairo.store.sidecars import Text
    from lorairo.view import View

_OUTSIDE: Final = ("file", "zip")
_DOCUMENTS: Final = ("metadata.jsonl", "kohya.json")
_FRAME: Final = "frame."  # texts out of a table in memory, which are no files


class Exporting:
    """Mixed into `View`: exports."""

    def plan_export(
        self, exporter: str, path: str | Path, *, dataset: str | None = None, **options: Any
    ) -> Plan:
        """Say what an export would write: files, buckets, captions, lint, steps; ``.write()`` writes it.

        Parameters
        ----------
        exporter
            ``kohya``, ``sidecars``, or another exporter that is installed.
        path
            The folder to write; a relative one lies below ``directories.export_dir`` where that is set.
        dataset
            Take profile, caption variant and trigger from this dataset.
        options
            Of the exporter, such as ``resolution=1024, repeats=10, trigger="sks dog"``.
        """
        from lorairo.exporters import find  # noqa: PLC0415 - exporters load on use

        view = cast("View", self)
        variant = str(options.get("variant") or "default")
        if dataset:
            about = view.project.dataset(dataset)
            variant = str(options.get("variant") or about.variant)
            given = {"trigger": about.trigger, "profile": about.profile}
            options = {key: value for key, value in given.items() if value} | options
        options["variant"] = variant
        with within(view.project.location):
            chosen = find(exporter)
            return chosen.plan(
                items_of(view, variant, places=chosen.wants_places),
                _under_exports(Path(path)),
                record=lambda result: _record(view, exporter, result),
                **options,
            )

    def export(
        self, exporter: str, path: str | Path, *, dataset: str | None = None, **options: Any
    ) -> ExportResult:
        """Plan an export and write it."""
        return self.plan_export(exporter, path, dataset=dataset, **options).write()


def _under_exports(path: Path) -> Path:
    """Put a relative path below the folder for exports, if the settings name one."""
    path = path.expanduser()
    if path.is_absolute() or config.directories.export_dir is None:
        return path
    return folder("directories.export_dir") / path


def _record(view: View, exporter: str, result: ExportResult) -> None:
    if view.project.readonly:
        return
    with view.project.database.write() as connection:
        exports.record_export(
            connection,
            author=view.project.author,
            exporter=exporter,
            path=str(result.path),
            query=view.query or None,
            count=result.count,
            manifest_sha256=result.manifest_sha256,
            settings=result.settings,
        )


def items_of(view: View, variant: str, *, places: bool = False) -> list[ExportItem]:
    """Return the images of a view as an exporter wants them.

    Parameters
    ----------
    view
        The images.
    variant
        Caption variant.
    places
        Whether to add where they lie, and the texts beside them.
    """
    index, snapshot = view.held()
    captions = captions_of(view, snapshot.ids, variant)
    where = _places(view, index) if places else {}
    names, formats, alpha = index.column("name"), index.column("format"), index.column("alpha")
    items = []
    for image_id, place in zip(snapshot.ids.tolist(), snapshot.positions.tolist(), strict=True):
        tag_ids, _sources = index.tags_of(place)
        items.append(
            ExportItem(
                id=image_id,
                sha256=index.sha256(image_id).hex(),
                name=str(names[place]),
                width=int(index.column("width")[place]),
                height=int(index.column("height")[place]),
                read=partial(view.project.read, image_id),
                tags=tuple((index.tag_name(tag), index.tag_category(tag)) for tag in tag_ids.tolist()),
                caption=captions.get(image_id),
                alpha=bool(alpha[place]),
                format=str(formats[place]),
                places=where.get(image_id, ()),
            )
        )
    return items


def _places(view: View, index: Index) -> dict[int, tuple[Place, ...]]:
    """Return where the images lie, by id; a picture from memory counts only where it lies nowhere else."""
    with view.project.database.read() as connection:
        found = stored.places_of(connection, view.ids.tolist())
        texts = sidecars.texts_beside(connection, view.ids.tolist())
        folders = settings.get(connection, FOLDERS, [])
        # projects of earlier versions have not kept where their imports began
        inner = _inner(folders or map(os.path.dirname, stored.all_places(connection)))
        rows = sidecars.rows_of(connection, {text.source for text in texts if text.kind in _DOCUMENTS})
    kinds = {path: kind for _, path, _, kind in found}
    documents = _documents(view, texts, rows, kinds, inner)
    beside: dict[str, list[Beside]] = {}
    for text in texts:
        if not text.kind.startswith(_FRAME) and text.path in kinds:
            entry = _beside(text, index, inner(text.source), documents.get(text.source))
            beside.setdefault(text.path, []).append(entry)
    places: dict[int, list[Place]] = {}
    for image_id, path, name, kind in sorted(found, key=lambda row: row[3] not in _OUTSIDE):
        mine = places.setdefault(image_id, [])
        if kind in _OUTSIDE:
            mine.append(Place(path if kind == "file" else None, inner(path), tuple(beside.get(path, ()))))
        elif not mine:
            mine.append(Place(None, name))
    return {image_id: tuple(mine) for image_id, mine in places.items()}


def _beside(text: Text, index: Index, file: str, document: Document | None) -> Beside:
    tags = evidence.unpack_scores(text.tags)[0].tolist() if text.tags else []
    return Beside(
        number=text.id,
        file=file,
        kind=text.kind,
        raw=bytes(text.raw),
        understood=text.understood,
        caption=text.caption,
        tags=tuple(index.tag_name(tag) for tag in tags),
        document=document,
    )


def _documents(
    view: View,
    texts: Iterable[Text],
    rows: Iterable[tuple[str, str, bytes]],
    kinds: Mapping[str, str],
    inner: Callable[[str], str],
) -> dict[str, Document]:
    """Return the files that speak of many pictures, by where they lie."""
    said: dict[str, dict[str, bytes]] = {}
    for source, path, raw in rows:
        said.setdefault(source, {})[inner(path)] = raw

    def read(source: str, kind: str, size: int) -> bytes:
        if table_kind(Path(source).name) is None:  # a project of anybody's may name any file of this machine
            raise NotFoundError(f"{source} is no file about pictures")
        return view.project.originals.read_beside(source, kind, size)

    return {
        text.source: Document(
            inner(text.source),
            text.kind,
            said[text.source],
            partial(read, text.source, kinds.get(text.path, "file"), text.size),
        )
        for text in texts
        if text.kind in _DOCUMENTS
    }


def _inner(folders: Iterable[str]) -> Callable[[str], str]:
    """Return what says where a path is below the deepest folder that holds all of these."""
    parts = [_parts(folder) for folder in folders]
    low, high = min(parts, default=[]), max(parts, default=[])
    pairs = enumerate(zip(low, high, strict=False))
    depth = next((place for place, (one, other) in pairs if one != other), min(len(low), len(high)))

    def inner(path: str) -> str:
        return "/".join(part.rstrip("!:") for part in _parts(path)[depth:] if part)

    return inner


def _parts(path: str) -> list[str]:
    return path.replace(os.sep, "/").split("/")
