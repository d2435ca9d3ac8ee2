"""What a view writes out: exports."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from lorairo.config import config, folder, within
from lorairo.exporting import items_of
from lorairo.store import exports

if TYPE_CHECKING:
    from lorairo.exporters.plan import ExportResult, Plan
    from lorairo.view import View


class Running:
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
