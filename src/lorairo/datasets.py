"""Datasets of a project: named subsets with a target profile, a caption variant and a trigger."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from lorairo.captions.counting import Counting, countings
from lorairo.captions.profiles import PROFILES
from lorairo.plaintext import printable
from lorairo.store import catalog

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lorairo.view import View


@dataclass(frozen=True, slots=True)
class Dataset:
    """A dataset as it is now; `project.dataset(name)` gives it.

    Attributes
    ----------
    name, images
        What it is called, and how many images are in it.
    profile
        The base model its captions are for, or None.
    variant
        The caption variant that is trained.
    trigger
        The words that call up what is learnt, or None.
    """

    name: str
    images: int
    profile: str | None
    variant: str
    trigger: str | None

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """Take over a row of the store."""
        return cls(
            row["name"], row["images"], row["profile"], row["variant"] or "default", row["trigger"] or None
        )

    def __repr__(self) -> str:
        noun = "image" if self.images == 1 else "images"
        parts = [
            f"{self.images:,} {noun}",
            f"for {self.profile}" if self.profile else "no target profile",
            f"caption {self.variant}",
            f"trigger {self.trigger}" if self.trigger else "no trigger",
        ]
        return f"<Dataset {printable(self.name)} · {printable(' · '.join(parts))}>"


def dataset_for(view: View) -> Dataset | None:
    """Return the dataset a view is about: the one its search names, else the only one of the project."""
    with view.project.database.read() as connection:
        found = [Dataset.of(row) for row in catalog.datasets(connection)]
    named = [dataset for dataset in found if _names(view.query, dataset.name)]
    chosen = named or found
    return chosen[0] if len(chosen) == 1 else None


def _names(query: str, name: str) -> bool:
    return re.search(rf'(?<![\w-])dataset:(?:{re.escape(name)}|"{re.escape(name)}")(?!\w)', query) is not None


def countings_for(view: View, dataset: Dataset | None) -> tuple[Counting, ...]:
    """Return how the encoders of a dataset's target count; those of the settings where it names none.

    Profiles were free text once: one that is unknown names none.
    """
    profile = dataset.profile if dataset is not None and dataset.profile in PROFILES else None
    return countings(profile, tokenizer=view.project.config.tokenizer)
