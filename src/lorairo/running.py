"""What a view runs: models, scorers, exports."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from lorairo.config import config, folder, within
from lorairo.errors import ArgumentError, NotFoundError
from lorairo.exporting import items_of
from lorairo.images import Rejected
from lorairo.results import Done
from lorairo.store import Change, evidence, exports

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from PIL import Image as PILImage

    from lorairo.exporters.plan import ExportResult, Plan
    from lorairo.jobs import Job
    from lorairo.view import View


_BATCH = 64  # images scored between two commits


class Running:
    """Mixed into `View`: long work over its images."""

    def annotate(
        self,
        models: str | Path | Sequence[str | Path],
        *,
        background: bool = True,
        batch: int | None = None,
        floor: float = 0.001,
        progress: Callable[[Any], None] | None = None,
    ) -> Job:
        """Run models over the view; answers stream in, what was answered before is not asked again.

        Parameters
        ----------
        models
            Ids from ``lr.models()``, ``provider/model``, or a local folder that holds a model.
        background
            Return at once with the running job; otherwise run in this cell until done.
        batch
            Images per model call; by default ``limits.batch_size``, or what suits the model and its device.
        floor
            Lowest score that is kept as evidence.
        progress
            Called with each progress of the job.

        Returns
        -------
        Job
            ``wait()``, ``cancel()``, ``resume()``, ``progress``, ``errors``; can be awaited.
        """
        from lorairo.inference.run import annotate  # noqa: PLC0415 - models load on use

        view = cast("View", self)
        view.project.writable()
        specs = [models] if isinstance(models, str | Path) else list(models)
        if not specs:
            raise ArgumentError("name at least one model; lr.models() lists them")
        return annotate(
            view.project.database,
            view.project.originals.each,
            view.ids,
            specs,
            author=view.project.author,
            background=background,
            batch=batch,
            floor=floor,
            progress=view.project.showing(progress),
        )

    def score(self, scorers: Mapping[str, Callable[[PILImage.Image], float]], *, version: str = "1") -> Done:
        """Score every image with functions of the picture; ``view.score({"warmth": fn}, version="1")``.

        Parameters
        ----------
        scorers
            Name to a function of a PIL image (upright, RGB) that returns a number.
        version
            Stored with the values; change it when the function changes.
        """
        view = cast("View", self)
        view.project.writable()
        count, unread = 0, set[int]()
        batch = view.project.config.limits.batch_size or _BATCH
        for name, function in scorers.items():
            ids = view.ids
            for start in range(0, len(ids), batch):
                part = ids[start : start + batch]
                count += _score(view, part, name, function, version=version, unread=unread)
        message = f"Scored {count:,} {'image' if count == 1 else 'images'}"
        if unread:
            message += f"; {len(unread):,} {'image' if len(unread) == 1 else 'images'} could not be read"
        return Done(message, count, None)

    def __setitem__(self, name: str, function: Callable[[PILImage.Image], float]) -> None:
        self.score({name: function})

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


def _score(
    view: View,
    ids: np.ndarray,
    name: str,
    function: Callable[[PILImage.Image], float],
    *,
    version: str,
    unread: set[int],
) -> int:
    """Score a few images and keep that; those without a readable source join `unread`."""
    scored: dict[int, float] = {}
    for image_id in ids.tolist():
        try:
            picture = view.image(image_id)
        except (NotFoundError, Rejected):
            unread.add(image_id)
            continue
        try:
            scored[image_id] = float(function(picture))
        except Exception as error:
            raise ArgumentError(
                f"the scorer {name!r} failed on image {image_id}: {type(error).__name__}: {error}. "
                "What was scored before is kept"
            ) from error
    if scored:
        done = np.array(list(scored), dtype=np.int64)
        values = np.array(list(scored.values()), dtype=np.float32).reshape(-1, 1)
        with view.project.database.write() as connection:
            scorer = evidence.scorer_id(connection, name, version, [name])
            evidence.record_scores(connection, scorer, done, values)
            view.project.database.announce(Change(frozenset({"scores"}), np.sort(done), frozenset()))
    return len(scored)


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
