"""Texts beside pictures, the form every trainer reads: as they were imported, or written anew."""

from __future__ import annotations

import posixpath
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from lorairo.captions import render_caption
from lorairo.config import config
from lorairo.exporters.lines import line_of
from lorairo.exporters.options import read_options
from lorairo.exporters.plan import Finding
from lorairo.exporters.sidecar_documents import document
from lorairo.exporters.sidecar_edits import Manner, revise
from lorairo.exporters.sidecars_options import SidecarsOptions
from lorairo.exporters.sidecars_plan import PlannedPicture, PlannedText, SidecarsPlan
from lorairo.exporters.wording import images, texts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lorairo.exporters.beside import Document, Place
    from lorairo.exporters.plan import ExportItem, ExportResult
    from lorairo.exporters.sidecar_edits import Revision

_EXTENSIONS = (".txt", ".caption")


class SidecarsExporter:
    """Exports texts, and if asked the pictures beside them, in the folders they were imported from."""

    wants_places: ClassVar[bool] = True

    def plan(
        self,
        items: Sequence[ExportItem],
        out: str | Path,
        *,
        record: Callable[[ExportResult], None] | None = None,
        workers: int | None = None,
        **options: Any,
    ) -> SidecarsPlan:
        """Say what would be written; write nothing.

        Parameters
        ----------
        items
            The images, in order, with their places.
        out
            Folder to write; what was imported has the same place in it as in the folder that was added (with
            several of them: as below the deepest folder that holds them all). The imported files themselves
            are never written to.
        record
            Called with the result of each write.
        workers
            Pictures copied at the same time.
        options
            Of `SidecarsOptions`, which says what each means.

        Raises
        ------
        ArgumentError
            For an option that does not exist or does not fit.
        """
        given = read_options(SidecarsOptions, "sidecars", options)
        draft = _Draft(given)
        for item in items:
            draft.take(item)
        draft.finish()
        planned = tuple(draft.texts[file] for file in sorted(draft.texts))
        return SidecarsPlan(
            exporter="sidecars",
            out=Path(out).expanduser().absolute(),
            texts=planned,
            copies=_copies(items, given),
            findings=(*_no_images(items), *draft.findings()),
            documents={text.file: text.data for text in planned},
            settings=given.for_manifest(),
            overwrite=given.overwrite,
            workers=workers or config.limits.threads,
            record=record,
        )


def _copies(items: Sequence[ExportItem], options: SidecarsOptions) -> tuple[PlannedPicture, ...]:
    if options.images == "none":
        return ()
    return tuple(
        PlannedPicture(item, place.file, place.path if options.images == "link" else None)
        for item in items
        for place in item.places
    )


def _no_images(items: Sequence[ExportItem]) -> list[Finding]:
    if items:
        return []
    return [Finding("error", "no-images", (), "there are no images", "Widen the search of the view.")]


class _Draft:
    """The texts of an export as they are gathered, image by image."""

    def __init__(self, options: SidecarsOptions) -> None:
        self.texts: dict[str, PlannedText] = {}
        self._options = options
        self._manner = Manner(options.target, options.separator)
        self._rows: dict[str, tuple[Document, dict[str, tuple[int, bytes]]]] = {}
        self._clashes: dict[int, str] = {}
        self._recoded: list[int] = []
        self._silent: list[int] = []
        self._homeless: list[int] = []
        self._rebuilt: list[str] = []

    def take(self, item: ExportItem) -> None:
        """Plan the texts of one image."""
        if not self._options.preserve:
            self._write_anew(item)
            return
        revision = revise(item, self._manner, keep_caption=self._options.variant != "default")
        for place in item.places:
            for text in place.beside:
                raw = revision.raw.get(text.number, text.raw)
                if text.document is None:
                    self._add(PlannedText(text.file, raw, text.raw, (item.id,)))
                else:
                    rows = self._rows.setdefault(text.file, (text.document, {}))[1]
                    rows[place.file] = (item.id, raw)
            self._write_rest(item, place, revision)
        if revision.recoded:
            self._recoded.append(item.id)

    def finish(self) -> None:
        """Put the files together that speak of many pictures."""
        for file, (source, rows) in self._rows.items():
            data, whole = document(source, {picture: raw for picture, (_, raw) in rows.items()})
            before, _ = document(source, source.rows)
            self._add(PlannedText(file, data, before, tuple(image_id for image_id, _ in rows.values())))
            if not whole:
                self._rebuilt.append(file)

    def findings(self) -> list[Finding]:
        """Say what is worth knowing before this is written."""
        told = (
            self._told_clashes(),
            self._told_rebuilt(),
            self._told_recoded(),
            self._told_homeless(),
            self._told_silent(),
        )
        return [finding for finding in told if finding is not None]

    def _add(self, text: PlannedText) -> None:
        other = self.texts.get(text.file)
        if other is None:
            self.texts[text.file] = text
            return
        ids = (*other.ids, *text.ids)
        self.texts[text.file] = PlannedText(other.file, other.data, other.before, ids)
        if other.data != text.data:
            self._clashes |= dict.fromkeys(ids, text.file)

    def _write_anew(self, item: ExportItem) -> None:
        options = self._options
        names = [name for name, _ in item.tags]
        caption = line_of(
            names,
            item.caption,
            form=options.form,
            target=options.target,
            trigger=options.trigger,
            separator=options.separator,
        )
        if not caption:
            self._silent.append(item.id)
            return
        for place in item.places:
            stem = posixpath.splitext(place.file)[0]
            self._add(PlannedText(stem + options.extension, caption.encode(), None, (item.id,)))

    def _write_rest(self, item: ExportItem, place: Place, revision: Revision) -> None:
        """Give tags and captions that no text there is can take files of their own."""
        if not revision.tags and not revision.caption:
            return
        stem = posixpath.splitext(place.file)[0]
        taken = {text.file for text in place.beside}
        free = [
            stem + extension
            for extension in dict.fromkeys((self._options.extension, *_EXTENSIONS))
            if stem + extension not in taken
        ]
        tags = render_caption(revision.tags, target=self._options.target, separator=self._options.separator)
        for rest in (tags, revision.caption):
            if not rest:
                continue
            if not free:
                self._homeless.append(item.id)
                continue
            self._add(PlannedText(free.pop(0), rest.encode(), None, (item.id,)))

    def _told_clashes(self) -> Finding | None:
        if not self._clashes:
            return None
        file = next(iter(self._clashes.values()))
        return Finding(
            "error",
            "shared-text",
            tuple(self._clashes),
            f"{images(len(self._clashes))} share a text with another that says something else now, as {file}",
            "Give them the same tags and caption, or export them into folders of their own.",
        )

    def _told_rebuilt(self) -> Finding | None:
        if not self._rebuilt:
            return None
        return Finding(
            "warning",
            "rebuilt",
            (),
            f"{', '.join(sorted(self._rebuilt))}: not where it was imported from, or changed since",
            "It is made of its lines alone; put the file back to keep what stands between them.",
        )

    def _told_recoded(self) -> Finding | None:
        if not self._recoded:
            return None
        return Finding(
            "warning",
            "recoded",
            tuple(self._recoded),
            f"{texts(len(self._recoded))} will be UTF-8, as the encoding lacks letters that were written",
            "None needed: trainers expect UTF-8.",
        )

    def _told_homeless(self) -> Finding | None:
        if not self._homeless:
            return None
        return Finding(
            "warning",
            "no-place",
            tuple(dict.fromkeys(self._homeless)),
            f"{images(len(set(self._homeless)))} with tags or a caption that no text has a place for",
            "Export with preserve=False to write every text anew.",
        )

    def _told_silent(self) -> Finding | None:
        if not self._silent:
            return None
        return Finding(
            "warning",
            "no-caption",
            tuple(self._silent),
            f"{images(len(self._silent))} with nothing to say get no text",
            "Tag or caption them, or exclude them.",
        )
