"""A project: a folder with a database, opened once per kernel and shared by cells and widgets."""

from __future__ import annotations

import contextlib
import threading
import weakref
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import pandas as pd
from psygnal import Signal

from lorairo import frames, images
from lorairo import log as logging
from lorairo.config import config
from lorairo.errors import NotFoundError, ProjectError, ReadOnlyError
from lorairo.importers import adding
from lorairo.jobs import end_all, mark_interrupted
from lorairo.jobs import live as live_jobs
from lorairo.live import Live
from lorairo.originals import Originals
from lorairo.previews import thumbnails_of
from lorairo.query import parse
from lorairo.record import ImageRecord
from lorairo.results import Done
from lorairo.sources import source_of
from lorairo.steps import Step, Where, default_filter
from lorairo.store import Database, ThumbnailCache, catalog, exports, jobs, log, settings
from lorairo.view import View

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from PIL import Image as PILImage

    from lorairo.importers.adding import AddReport
    from lorairo.jobs import Job, Progress
    from lorairo.query import Index
    from lorairo.store.log import Batch

_open: weakref.WeakValueDictionary[str, Project] = weakref.WeakValueDictionary()
_opening = threading.Lock()


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
    folder = Path(location).expanduser().resolve()
    with _opening:
        project = _open.get(str(folder))
        if project is None or project.closed:
            project = Project(folder, readonly=readonly)
            _open[str(folder)] = project
        elif readonly and not project.readonly:
            raise ProjectError(
                f"{folder} is open for writing in this kernel: project.close() first, or use it as it is"
            )
        return project


class Project:
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
        self.location = folder
        self.name = folder.name
        self.database = Database.open(folder, readonly=readonly)
        self.thumbnails = ThumbnailCache(folder / "thumbnails.db", readonly=self.database.readonly)
        self.live = Live(self.database)
        self.originals = Originals(self.database, folder)
        self.closed = False
        self._kept: list[object] = []
        self._newest_job: Job | None = None
        if not self.database.readonly:
            logging.to_project(folder)
            mark_interrupted(self.database)
        self.database.watch()

    # ------------------------------------------------------------------------------------- lifetime

    def close(self) -> None:
        """Close the database; views and widgets of this project stop answering."""
        if self.closed:
            return
        end_all(live_jobs(self.database))
        self.closed = True
        self._kept.clear()
        self.live.close()
        self.thumbnails.close()
        self.database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        count = len(self)
        noun = "image" if count == 1 else "images"
        return f"<Project {self.name} · {count:,} {noun} · {self.location}>"

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
        return config.author

    @property
    def index(self) -> Index:
        """The index of the project now."""
        return self.live.index

    def keep(self, view: object) -> None:
        """Hold a view that somebody listens to, as its signal is weakly connected."""
        self._kept.append(view)

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
        """Return the newest job of this kernel: id, label, state, done, total, failed, seconds_left."""
        job = self._newest_job
        return None if job is None else {"id": job.id, "state": job.state, **asdict(job.progress)}

    def resume(self, job_id: int, *, background: bool = True) -> Job:
        """Go on with a job that an earlier kernel left, as ``project.jobs`` lists it."""
        from lorairo.annotators.run import resume  # noqa: PLC0415 - models load on use

        self.writable()
        job = resume(self.database, self.originals.each, job_id, background=background)
        job.changed.connect(self.showing())
        return job

    def cancel_job(self, job_id: int) -> None:
        """Stop the newest job after the batch under way."""
        if self._newest_job is None or self._newest_job.id != job_id:
            raise NotFoundError(f"job {job_id} does not run in this kernel")
        self._newest_job.cancel()

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
        """Add images; what is unchanged since the last time is skipped.

        Parameters
        ----------
        source
            A folder, a file, a zip, a list of those, a DataFrame with a ``path`` or ``image`` column, or PIL
            images.
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
            Threads that read; by default as many as there are processors.

        Returns
        -------
        AddReport
            ``added``, ``unchanged``, ``duplicates``, ``changed`` (with ``len()``), ``rejected`` and
            ``warnings`` (DataFrames with path and reason). Interrupted, what was finished stays; the same
            call goes on.
        """
        self.writable()
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
            workers=workers or config.workers,
            thumbnail_size=config.thumbnail_size,
        )

    def relink(self, place: str | Path) -> Done:
        """Find sources that moved: files below `place` with the same content get their new path."""
        self.writable()
        found = self.originals.relink(Path(place).expanduser())
        noun = "image" if found == 1 else "images"
        return Done(f"Found {found:,} {noun} under {place}", found, None)

    def __getitem__(self, image_id: int) -> ImageRecord:
        with self.database.read() as connection:
            facts = catalog.image_record(connection, int(image_id))
        return ImageRecord(self, int(image_id), facts)

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

    # ------------------------------------------------------------------------------------- the log

    @contextlib.contextmanager
    def batch(self, label: str) -> Iterator[Batch]:
        """Make several edits one step of undo; edits from other threads, such as clicks, stay outside."""
        self.writable()
        with log.batch(self.database, label, self.author) as batch:
            yield batch

    def undo(self, operation_id: int | None = None, *, anyone: bool = False) -> Done:
        """Undo the last operation of this author, or a named one."""
        self.writable()
        return Done.of(log.undo(self.database, author=self.author, operation_id=operation_id, anyone=anyone))

    def redo(self, *, anyone: bool = False) -> Done:
        """Do again what was undone last."""
        self.writable()
        return Done.of(log.redo(self.database, author=self.author, anyone=anyone))

    @property
    def history(self) -> pd.DataFrame:
        """Every operation, newest first."""
        with self.database.read() as connection:
            return frames.table(log.history(connection))

    # ------------------------------------------------------------------------------------- tables

    @property
    def failures(self) -> pd.DataFrame:
        """What went wrong, by image and model."""
        with self.database.read() as connection:
            return frames.table(catalog.failures(connection))

    @property
    def jobs(self) -> pd.DataFrame:
        """Runs of models, newest first."""
        with self.database.read() as connection:
            return frames.table(jobs.list_jobs(connection))

    @property
    def exports(self) -> pd.DataFrame:
        """What was exported where."""
        with self.database.read() as connection:
            return frames.table(exports.list_exports(connection))

    @property
    def datasets(self) -> pd.DataFrame:
        """Datasets with their size, profile, caption variant and trigger."""
        with self.database.read() as connection:
            return pd.DataFrame(catalog.datasets(connection))

    def dataset(self, name: str) -> dict[str, Any]:
        """Return profile, caption variant and trigger of a dataset."""
        with self.database.read() as connection:
            found = {row["name"]: row for row in catalog.datasets(connection)}
        if name not in found:
            raise NotFoundError(f"there is no dataset {name!r}; there are: {', '.join(found) or 'none yet'}")
        return found[name]

    def set_dataset(
        self, name: str, *, profile: str | None = None, variant: str | None = None, trigger: str | None = None
    ) -> Done:
        """Create a dataset or change its profile, caption variant and trigger."""
        self.writable()
        return Done.of(
            log.set_dataset(
                self.database, name, profile=profile, variant=variant, trigger=trigger, author=self.author
            )
        )

    def model_key(self, model: str) -> str:
        """Return ``provider/model`` of a model that has answered in this project."""
        with self.database.read() as connection:
            keys = catalog.model_keys(connection)
        matches = [key for key in keys if key == model or key.split("/", 1)[1] == model]
        if not matches:
            known = ", ".join(keys) or "none yet"
            raise NotFoundError(f"no model {model!r} has answered in this project; there are: {known}")
        return matches[0]

    def setting(self, key: str, default: Any = None) -> Any:
        """Return a remembered setting of the interface."""
        with self.database.read() as connection:
            return settings.get(connection, key, default)

    def remember(self, key: str, value: Any) -> None:
        """Remember a setting of the interface; not part of the log."""
        if not self.readonly:
            with self.database.write() as connection:
                settings.put(connection, key, value)
