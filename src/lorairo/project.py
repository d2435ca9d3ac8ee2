"""A project: a folder with a database, opened once per kernel and shared by cells and widgets."""

from __future__ import annotations

import operator
import os
import threading
import weakref
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from psygnal import Signal

from lorairo import images
from lorairo import log as logging
from lorairo.batching import Batching
from lorairo.config import load
from lorairo.curation import Curation
from lorairo.errors import ArgumentError, NotFoundError, ProjectError, ReadOnlyError
from lorairo.importers import adding
from lorairo.jobs import end_all, mark_interrupted
from lorairo.jobs import live as live_jobs
from lorairo.keywords import checked, checked_class
from lorairo.live import Live
from lorairo.originals import Originals
from lorairo.plaintext import printable
from lorairo.previews import thumbnails_of
from lorairo.query import parse
from lorairo.record import ImageRecord
from lorairo.results import Done
from lorairo.sources import source_of
from lorairo.steps import Step, Where, default_filter
from lorairo.store import Database, ThumbnailCache, catalog
from lorairo.tables import Tables
from lorairo.view import View
from lorairo.words import Words

if TYPE_CHECKING:
    from collections.abc import Callable

    from PIL import Image as PILImage

    from lorairo.config import Settings
    from lorairo.importers.report import AddReport
    from lorairo.jobs import Job, Progress
    from lorairo.query import Index

_open: weakref.WeakValueDictionary[str, Project] = weakref.WeakValueDictionary()
_opening = threading.Lock()


@checked
def open_project(location: str | Path, *, readonly: bool = False) -> Project:
    """Open a project, creating it when missing.

    Parameters
    ----------
    location
        Folder of the project. The same folder in one kernel gives the same object.
    readonly
        Refuse every change.

    Raises
    ------
    ProjectError
        When the folder cannot be a project; the message says why and what to do.
    """
    folder = _folder(location)
    with _opening:
        project = opened(folder)
        if project is None:
            project = Project(folder, readonly=readonly)
            _open[_key(folder)] = project
        elif readonly and not project.readonly:
            raise ProjectError(
                f"{folder} is open for writing in this kernel: project.close() first, or use it as it is"
            )
        elif project.readonly and not readonly and project.database.reason is None:
            raise ProjectError(f"{folder} is open read-only in this kernel: project.close() first")
        return project


def opened(location: str | Path) -> Project | None:
    """Return the project of a folder if it is open in this kernel, to write or only to read."""
    project = _open.get(_key(_folder(location)))
    return None if project is None or project.closed else project


def _folder(location: str | Path) -> Path:
    if not isinstance(location, str | os.PathLike) or not str(location).strip():
        raise ProjectError(f"a project is a folder, not {location!r}")
    if "://" in str(location):
        scheme = str(location).split("://", maxsplit=1)[0]
        raise ProjectError(f"{scheme} addresses are not supported by this version: name a folder")
    return Path(location).expanduser().resolve()


def _key(folder: Path) -> str:
    return os.path.normcase(folder)


def _let_go(database: Database, thumbnails: ThumbnailCache) -> None:
    """Close what a forgotten project left open; in a thread, as this may come in the middle of anything."""

    def close() -> None:
        thumbnails.close()
        database.close()

    threading.Thread(target=close, name="lorairo-close", daemon=True).start()


@checked_class
class Project(Curation, Words, Tables, Batching):
    """Images, evidence and decisions in one folder. Made by `open_project`.

    Attributes
    ----------
    running
        Emitted with the state of a job, as `running_job` gives it, at most five times a second.
    """

    running = Signal(dict)

    def __init__(self, folder: Path, *, readonly: bool = False) -> None:
        if folder.exists() and not folder.is_dir():
            raise ProjectError(f"{folder} is a file: a project is a folder")
        load(folder)  # a setting that is wrong is said before anything is made
        self.location = folder
        self.name = folder.name
        self.database = Database.open(folder, readonly=readonly)
        try:
            self.thumbnails = ThumbnailCache(folder / "thumbnails.db", readonly=self.database.readonly)
            if not self.database.readonly:
                mark_interrupted(self.database)
                logging.to_project(folder)
                self.tell_of_batches()
        except BaseException:
            self.database.close()
            raise
        self.live = Live(self.database)
        self.originals = Originals(self.database, folder)
        self.closed = False
        self._kept: dict[int, View] = {}
        self._newest_job: Job | None = None
        self.database.watch()
        # The watcher's thread would keep the database of a project that nobody closed, and itself, for ever.
        self._end = weakref.finalize(self, _let_go, self.database, self.thumbnails)
        self._end.atexit = False

    # ------------------------------------------------------------------------------------- lifetime

    def close(self) -> None:
        """Close the database; views and widgets of this project stop answering."""
        if self.closed:
            return
        end_all(live_jobs(self.database))
        self.closed = True
        self._end.detach()
        self._kept.clear()
        self.live.close()
        self.thumbnails.close()
        self.database.close()
        logging.leave_project(self.location)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        name, place = printable(self.name), printable(self.location)
        if self.closed:
            return f"<Project {name} · closed · {place}>"
        count = len(self)
        noun = "image" if count == 1 else "images"
        return f"<Project {name} · {count:,} {noun}{self.batches_under_way()} · {place}>"

    def __len__(self) -> int:
        return len(self.index.ids)

    @property
    def readonly(self) -> bool:
        """Whether changes are refused."""
        return self.database.readonly

    def writable(self) -> None:
        """Raise unless changes are allowed."""
        if self.closed:
            raise ProjectError(
                f"{self.name} is closed: open it again with lr.open_project({str(self.location)!r})"
            )
        if self.readonly:
            raise ReadOnlyError(
                self.database.reason
                or f"{self.name} is open read-only: open it without readonly=True to change it"
            )

    @property
    def author(self) -> str:
        """Who is making changes, from the configuration."""
        return self.config.author

    @property
    def config(self) -> Settings:
        """The settings that hold for this project now: the user's, and its own ``config.toml`` over them."""
        return load(self.location)

    @property
    def index(self) -> Index:
        """The index of the project now."""
        return self.live.index

    def keep(self, view: View) -> None:
        """Hold a view that somebody listens to, as its signal is weakly connected; let go of the others."""
        self._kept = {key: held for key, held in tuple(self._kept.items()) if held.followed}
        self._kept[id(view)] = view

    def showing(self, progress: Callable[[Progress], Any] | None = None) -> Callable[[Progress], None]:
        """Return a callback for jobs that shows their progress in the widgets of this project.

        Parameters
        ----------
        progress
            Called too.
        """

        def show(step: Progress) -> None:
            under_way = live_jobs(self.database)
            if under_way:
                self._newest_job = under_way[-1]
            state = self.running_job()
            if state is not None:
                self.running.emit(state)
            if progress is not None:
                progress(step)

        return show

    def running_job(self) -> dict[str, Any] | None:
        """Return the newest job of this kernel: id, label, state, done, total, failed, seconds_left, rate."""
        job = self._newest_job
        return None if job is None else job.told()

    def resume(self, job_id: int, *, background: bool = True, **wishes: Any) -> Job:
        """Go on with a job that an earlier kernel left, as ``project.jobs`` lists it.

        Parameters
        ----------
        job_id
            Its id there.
        background
            As of ``view.annotate``.
        **wishes
            ``budget``, ``refused``, ``unknown``, ``withhold`` of ``view.annotate``, where they are to be
            others from now on.
        """
        from lorairo.inference.run import resume  # noqa: PLC0415 - models load on use
        from lorairo.prompting import facts_source  # noqa: PLC0415 - likewise

        self.writable()
        return resume(
            self.database,
            self.originals.each,
            job_id,
            background=background,
            facts=facts_source(self),
            changed=wishes,
            progress=self.showing(),
        )

    def cancel_job(self, job_id: int) -> None:
        """Stop a job of this kernel after the batch under way."""
        running = {job.id: job for job in live_jobs(self.database)}
        if job_id not in running:
            raise NotFoundError(f"job {job_id} does not run in this kernel")
        running[job_id].cancel()

    # ------------------------------------------------------------------------------------- images

    def add(
        self,
        source: Any,
        *,
        copy: bool = False,
        limits: images.Limits | None = None,
        progress: Callable[[int, int, int], None] | None = None,
        recursive: bool = True,
        captions: str = "auto",
        verify: bool = False,
        workers: int | None = None,
    ) -> AddReport:
        """Add images; what is unchanged is skipped, what is gone from the folder is marked ``is:missing``.

        Parameters
        ----------
        source
            A folder, a file, a zip, a list of those, a DataFrame with a ``path`` or ``image`` column, PIL
            images, or an address whose scheme an installed plug-in takes.
        copy
            Keep a copy of each file in the project.
        limits
            Largest file and picture; ``lr.Limits(max_bytes=..., max_pixels=...)``.
        progress
            Called with (done, total, rejected).
        recursive
            Whether folders inside folders are read.
        captions
            How sidecar text is understood: ``tags``, ``prose`` or ``auto``, which decides by its form.
        verify
            Hash every file again instead of trusting size and time.
        workers
            Threads that read; by default ``limits.workers``, or fewer when there is little memory.

        Returns
        -------
        AddReport
            ``added``, ``unchanged``, ``duplicates``, ``changed`` (with ``len()``), ``rejected`` and
            ``warnings`` (DataFrames with path and reason). Interrupted, what was finished stays; the same
            call goes on.
        """
        self.writable()
        config = self.config
        if isinstance(source, str | Path) and Path(source).expanduser().is_dir():
            self.originals.notice_gone(Path(source).expanduser())
        return adding.add(
            self.database,
            self.thumbnails,
            source_of(source, recursive=recursive),
            folder=self.location,
            limits=limits or images.Limits(config.max_bytes, config.max_pixels),
            copy=copy,
            captions=captions,
            verify=verify,
            progress=progress,
            workers=workers,
            resources=config.limits,
            thumbnail_size=config.thumbnail_size,
        )

    def relink(self, place: str | Path) -> Done:
        """Find sources that moved: files below `place` with the same content get their new path."""
        self.writable()
        found = self.originals.relink(Path(place).expanduser())
        noun = "image" if found == 1 else "images"
        return Done(f"Found {found:,} {noun} under {place}", found, None)

    def __getitem__(self, image_id: int) -> ImageRecord:
        try:
            number = operator.index(image_id)
        except TypeError as error:
            raise ArgumentError(f"project[...] takes the id of an image, not {image_id!r}") from error
        with self.database.read() as connection:
            facts = catalog.image_record(connection, number)
        return ImageRecord(self, number, facts)

    def read(self, image_id: int) -> bytes:
        """Read the bytes of an image from the first of its sources that still holds them."""
        return self.originals.read(image_id)

    def open_image(self, image_id: int) -> PILImage.Image:
        """Open an image upright and sRGB."""
        return images.open_upright(self.read(image_id))

    def thumbnail(self, image_id: int) -> bytes:
        """Return the thumbnail of one image, made again when the cache lost it."""
        found = self.thumbnails_of([image_id])
        if image_id not in found:
            raise NotFoundError(f"image {image_id} has no thumbnail, and none of its sources can be read")
        return found[image_id]

    def thumbnails_of(self, ids: list[int]) -> dict[int, bytes]:
        """Return thumbnails by image id; those that cannot be made are left out."""
        return thumbnails_of(self, ids)

    # ------------------------------------------------------------------------------------- views

    def view(self, query: str = "", *, everything: bool = False) -> View:
        """Return the images that match a search, without the excluded unless it asks for them.

        Parameters
        ----------
        query
            For example ``"dog -blurry sharpness:>0.4"``; empty for all.
        everything
            Lift the default filter.
        """
        node = parse(query, scores=self.index.score_names) if query.strip() else None
        steps: tuple[Step, ...] = () if everything else default_filter(node)
        if node is not None:
            steps = (*steps, Where(node))
        return View(self, steps)
