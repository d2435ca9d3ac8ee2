"""Duplicates of a view: groups of pictures that show the same, which to keep, and what follows from it."""

from __future__ import annotations

import io
from collections import defaultdict
from functools import cached_property
from itertools import combinations, islice
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd
from PIL import Image
from tqdm.auto import tqdm

from lorairo.duplicates.finding import Finder
from lorairo.duplicates.keeper import Candidate, keeper
from lorairo.duplicates.likeness import REPLACEABLE, Look
from lorairo.errors import ArgumentError
from lorairo.plaintext import printable

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    from numpy.typing import NDArray

    from lorairo.project import Project
    from lorairo.results import Done
    from lorairo.view import View

_COLUMNS = ["image_id", "group", "keeper", "kind", "bits", "reason", "name"]
_MOST_BITS = 16
_MANY = 500  # thumbnails that are read at once
_PAIRS = 20_000  # pairs of one group that are listed
_REASON = "duplicate"


class Duplicating:
    """Mixed into `View`: pictures that show the same."""

    def find_duplicates(self, radius: int = 6, *, mirrored: bool = True) -> Duplicates:
        """Group the pictures of the view that show the same.

        Hashes that are near each other are candidates; a second look at the thumbnails decides. It catches
        margins that were cut off and mirror images, and throws out pictures that only look alike to a hash.
        Copies with the same bytes are one image with several paths: ``is:duplicate`` finds those.

        Parameters
        ----------
        radius
            Bits of 64 in which perceptual hashes may differ, 0..16. 0 finds copies in other sizes and
            qualities, 6 slight crops and brightness too.
        mirrored
            Whether mirror images count.

        Returns
        -------
        Duplicates
            ``.df`` lists them, ``.keep_best()`` excludes what a better copy stands for. Nothing is deleted.
        """
        if isinstance(radius, bool) or not isinstance(radius, int) or not 0 <= radius <= _MOST_BITS:
            raise ArgumentError(f"radius={radius!r} means nothing: it is a number of bits, 0 to {_MOST_BITS}")
        return Duplicates(cast("View", self), radius, mirrored=mirrored)


class Duplicates:
    """Groups of pictures that show the same. Made by `View.find_duplicates`.

    Attributes
    ----------
    view
        Where they were looked for.
    """

    def __init__(self, view: View, radius: int, *, mirrored: bool) -> None:
        self.view = view
        self._index, snapshot = view.held()  # of one moment: what is added later is not in it
        self._ids = np.sort(snapshot.ids)
        self._positions = np.searchsorted(self._index.ids, self._ids)
        hashes = self._column("phash").view(np.uint64)
        self._finder = Finder(hashes, self._looks)
        labels = self._finder.groups(radius, mirrored=mirrored)
        order = np.argsort(labels, kind="stable")
        ends = np.flatnonzero(np.diff(labels[order])) + 1
        self._groups = [places.tolist() for places in np.split(order, ends) if len(places) > 1]

    @property
    def _project(self) -> Project:
        return self.view.project

    def _column(self, name: str) -> NDArray[Any]:
        values: NDArray[Any] = self._index.column(name)[self._positions]
        return values

    def _looks(self, places: Sequence[int]) -> dict[int, Look]:
        """Look at thumbnails of pictures by place."""
        found: dict[int, Look] = {}
        parts = [places[start : start + _MANY] for start in range(0, len(places), _MANY)]
        for part in tqdm(
            parts, desc="Looking at candidates", unit_scale=_MANY, leave=False, disable=len(parts) == 1
        ):
            place_of = {int(self._ids[place]): place for place in part}
            for image_id, data in self._project.thumbnails_of(list(place_of)).items():
                found[place_of[image_id]] = Look.of(Image.open(io.BytesIO(data)).convert("RGB"))
        return found

    def __len__(self) -> int:
        return len(self._groups)

    def __repr__(self) -> str:
        if not self._groups:
            return f"No duplicates among {len(self._ids):,} images of {printable(self._project.name)}"
        held, name = sum(len(places) for places in self._groups), printable(self._project.name)
        counted = "1 group" if len(self) == 1 else f"{len(self):,} groups"
        return (
            f"{counted} with {held:,} of {len(self._ids):,} images of {name}"
            f" · .df lists them · .keep_best() excludes {len(self._spare()):,}"
        )

    @cached_property
    def df(self) -> pd.DataFrame:
        """One row for each picture of a group, the one to keep first.

        Returns
        -------
        pandas.DataFrame
            ``image_id``, ``group`` (from 1 on), ``keeper``; how the picture is to the keeper, ``kind``
            (``same``, ``cropped``, ``grey``, ``mirrored``, ``recoloured``, ``detail``, or ``different`` where
            only others of the group join them) and ``bits`` in which their hashes differ; ``reason`` why
            the keeper is kept, or what becomes of the others; ``name``.
        """
        rows: list[tuple[Any, ...]] = []
        for number, places in enumerate(self._groups, 1):
            rows += self._rows(number, places)
        return pd.DataFrame(rows, columns=_COLUMNS)

    def _rows(self, number: int, places: list[int]) -> list[tuple[Any, ...]]:
        kept, reason = self._keeper(places)
        rows = []
        for place in [kept, *(place for place in places if place != kept)]:
            kind = "same" if place == kept else self._finder.kind(kept, place)
            said = reason if place == kept else "replaced" if kind in REPLACEABLE else "look at it"
            bits, name = self._finder.bits(kept, place), str(self._names[place])
            rows.append((int(self._ids[place]), number, place == kept, kind, bits, said, name))
        return rows

    def _keeper(self, places: list[int]) -> tuple[int, str]:
        grey = [self._finder.is_grey(place) for place in places]
        in_colour = not all(grey)
        facts = self._facts.iloc[places].to_dict("records")
        candidates = [
            Candidate(
                **_named(fact), captioned=int(self._ids[place]) in self._captioned, grey=lacks and in_colour
            )
            for place, fact, lacks in zip(places, facts, grey, strict=True)
        ]
        best, reason = keeper(candidates)
        return places[best], reason

    @cached_property
    def _names(self) -> NDArray[Any]:
        return self._column("name")

    @cached_property
    def _facts(self) -> pd.DataFrame:
        """What speaks for each picture, in the order of `Candidate`."""
        known = "sharpness" in self._index.score_names
        sharpness = self._column("sharpness") if known else np.full(len(self._ids), np.nan)
        names = ("width", "height", "format", "bytes", "stars")
        return pd.DataFrame({name: self._column(name) for name in names} | {"sharpness": sharpness})

    @cached_property
    def _captioned(self) -> set[int]:
        held = sorted(place for places in self._groups for place in places)
        return set(self._everything[self._ids[held].tolist()].captions().index.tolist())

    def pairs(self, group: int) -> pd.DataFrame:
        """Return the pairs of a group: ``a``, ``b`` (image ids), ``bits``, ``kind``; at most 20,000 of them.

        Parameters
        ----------
        group
            As `df` counts them, from 1 on.
        """
        if not 1 <= group <= len(self):
            raise ArgumentError(f"there is no group {group!r}: they go from 1 to {len(self):,}")
        found: list[tuple[int, int, int, str]] = []
        for a, b in islice(combinations(self._groups[group - 1], 2), _PAIRS):
            kind = self._finder.kind(a, b)
            found.append((int(self._ids[a]), int(self._ids[b]), self._finder.bits(a, b), kind))
        return pd.DataFrame(found, columns=["a", "b", "bits", "kind"])

    @property
    def groups(self) -> list[NDArray[np.int64]]:
        """Image ids of each group, sorted."""
        return [self._ids[places] for places in self._groups]

    @property
    def images(self) -> View:
        """A view of every picture of every group, group by group."""
        held: View = self._everything[self.df["image_id"].tolist()]
        return held

    @property
    def _everything(self) -> View:
        return self._project.view(everything=True)

    def _spare(self) -> pd.DataFrame:
        """Return the rows of pictures that a better copy stands for."""
        return self.df[~self.df["keeper"] & self.df["kind"].isin(REPLACEABLE)]

    def keep_best(self, *, merge_tags: bool = True) -> Done:
        """Exclude what a better copy stands for; one undo takes it back.

        Mirror images, other colours and pictures that differ in a detail stay: they may be wanted.

        Parameters
        ----------
        merge_tags
            Give the keeper the tags that only the excluded have; tags somebody rejected on it stay rejected.
        """
        spare = self._spare()
        with self._project.batch(f"Kept the best of {spare['group'].nunique():,} groups of duplicates"):
            if merge_tags:
                for tags, keepers in self._missing(spare).items():
                    self._everything[keepers].add_tags(*tags)
            done: Done = self._everything[spare["image_id"].tolist()].exclude(reason=_REASON)
        return done

    def _missing(self, spare: pd.DataFrame) -> dict[tuple[str, ...], list[int]]:
        """Return the keepers that lack the same tags, by these tags."""
        kept = self.df[self.df["keeper"]].set_index("group")["image_id"]
        wanted = pd.concat([spare["image_id"], kept[spare["group"].unique()]])
        said = self._everything[wanted.tolist()].tag_frame
        has = said[said["state"] == "effective"].groupby("image_id")["tag"].agg(list)
        known = said[said["state"].isin(["effective", "rejected"])].groupby("image_id")["tag"].agg(set)
        lacking: dict[tuple[str, ...], list[int]] = defaultdict(list)
        for number, rows in spare.groupby("group"):
            image_id = int(kept[number])
            tags = dict.fromkeys(tag for other in rows["image_id"] for tag in has.get(other, []))
            new = tuple(tag for tag in tags if tag not in known.get(image_id, set()))
            if new:
                lacking[new].append(image_id)
        return lacking


def _named(fact: Mapping[Hashable, Any]) -> dict[str, Any]:
    return {str(name): value for name, value in fact.items()}
