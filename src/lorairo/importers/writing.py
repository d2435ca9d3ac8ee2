"""Write what was examined: images, paths, texts and what they say, thumbnails; one transaction per batch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lorairo.importers.outcome import Outcome
from lorairo.store import catalog, evidence, log, sidecars
from lorairo.store.catalog import ImageRow, PathRow
from lorairo.store.evidence import AnnotationRow
from lorairo.store.sidecars import SidecarRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

    from lorairo.images import Facts
    from lorairo.importers.examining import Examined
    from lorairo.importers.known import Known
    from lorairo.importers.offered import Item
    from lorairo.importers.sidecars import Said
    from lorairo.store import Database, ThumbnailCache

    Rows = list[tuple[PathRow, ImageRow | None, bytes | None]]
    Texts = Sequence[tuple[str, int, tuple[Said, ...]]]

PROVIDER = "file"
"""Provider of what texts say; the model is the kind of text."""


class Writer:
    """Writes batches.

    Parameters
    ----------
    db, thumbnails
        Where to.
    known
        What was there before the run.
    """

    def __init__(self, db: Database, thumbnails: ThumbnailCache, known: Known) -> None:
        self._db = db
        self._thumbnails = thumbnails
        self._known = known
        self._models: dict[str, int] = {}

    def write(self, batch: Sequence[Examined]) -> Outcome:
        """Write one batch, in the order given.

        Thumbnails go first: one without an image harms nobody, an image without one is decoded again.
        """
        good = [entry for entry in batch if entry.sha256 is not None and entry.reason is None]
        bad = [entry for entry in batch if entry.reason is not None]
        made = {entry.sha256: entry.facts.thumbnail for entry in good if entry.sha256 and entry.facts}
        self._thumbnails.put_many(made.items())
        outcome = Outcome()
        with log.evidence_write(self._db) as connection:
            rows: Rows = [(_path(entry.item), _image(entry.facts), entry.sha256) for entry in good]
            copies: Rows = [
                (PathRow(entry.copied, entry.item.name, entry.item.bytes, 0, "copy"), None, entry.sha256)
                for entry in good
                if entry.copied
            ]
            added = catalog.add_images(connection, rows + copies)[: len(rows)]
            catalog.add_rejected(
                connection, [(_path(entry.item), entry.reason or "") for entry in bad if entry.lasting]
            )
            texts: Texts = [
                (entry.item.path, place.image_id, entry.said)
                for entry, place in zip(good, added, strict=True)
                if entry.said
            ]
            self._say(connection, texts)
            outcome.warnings += conflicts(connection, [image_id for _path, image_id, _said in texts])
        for place in added:
            outcome.ids[place.status].append(place.image_id)
        outcome.rejected += [(entry.item.path, entry.reason or "") for entry in bad]
        outcome.warnings += [warning for entry in batch for warning in entry.warnings]
        return outcome

    def write_texts(self, texts: Texts) -> list[tuple[str, str]]:
        """Write texts of pictures that are there already; return warnings."""
        with log.evidence_write(self._db) as connection:
            self._say(connection, texts)
            return conflicts(connection, [image_id for _path, image_id, _said in texts])

    def _say(self, connection: Connection, texts: Texts) -> None:
        """Save texts byte for byte, and what they say as evidence of provider ``file``."""
        flat = [(path, image_id, said) for path, image_id, all_said in texts for said in all_said]
        if not flat:
            return
        numbers = sidecars.add_sidecars(
            connection,
            [SidecarRow(path, s.source, s.kind, s.raw, s.text, s.bytes, s.mtime_ns) for path, _id, s in flat],
        )
        names = dict.fromkeys(tag for _path, _id, said in flat for tag in said.tags)
        ids = dict(
            zip(names, evidence.tag_ids(connection, [(name, 0) for name in names]).tolist(), strict=True)
        )
        rows = [
            AnnotationRow(
                image_id,
                self._model(connection, said.kind),
                caption=said.caption,
                tags=evidence.pack_scores([ids[tag] for tag in said.tags], [1.0] * len(said.tags))
                if said.tags
                else None,
                sidecar_id=number,
            )
            for (path, image_id, said), number in zip(flat, numbers, strict=True)
            if said.caption or said.tags or (path, said.source) in self._known.texts
        ]
        evidence.record(connection, rows)
        log.refresh(connection, [row.image_id for row in rows])

    def _model(self, connection: Connection, kind: str) -> int:
        return evidence.model_id(connection, PROVIDER, kind, "", {}, kind="sidecar")


def _path(item: Item) -> PathRow:
    return PathRow(item.path, item.name, item.bytes, item.mtime_ns, item.kind)


def _image(facts: Facts | None) -> ImageRow | None:
    if facts is None:
        return None
    return ImageRow(
        sha256=facts.sha256,
        bytes=facts.bytes,
        width=facts.width,
        height=facts.height,
        format=facts.format,
        mode=facts.mode,
        alpha=facts.alpha,
        icc=facts.icc,
        exif=facts.exif,
        prompt=facts.prompt,
        phash=facts.phash,
        mean_rgb=facts.mean_rgb,
        quality=facts.quality,
    )


def conflicts(connection: Connection, image_ids: Iterable[int]) -> list[tuple[str, str]]:
    """Name texts that say different things about the same image; all of them are kept."""
    warnings: list[tuple[str, str]] = []
    first: dict[int, tuple[str, str]] = {}
    for image_id, source, text in sidecars.texts_of(connection, set(image_ids)):
        other, said = first.setdefault(image_id, (source, text))
        if said != text:
            warnings.append((source, f"says something else about the same image than {other}: both are kept"))
    return warnings
