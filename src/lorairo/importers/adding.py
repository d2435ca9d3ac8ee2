"""The import run: skip what is unchanged, examine the rest in parallel, commit batch by batch."""

from __future__ import annotations

import time
import warnings
from typing import TYPE_CHECKING, Final, get_args

import numpy as np

from lorairo.errors import ArgumentError
from lorairo.importers.examining import Examined, Examiner
from lorairo.importers.folders import remember_folders
from lorairo.importers.known import Known
from lorairo.importers.outcome import Outcome
from lorairo.importers.progress import Bar
from lorairo.importers.report import AddReport, reasons
from lorairo.importers.sidecars import Reading
from lorairo.importers.tables import read_table
from lorairo.importers.writing import Writer
from lorairo.jobs import parallel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from lorairo.config.schema import Limits as Resources
    from lorairo.images import Limits
    from lorairo.importers.offered import Item, Offer
    from lorairo.importers.sidecars import Said
    from lorairo.store import Database, ThumbnailCache

_BATCH: Final = 256
_SECONDS: Final = 2.0  # a view shows new images this soon, and an interrupt costs no more than this


def add(
    db: Database,
    thumbnails: ThumbnailCache,
    source: Offer,
    *,
    folder: Path,
    limits: Limits,
    copy: bool = False,
    captions: str = "auto",
    verify: bool = False,
    progress: Callable[[int, int, int], None] | None = None,
    workers: int | None = None,
    resources: Resources | None = None,
    thumbnail_size: int = 256,
) -> AddReport:
    """Add what a source holds.

    Ids follow the order of paths, never that of threads. Each batch is one transaction, so an interrupt loses
    the last two seconds at most, and the same call goes on from there.

    Parameters
    ----------
    db, thumbnails
        Where to.
    source
        What `lorairo.sources.source_of` found.
    folder
        The project's folder.
    limits
        What is opened at all.
    copy
        Keep a copy of each new file in the project.
    captions
        How texts beside pictures are understood: ``tags``, ``prose``, or ``auto``: by their form.
    verify
        Read every file again instead of trusting size and time.
    progress
        Called with (done, total, rejected); without it a bar is drawn where somebody watches.
    workers
        Threads that read; by default as many as `resources` allow.
    resources
        What the settings allow: workers, memory, images in one transaction (256 where they say nothing).
    thumbnail_size
        Longer side, pixels.

    Raises
    ------
    ArgumentError
        When `captions` is none of these.
    StoreError
        When the database refuses; every batch before that is kept.
    """
    if captions not in get_args(Reading):
        raise ArgumentError(f"captions={captions!r} is unknown: use 'auto', 'tags' or 'prose'")
    reading: Reading = captions  # type: ignore[assignment]  # checked in the line above
    known = Known.load(db, source)
    run = _Run(source.items, known, verify=verify, copied=known.copied(db) if copy else None)
    run.outcome.rejected += source.problems
    run.outcome.warnings += source.notes
    held = known.contents(db, run.waiting)
    examiner = Examiner(limits, reading, folder, copy=copy, known=held, thumbnail_size=thumbnail_size)
    reread = captions != "auto"  # texts that were understood in another way before
    run.read_tables(source, reading, reread=reread)
    writer = Writer(db, thumbnails, known)
    with Bar(len(source.items), progress) as bar, warnings.catch_warnings():
        # What a decoder finds odd would be printed without the name of the file; the report has it with it.
        warnings.filterwarnings("ignore", module=r"PIL\.")
        bar.step(run.settled, len(run.outcome.rejected))
        results = parallel(examiner, run.waiting, workers=workers, limits=resources)
        for batch in _batches(results, (resources and resources.batch_size) or _BATCH):
            run.outcome.take(writer.write([run.with_table(examined) for examined in batch]))
            bar.step(len(batch), len(run.outcome.rejected))
        run.reread_texts(examiner, writer, every=reread)
    if source.items:
        remember_folders(db, source.folders)
    return run.report(source.skipped)


def _batches(results: Iterable[Examined], most: int) -> Iterator[list[Examined]]:
    """Cut results into batches by number and by time."""
    batch: list[Examined] = []
    started = time.monotonic()
    for result in results:
        batch.append(result)
        if len(batch) >= most or time.monotonic() - started > _SECONDS:
            yield batch
            batch, started = [], time.monotonic()
    if batch:
        yield batch


class _Run:
    """One import: what is settled without reading, what waits, and what came of it."""

    def __init__(
        self, items: Sequence[Item], known: Known, *, verify: bool, copied: frozenset[int] | None
    ) -> None:
        self.known = known
        self.outcome = Outcome()
        self.waiting: list[Item] = []
        self.resting: list[Item] = []
        self.tables: dict[str, list[Said]] = {}
        self._copied = copied
        self._sort(items, verify=verify)
        self.settled = len(items) - len(self.waiting)

    def _sort(self, items: Sequence[Item], *, verify: bool) -> None:
        """Tell unchanged files from those to read, by size and time alone."""
        unchanged, paths = self.outcome.ids["unchanged"], self.known.paths
        for item in items:
            entry = paths.get(item.path)
            if entry is None or verify or entry.bytes != item.bytes or entry.mtime_ns != item.mtime_ns:
                self.waiting.append(item)
            elif entry.missing:
                self.waiting.append(item)  # it was gone and is back: reading it takes the mark away
            elif self._lacks_copy(item, entry.image_id):
                self.waiting.append(item)
            elif entry.image_id is not None:
                unchanged.append(entry.image_id)
                self.resting.append(item)
            elif "limits=" in (entry.reason or ""):
                self.waiting.append(item)  # cheap to look at again, and the limits may have been lifted
            else:
                self.outcome.rejected.append((item.path, entry.reason or "rejected before"))

    def _lacks_copy(self, item: Item, image_id: int | None) -> bool:
        """Whether a copy is wanted of an image that was added without."""
        wanted = self._copied is not None and item.kind != "memory"
        return wanted and image_id is not None and image_id not in (self._copied or ())

    def read_tables(self, source: Offer, reading: Reading, *, reread: bool) -> None:
        """Read tables that are new or changed, or that may speak of files about to be read."""
        waiting = {item.path for item in self.waiting}
        for table in source.tables:
            changed = reread or self.known.is_changed(table)
            if not changed and not any(path.startswith(table.base) for path in waiting):
                continue
            found, odd = read_table(table, source.items, reading)
            self.outcome.warnings += [(table.path, reason) for reason in odd]
            for path, said in found.items():
                if changed or path in waiting:
                    self.tables.setdefault(path, []).append(said)

    def with_table(self, examined: Examined) -> Examined:
        """Add what tables say about a file to what stands beside it."""
        more = self.tables.pop(examined.item.path, None)
        if more is None or examined.sha256 is None:
            return examined
        return examined.and_said(more)

    def reread_texts(self, examiner: Examiner, writer: Writer, *, every: bool) -> None:
        """Bring texts up to date whose picture has not changed: those that changed, or every one."""
        changed: list[tuple[str, int, tuple[Said, ...]]] = []
        for item in self.resting:
            stale = item.beside and (
                every or any(self.known.is_stale(item.path, text) for text in item.beside)
            )
            tabled = tuple(self.tables.pop(item.path, ()))
            if not stale and not tabled:
                continue
            said, notes = examiner.texts(item) if stale else ((), ())
            self.outcome.warnings += notes
            image_id = self.known.paths[item.path].image_id
            if image_id is not None and (said or tabled):
                changed.append((item.path, image_id, (*said, *tabled)))
        for start in range(0, len(changed), _BATCH):
            self.outcome.warnings += writer.write_texts(changed[start : start + _BATCH])

    def report(self, skipped: int) -> AddReport:
        """Sum up."""
        ids = {status: np.array(found, dtype=np.int64) for status, found in self.outcome.ids.items()}
        return AddReport(
            ids["added"],
            ids["unchanged"],
            ids["duplicate"],
            ids["changed"],
            reasons(self.outcome.rejected),
            reasons(self.outcome.warnings),
            skipped,
        )
