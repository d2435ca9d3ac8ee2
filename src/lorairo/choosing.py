"""Which images to take: a few that stand for all, those that do not belong, parts that share no scene."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np
import pandas as pd

from lorairo.diversity import effective_size, farthest_first, join_alike, loneliness
from lorairo.duplicates.components import Components
from lorairo.errors import ArgumentError, NotFoundError
from lorairo.query.order import content_ranks

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from numpy.typing import NDArray

    from lorairo.view import View

_ALIKE = 0.95  # cosine of two shots of one scene, about, for DINOv2 and CLIP


@dataclass(frozen=True)
class Scenes:
    """Images by the scene they show.

    Attributes
    ----------
    df
        By image_id: ``scene`` (from 1 on), ``size`` (images of that scene), ``weight``: what each image is to
        count in training so that each scene counts alike; the mean is 1.
    effective
        How many scenes of equal size would be as varied as these.
    """

    df: pd.DataFrame
    effective: float

    def __len__(self) -> int:
        return int(self.df["scene"].nunique())

    def __repr__(self) -> str:
        images, scenes = len(self.df), len(self)
        return (
            f"{images:,} {'image' if images == 1 else 'images'} of {scenes:,} "
            f"{'scene' if scenes == 1 else 'scenes'}, as varied as {self.effective:,.1f} of equal size"
            " · .df has a weight for each"
        )


class Choosing:
    """Mixed into `View`: choosing images by what the others are."""

    def diverse(self, count: int, model: str | Path, *, keep: Iterable[int] = ()) -> View:
        """Choose images that stand for all of the view: each next one is the farthest from those before.

        Parameters
        ----------
        count
            How many, those of `keep` included.
        model
            An embedder that has run here: ``view.annotate("dinov2-base")``.
        keep
            Ids that are chosen in any case, such as ``view.where("stars:>=4").ids``.

        Returns
        -------
        View
            In the order in which they were chosen.
        """
        view = cast("View", self)
        if isinstance(count, bool) or not isinstance(count, int | np.integer) or count < 1:
            raise ArgumentError(f"count={count!r} means nothing: give a number of images, 1 or more")
        ids, places = _places(view, model)
        wanted = np.array([int(image_id) for image_id in keep], np.int64)
        if missing := sorted(set(wanted.tolist()) - set(ids.tolist())):
            raise ArgumentError(f"image {missing[0]} is to be kept, but has no place in this view by {model}")
        order = np.argsort(ids)
        rows = farthest_first(places, int(count), order[np.searchsorted(ids[order], wanted)].tolist())
        return cast("View", view[ids[rows].tolist()])

    def outliers(self, model: str | Path, count: int = 20, *, neighbours: int = 5) -> View:
        """Return the images farthest from their nearest neighbours, the farthest first: look at these.

        Parameters
        ----------
        model
            An embedder that has run here.
        count
            How many.
        neighbours
            Whose mean distance counts.
        """
        view = cast("View", self)
        ids, places = _places(view, model)
        order = np.argsort(-loneliness(places, neighbours), kind="stable")
        return cast("View", view[ids[order[:count]].tolist()])

    def scenes(self, model: str | Path | None = None, *, radius: int = 6, likeness: float = _ALIKE) -> Scenes:
        """Group the images of the view by the scene they show, and weigh them so that scenes count alike.

        Parameters
        ----------
        model
            An embedder that has run here; without one, near duplicates alone are one scene.
        radius
            As of `find_duplicates`.
        likeness
            Cosine from which on two images show one scene, 0..1.

        Returns
        -------
        Scenes
            40 files that are bursts of 9 moments have an effective size of about 9.
        """
        view = cast("View", self)
        labels = _scenes(view, model, radius, likeness)
        _, scene, sizes = np.unique(labels, return_inverse=True, return_counts=True)
        size = sizes[scene.ravel()]
        weight = len(size) / (len(sizes) * size) if len(size) else np.array([], float)
        index = pd.Index(view.ids.copy(), name="image_id")
        frame = pd.DataFrame({"scene": scene.ravel() + 1, "size": size, "weight": weight}, index=index)
        return Scenes(frame, effective_size(sizes))

    def split(
        self,
        validation: float = 0.1,
        *,
        seed: int = 0,
        model: str | Path | None = None,
        radius: int = 6,
        likeness: float = _ALIKE,
    ) -> tuple[View, View]:
        """Split the view for training and validation; images of one scene never come apart.

        Parameters
        ----------
        validation
            Share of the images to validate with, 0..1. Scenes are whole, so it is met nearly.
        seed
            Another one gives another choice; the same one the same, on every machine.
        model, radius, likeness
            As of `scenes`.

        Returns
        -------
        train, validation
            Two views: ``train.add_to("train")`` keeps them.
        """
        view = cast("View", self)
        if not 0 < validation < 1:
            raise ArgumentError(f"validation={validation!r} means nothing: it is a share between 0 and 1")
        labels = _scenes(view, model, radius, likeness)
        index, snapshot = view.held()
        ranks = content_ranks(index, seed, snapshot.positions)
        first = np.full(len(labels), np.iinfo(np.uint64).max)
        np.minimum.at(first, labels, ranks)  # the rank of a scene is the lowest of its images
        sizes = np.bincount(labels, minlength=len(labels))
        left, chosen = round(validation * len(labels)), []
        for label in np.argsort(first, kind="stable").tolist():
            if 0 < sizes[label] <= left:
                chosen.append(label)
                left -= int(sizes[label])
        ids, taken = snapshot.ids, np.isin(labels, chosen)
        return cast("View", view[ids[~taken].tolist()]), cast("View", view[ids[taken].tolist()])


def _places(view: View, model: str | Path) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return ids in the order of the view, and their places; every image has to have one."""
    frame = view.embeddings(model)
    lacking = len(view) - len(frame)
    if lacking:
        raise NotFoundError(
            f"{lacking:,} of {len(view):,} images have no place by {model}: view.annotate([{str(model)!r}]) "
            "gives them one"
        )
    return frame.index.to_numpy(), frame.to_numpy(np.float32)


def _scenes(view: View, model: str | Path | None, radius: int, likeness: float) -> NDArray[np.int64]:
    """Return for each image of the view the place of the first of its scene."""
    if not 0 < likeness <= 1:
        raise ArgumentError(f"likeness={likeness!r} means nothing: it is a cosine above 0, up to 1")
    ids = np.asarray(view.ids)
    order = np.argsort(ids)
    found = Components(len(ids))
    for group in view.find_duplicates(radius).groups:
        rows = order[np.searchsorted(ids[order], group)]
        found.merge(rows[1:], np.full(len(rows) - 1, rows[0]))
    if model is not None:
        placed, places = _places(view, model)
        join_alike(found, order[np.searchsorted(ids[order], placed)], places, likeness)
    return found.labels().astype(np.int64)
