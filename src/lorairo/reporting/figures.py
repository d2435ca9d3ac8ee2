"""The figures of a report: counted once, from columns that are in memory anyway."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from lorairo.datasets import countings_for, dataset_for
from lorairo.groups import breaches
from lorairo.query.distribution import Bins, values_at
from lorairo.tags import RATINGS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lorairo.captions.counting import Counting
    from lorairo.view import View

BINS = 24
CONSTANT = 0.9
"""Share of images from which on a tag says nothing: all have it."""
SIDES = (512, 768, 1024)
"""Shorter sides that trainers ask for, pixels."""

_SQUARE = 1.1  # longer side to shorter
_TOP = 30  # tags that are listed
_RARE = 1
_MEASURES = ("width", "height", "aspect", "bytes")


@dataclass(frozen=True)
class Spread:
    """How the numbers of one column lie.

    Attributes
    ----------
    name
        Of the column.
    known
        Images that have a number.
    quartiles
        Least, lower quartile, median, upper quartile, most; NaN without any.
    counts
        Images by bin of equal width, from least to most.
    """

    name: str
    known: int
    quartiles: tuple[float, float, float, float, float]
    counts: tuple[int, ...]


@dataclass(frozen=True)
class Figures:
    """What a set of images is made of.

    Attributes
    ----------
    project, query
        Where they were counted.
    images, excluded, reviewed, starred
        How many; excluded ones of the project, which the view may leave out.
    formats, shapes
        Images by format, and by portrait, square, landscape.
    smaller
        Images whose shorter side is below each of `SIDES`.
    spreads
        Of sizes and of every score.
    captioned
        Images with a caption, by variant.
    tokens
        Of the captions in force.
    too_long
        Captions that are not read to their end.
    encoder, limit, exact
        Who reads them, how much of it, and whether its own tokenizer counted.
    tagged, distinct
        Images with a tag, and different tags.
    top, constants, rare
        Tags with the images that have them: the most frequent, those that nearly all have, and how many tags
        one image alone has.
    ratings
        Images by rating.
    gaps
        What is missing, in words, with how many images that are.
    """

    project: str
    query: str
    images: int
    excluded: int
    reviewed: int
    starred: int
    formats: tuple[tuple[str, int], ...]
    shapes: tuple[tuple[str, int], ...]
    smaller: tuple[tuple[int, int], ...]
    spreads: tuple[Spread, ...]
    captioned: tuple[tuple[str, int], ...]
    tokens: Spread
    too_long: int
    encoder: str
    limit: int
    exact: bool
    tagged: int
    distinct: int
    top: tuple[tuple[str, int], ...]
    constants: tuple[tuple[str, int], ...]
    rare: int
    ratings: tuple[tuple[str, int], ...]
    gaps: tuple[tuple[str, int], ...]


def figures_of(view: View) -> Figures:
    """Count the figures of a view."""
    index, snapshot = view.held()
    places = snapshot.positions
    counting = countings_for(view, dataset_for(view))[0]
    tokens, too_long, captioned = _captions(view, counting)
    tags = [(index.tag_name(tag), count) for tag, count in index.facets(places, None) if count]
    tag_counts = index.column("tags")[places]
    tagged = int((tag_counts > 0).sum())
    width, height = (index.column(name)[places] for name in ("width", "height"))
    ratings = _ratings(index.ratings[places])
    written = dict(captioned).get("default", 0)
    return Figures(
        project=view.project.name,
        query=view.query,
        images=len(places),
        excluded=int(index.column("excluded").sum()),
        reviewed=int(index.column("reviewed")[places].sum()),
        starred=int((index.column("stars")[places] > 0).sum()),
        formats=_counted(index.column("format")[places].tolist()),
        shapes=_shapes(width, height),
        smaller=tuple((side, int((np.minimum(width, height) < side).sum())) for side in SIDES),
        spreads=tuple(
            spread_of(name, *values_at(index, name, places))
            for name in (*_MEASURES, *sorted(index.score_names))
        ),
        captioned=captioned,
        tokens=tokens,
        too_long=too_long,
        encoder=counting.encoder.name,
        limit=counting.encoder.limit,
        exact=counting.exact,
        tagged=tagged,
        distinct=len(tags),
        top=tuple(tags[:_TOP]),
        constants=tuple((name, count) for name, count in tags if count > CONSTANT * max(1, len(places))),
        rare=sum(count == _RARE for _, count in tags),
        ratings=ratings,
        gaps=_gaps(view, len(places), written, tagged, sum(count for _, count in ratings)),
    )


def spread_of(name: str, values: NDArray[Any], integer: bool) -> Spread:
    """Say how some known numbers lie."""
    if not len(values):
        return Spread(name, 0, (float("nan"),) * 5, ())
    bins = Bins.over(values, BINS, integer=integer)
    quartiles = np.percentile(values, (0, 25, 50, 75, 100)).tolist()
    return Spread(name, len(values), tuple(quartiles), tuple(bins.counts(values).tolist()))


def _captions(view: View, counting: Counting) -> tuple[Spread, int, tuple[tuple[str, int], ...]]:
    frame = view.caption_frame
    held = frame[frame["in_force"] & (frame["text"] != "")]
    lengths = np.array(counting.many(held.loc[held["variant"] == "default", "text"].tolist()), np.float64)
    too_long = int((lengths > counting.encoder.limit).sum())
    return spread_of("tokens", lengths, True), too_long, _counted(held["variant"].tolist())


def _counted(values: list[Any]) -> tuple[tuple[str, int], ...]:
    return tuple((str(value), count) for value, count in Counter(values).most_common())


def _shapes(width: NDArray[Any], height: NDArray[Any]) -> tuple[tuple[str, int], ...]:
    portrait = int((height > width * _SQUARE).sum())
    landscape = int((width > height * _SQUARE).sum())
    return (("portrait", portrait), ("square", len(width) - portrait - landscape), ("landscape", landscape))


def _ratings(numbers: NDArray[Any]) -> tuple[tuple[str, int], ...]:
    found = [(rating, int((numbers == place).sum())) for place, rating in enumerate(RATINGS)]
    return tuple(pair for pair in found if pair[1])


def _gaps(view: View, images: int, captioned: int, tagged: int, rated: int) -> tuple[tuple[str, int], ...]:
    """Say what is missing: nothing that nobody has begun, as that is no gap but a plan."""
    found = [("no caption", images - captioned), ("no tag", images - tagged)]
    if rated:
        found.append(("no rating", images - rated))
    broken = breaches(view.project.tag_groups, view)
    for (group, none), rows in broken.groupby(["group", broken["tags"] == ""], sort=False):
        found.append((f"{'none' if none else 'several'} of the tag group {group}", len(rows)))
    return tuple(pair for pair in found if pair[1])
