"""What a project keeps besides its images, as tables, and what its widgets remember."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pandas as pd

from lorairo import frames
from lorairo.batching import waiting
from lorairo.captions.profiles import profile_named
from lorairo.datasets import Dataset
from lorairo.errors import NotFoundError
from lorairo.results import Done
from lorairo.store import catalog, exports, jobs, log, schema, settings, submissions

if TYPE_CHECKING:
    from lorairo.project import Project
    from lorairo.store import Database

_DATASETS = ["name", "images", "profile", "variant", "trigger"]


class Tables:
    """Mixed into `Project`: its tables."""

    database: Database

    @property
    def failures(self) -> pd.DataFrame:
        """What went wrong, by image and model."""
        with self.database.read() as connection:
            return frames.table(catalog.failures(connection), schema.failure.c.keys())

    @property
    def jobs(self) -> pd.DataFrame:
        """Runs of models, newest first; of one that is ``waiting``, questions lie with a service."""
        with self.database.read() as connection:
            rows = waiting(jobs.list_jobs(connection), submissions.waiting_jobs(connection))
            return frames.table(rows, jobs.COLUMNS)

    @property
    def exports(self) -> pd.DataFrame:
        """What was exported where."""
        with self.database.read() as connection:
            return frames.table(exports.list_exports(connection), schema.export.c.keys())

    @property
    def datasets(self) -> pd.DataFrame:
        """Datasets with their size, profile, caption variant and trigger."""
        with self.database.read() as connection:
            return pd.DataFrame(catalog.datasets(connection), columns=_DATASETS)

    def dataset(self, name: str) -> Dataset:
        """Return a dataset: its images, profile, caption variant and trigger."""
        with self.database.read() as connection:
            found = {row["name"]: Dataset.of(row) for row in catalog.datasets(connection)}
        if name not in found:
            raise NotFoundError(f"there is no dataset {name!r}; there are: {', '.join(found) or 'none yet'}")
        return found[name]

    def set_dataset(
        self, name: str, *, profile: str | None = None, variant: str | None = None, trigger: str | None = None
    ) -> Done:
        """Create a dataset or change its profile, caption variant and trigger.

        Parameters
        ----------
        name
            Of the dataset.
        profile
            The base model that is trained, such as ``sdxl`` or ``flux``: it says how long captions may be.
        variant
            Which captions are trained; without one ``default``.
        trigger
            The words that call up what is learnt.

        Raises
        ------
        ArgumentError
            For an unknown profile; the message names the nearest.
        """
        project = cast("Project", self)
        project.writable()
        if profile:
            profile_named(profile)
        return Done.of(
            log.set_dataset(
                self.database, name, profile=profile, variant=variant, trigger=trigger, author=project.author
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
        if not cast("Project", self).readonly:
            with self.database.write() as connection:
                settings.put(connection, key, value)
