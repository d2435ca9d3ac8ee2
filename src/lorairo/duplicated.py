"""Duplicates of a view: groups of pictures that show the same, which to keep, what is decided about them."""

from __future__ import annotations

import contextlib
import io
from collections import defaultdict
from dataclasses import replace
from functools import cached_property
from itertools import combinations, islice
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
import pandas as pd
from PIL import Image
from tqdm.auto import tqdm

from lorairo.config import nearest
from lorairo.diversity import Neighbours
from lorairo.duplicates.finding import Finder
from lorairo.duplicates.keeper import Candidate, keeper
from lorairo.duplicates.likeness import REPLACEABLE, Look
from lorairo.errors import ArgumentError, NotFoundError
from lorairo.images import Rejected, pixel_digest
from lorairo.plaintext import printable
from lorairo.store import pairing
from lorairo.store.wording import images

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping, Sequence

    from numpy.typing import NDArray

    from lorairo.project import Project
    from lorairo.results import Done
    from lorairo.view import View

Decision = Literal["", "different", "variant", "kept"]
"""What was decided about a group; ``kept``: one of it, the others being excluded."""
DECISIONS: tuple[Decision, ...] = get_args(Decision)

_COLUMNS = ["image_id", "group", "keeper", "kind", "bits", "reason", "name"]
_MANY = 500  # thumbnails that are read at once
_PAIRS = 20_000  # pairs of one group that are listed
_REASON = "duplicate"
_AS = {"different": "different pictures", "variant": "variants of each other"}
_NO_MARK = frozenset[str]()


class Duplicates:
    """Groups of pictures that show the same. Made by `View.find_duplicates`.

    Attributes
    ----------
    view
        Where they were looked for.
    radius
        Bits in which hashes may differ.
    looked
        How many pictures were near another and looked at.
    """

    def __init__(
        self,
        view: View,
        radius: int,
        *,
        mirrored: bool,
        places: tuple[NDArray[np.int64], NDArray[np.float32]] | None = None,
        likeness: float = 1.0,
        progress: Callable[[int, int, int], None] | None = None,
    ) -> None:
        self.view = view
        self.radius = radius
        self.looked = 0
        self._index, snapshot = view.held()  # of one moment: what is added later is not in it
        self._ids = np.sort(snapshot.ids)
        self._positions = np.searchsorted(self._index.ids, self._ids)
        self._progress = progress
        self._steps = (0, 0)
        near = (
            None if places is None else Neighbours(np.searchsorted(self._ids, places[0]), places[1], likeness)
        )
        self._finder = Finder(self._column("phash").view(np.uint64), self._looks, self._told_apart(), near)
        labels = self._finder.groups(radius, mirrored=mirrored, tell=self._tell)
        order = np.argsort(labels, kind="stable")
        ends = np.flatnonzero(np.diff(labels[order])) + 1
        self._groups = [places.tolist() for places in np.split(order, ends) if len(places) > 1]
        self._progress = None

    @property
    def _project(self) -> Project:
        return self.view.project

    def _column(self, name: str) -> NDArray[Any]:
        values: NDArray[Any] = self._index.column(name)[self._positions]
        return values

    def _tell(self, done: int, steps: int) -> None:
        self._steps = (done, steps)
        if self._progress is not None:
            self._progress(done, steps, self.looked)

    def _marks(self) -> dict[int, frozenset[str]]:
        with self._project.database.read() as connection:
            return pairing.marks(connection)

    def _told_apart(self) -> dict[int, frozenset[str]]:
        """Return by place the marks of pictures that somebody ruled to be different from others."""
        found: dict[int, frozenset[str]] = {}
        for image_id, marks in self._marks().items():
            place = int(np.searchsorted(self._ids, image_id))
            apart = frozenset(mark for mark in marks if pairing.verdict_of(mark) == "different")
            if apart and place < len(self._ids) and self._ids[place] == image_id:
                found[place] = apart
        return found

    def _looks(self, places: Sequence[int]) -> dict[int, Look]:
        """Look at thumbnails of pictures by place."""
        found: dict[int, Look] = {}
        parts = [places[start : start + _MANY] for start in range(0, len(places), _MANY)]
        quiet = self._progress is not None or len(parts) == 1
        for part in tqdm(parts, desc="Looking at candidates", unit_scale=_MANY, leave=False, disable=quiet):
            place_of = {int(self._ids[place]): place for place in part}
            for image_id, data in self._project.thumbnails_of(list(place_of)).items():
                found[place_of[image_id]] = Look.of(Image.open(io.BytesIO(data)).convert("RGB"))
            self.looked += len(part)
            self._tell(*self._steps)
        return found

    def __len__(self) -> int:
        return len(self._groups)

    def __repr__(self) -> str:
        if not self._groups:
            return f"No duplicates among {len(self._ids):,} images of {printable(self._project.name)}"
        held, name = sum(len(places) for places in self._groups), printable(self._project.name)
        counted = "1 group" if len(self) == 1 else f"{len(self):,} groups"
        decided = sum(map(bool, self.decisions))
        return (
            f"{counted} with {held:,} of {len(self._ids):,} images of {name}"
            f"{f' · {decided:,} decided' if decided else ''}"
            f" · .df lists them · .keep_best() excludes {len(self._spare()):,}"
        )

    @property
    def df(self) -> pd.DataFrame:
        """One row for each picture of a group, the one to keep first.

        Returns
        -------
        pandas.DataFrame
            ``image_id``, ``group`` (from 1 on), ``keeper``; how the picture is to the keeper, ``kind``
            (``same``, ``cropped``, ``grey``, ``mirrored``, ``recoloured``, ``detail``, ``alike`` to a model,
            or ``different`` where only others of the group join them) and ``bits`` in which their hashes
            differ; ``reason`` why the keeper is kept, or what becomes of the others; ``name``; ``decision``
            about the group by now, ``different``, ``variant`` or ``kept``, else an empty text.
        """
        decisions = np.array(["", *self.decisions], dtype=object)
        return self._frame.assign(decision=decisions[self._frame["group"].to_numpy(np.int64)])

    @cached_property
    def _frame(self) -> pd.DataFrame:
        rows = [row for number in range(1, len(self) + 1) for row in self.rows(number)]
        return pd.DataFrame(rows, columns=_COLUMNS)

    def rows(self, group: int) -> list[tuple[Any, ...]]:
        """Return the rows of one group, as `df` has them but for what was decided."""
        places = self._group(group)
        kept, reason = self._keeper(places)
        rows = []
        for place in [kept, *(place for place in places if place != kept)]:
            kind = "same" if place == kept else self._finder.kind(kept, place)
            said = reason if place == kept else "replaced" if kind in REPLACEABLE else "look at it"
            bits, name = self._finder.bits(kept, place), str(self._names[place])
            rows.append((int(self._ids[place]), group, place == kept, kind, bits, said, name))
        return rows

    def _group(self, group: int) -> list[int]:
        if isinstance(group, bool) or not isinstance(group, int | np.integer) or not 1 <= group <= len(self):
            raise ArgumentError(f"there is no group {group!r}: they go from 1 to {len(self):,}")
        places: list[int] = self._groups[group - 1]
        return places

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

    def pairs(self, group: int, *, pixels: bool = False) -> pd.DataFrame:
        """Return the pairs of a group: ``a``, ``b`` (image ids), ``bits``, ``kind``; at most 20,000 of them.

        Parameters
        ----------
        group
            As `df` counts them, from 1 on.
        pixels
            Decode the files and add ``identical``: whether both hold the same pixels, whatever their format
            and metadata; None where one cannot be read.
        """
        found: list[tuple[int, int, int, str]] = []
        for a, b in islice(combinations(self._group(group), 2), _PAIRS):
            kind = self._finder.kind(a, b)
            found.append((int(self._ids[a]), int(self._ids[b]), self._finder.bits(a, b), kind))
        frame = pd.DataFrame(found, columns=["a", "b", "bits", "kind"])
        if not pixels:
            return frame
        digests = {
            image_id: self._pixels(image_id) for image_id in pd.unique(frame[["a", "b"]].to_numpy().ravel())
        }
        known = [(digests[a], digests[b]) for a, b in zip(frame["a"], frame["b"], strict=True)]
        same = [None if one is None or other is None else one == other for one, other in known]
        return frame.assign(identical=pd.Series(same, dtype="boolean"))

    def _pixels(self, image_id: int) -> bytes | None:
        """Return a digest of what a file shows; None where it cannot be read."""
        with contextlib.suppress(NotFoundError, Rejected):
            return pixel_digest(self._project.read(int(image_id)))
        return None

    @property
    def groups(self) -> list[NDArray[np.int64]]:
        """Image ids of each group, sorted."""
        return [self._ids[places] for places in self._groups]

    @property
    def images(self) -> View:
        """A view of every picture of every group, group by group."""
        held: View = self._everything[self._frame["image_id"].tolist()]
        return held

    @property
    def _everything(self) -> View:
        return self._project.view(everything=True)

    # ------------------------------------------------------------------------------------------ decisions

    @property
    def decisions(self) -> list[Decision]:
        """What is decided about each group by now, whoever decided it, and whenever."""
        index, marks = self._project.index, self._marks()
        included = set(index.ids[~index.column("excluded")].tolist())
        return [self._decision(self._ids[places].tolist(), included, marks) for places in self._groups]

    @staticmethod
    def _decision(ids: Sequence[int], included: set[int], marks: Mapping[int, frozenset[str]]) -> Decision:
        left = [image_id for image_id in ids if image_id in included]
        if len(left) < 2:  # noqa: PLR2004 - a pair
            return "kept"
        shared = frozenset.intersection(*(marks.get(image_id, _NO_MARK) for image_id in left))
        verdicts = {pairing.verdict_of(mark) for mark in shared}
        return "different" if "different" in verdicts else "variant" if "variant" in verdicts else ""

    def mark(self, verdict: pairing.Verdict, group: int | None = None) -> Done:
        """Rule what the pictures of a group are to each other; remembered for as long as the images are.

        Parameters
        ----------
        verdict
            ``different``: other pictures, which are never put together again. ``variant``: the same scene,
            and all of them wanted; `keep_best` leaves them in. Those excluded as duplicates come back.
        group
            As `df` counts them; every group that is not decided yet without one.
        """
        if verdict not in pairing.VERDICTS:
            raise ArgumentError(f"no verdict {verdict!r}: {nearest(str(verdict), list(pairing.VERDICTS))}")
        if group is not None:
            return self._mark(verdict, self._group(group))
        left = [places for places, said in zip(self._groups, self.decisions, strict=True) if not said]
        with self._project.batch(f"Marked {len(left):,} groups of duplicates as {verdict}"):
            done = [self._mark(verdict, places) for places in left]
        if not done:
            raise ArgumentError("every group is decided already: name one to decide it anew")
        return replace(done[-1], count=sum(one.count for one in done))

    def _mark(self, verdict: pairing.Verdict, places: Sequence[int]) -> Done:
        ruled: View = self._everything[self._ids[places].tolist()]
        back = self._everything[self._gone(ruled.ids)]
        with self._project.batch(f"Marked {images(len(ruled))} as {_AS[verdict]}"):
            if len(back):
                back.include()
            return ruled.mark_different() if verdict == "different" else ruled.mark_variants()

    def _gone(self, ids: NDArray[np.int64]) -> list[int]:
        """Return those that are excluded as duplicates."""
        index = self._project.index
        places = np.searchsorted(index.ids, ids)
        reasons = index.column("reason")[places]
        out = index.column("excluded")[places] & np.array([reason == _REASON for reason in reasons], bool)
        return [int(image_id) for image_id in ids[out]]

    def keep(self, group: int, image_id: int | None = None, *, merge_tags: bool = True) -> Done:
        """Keep one picture of a group, back in if need be, and exclude the others; one undo takes it back.

        Parameters
        ----------
        group
            As `df` counts them.
        image_id
            The one to keep; the proposed keeper without one.
        merge_tags
            Give it the tags that only the excluded have; tags somebody rejected on it stay rejected.
        """
        members = self._ids[self._group(group)].tolist()
        kept = self.rows(group)[0][0] if image_id is None else image_id
        if kept not in members:
            raise ArgumentError(f"image {kept!r} is not in group {group}: {', '.join(map(str, members))} are")
        others = [member for member in members if member != kept]
        return self._exclude({kept: others}, images(len(others)), merge_tags=merge_tags)

    def _spare(self) -> pd.DataFrame:
        """Return the rows of pictures that a better copy stands for."""
        frame, marks = self._frame, self._marks()
        spare = frame[~frame["keeper"] & frame["kind"].isin(REPLACEABLE)]
        if not marks:
            return spare
        kept = frame[frame["keeper"]].set_index("group")["image_id"].loc[spare["group"]]
        pairs = zip(spare["image_id"], kept, strict=True)
        free = [not marks.get(one, _NO_MARK) & marks.get(other, _NO_MARK) for one, other in pairs]
        return spare[free]

    def keep_best(self, *, merge_tags: bool = True) -> Done:
        """Exclude what a better copy stands for; one undo takes it back.

        Mirror images, other colours and pictures that differ in a detail stay: they may be wanted. So do
        variants, as somebody said that they are.

        Parameters
        ----------
        merge_tags
            Give the keeper the tags that only the excluded have; tags somebody rejected on it stay rejected.
        """
        spare = self._spare()
        kept = self._frame[self._frame["keeper"]].set_index("group")["image_id"]
        others = {int(kept[number]): rows["image_id"].tolist() for number, rows in spare.groupby("group")}
        what = f"the worse of {len(others):,} groups of duplicates"
        return self._exclude(others, what, merge_tags=merge_tags)

    def _exclude(self, others: Mapping[int, list[int]], what: str, *, merge_tags: bool) -> Done:
        """Exclude what stands behind each keeper."""
        spare = [image_id for behind in others.values() for image_id in behind]
        lacking = self._lacking(others) if merge_tags else {}
        moved = sum(len(tags) * len(keepers) for tags, keepers in lacking.items())
        more = f", moved {moved:,} {'tag' if moved == 1 else 'tags'}" if moved else ""
        with self._project.batch(f"Excluded {what}{more}"):
            for tags, keepers in lacking.items():
                self._everything[keepers].add_tags(*tags)
            self._everything[self._gone(np.array(sorted(others), np.int64))].include()
            done: Done = self._everything[spare].exclude(reason=_REASON)
        return replace(done, message=f"{done.message}{more}")

    def _lacking(self, others: Mapping[int, list[int]]) -> dict[tuple[str, ...], list[int]]:
        """Return the keepers that lack the same tags, by these tags."""
        wanted = [*others, *(image_id for behind in others.values() for image_id in behind)]
        said = self._everything[wanted].tag_frame
        has = said[said["state"] == "effective"].groupby("image_id")["tag"].agg(list)
        known = said[said["state"].isin(["effective", "rejected"])].groupby("image_id")["tag"].agg(set)
        found: dict[tuple[str, ...], list[int]] = defaultdict(list)
        for kept, behind in others.items():
            tags = dict.fromkeys(tag for other in behind for tag in has.get(other, []))
            new = tuple(tag for tag in tags if tag not in known.get(kept, set()))
            if new:
                found[new].append(kept)
        return found


def _named(fact: Mapping[Hashable, Any]) -> dict[str, Any]:
    return {str(name): value for name, value in fact.items()}
