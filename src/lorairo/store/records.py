"""What counts of a project, image by image: no ids, no times, no authors."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from lorairo.store.blobs import EFFECTIVE, Ragged
from lorairo.store.columns import captions_in_force
from lorairo.store.index_columns import load_vocabulary
from lorairo.store.schema import dataset, image, state
from lorairo.store.searching import members, ratings
from lorairo.store.statements import fetch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

FIELDS = ("tags", "captions", "stars", "rating", "excluded", "reason", "datasets")
"""What a record says of an image, besides its content hash."""


def records(c: Connection) -> Iterator[dict[str, Any]]:
    """Yield what counts of each image, in the order of their content hashes.

    Yields
    ------
    dict
        ``image`` (content hash, hexadecimal), ``tags`` (effective, in order), ``captions`` (in force, by
        variant), ``stars``, ``rating``, ``excluded``, ``reason`` and ``datasets`` (names, sorted).
    """
    names = load_vocabulary(c).names
    captions, said, inside = captions_in_force(c), ratings(c), _datasets_of(c)
    query = select(
        image.c.id, image.c.sha256, state.c.tags, state.c.stars, state.c.excluded, state.c.reason
    ).join(state, state.c.image_id == image.c.id)
    rows = fetch(c, query.order_by(image.c.sha256))
    effective = Ragged.join([row[2] for row in rows], EFFECTIVE)
    tags, offsets = effective.values["tag"].tolist(), effective.offsets.tolist()
    for place, (number, sha256, _, stars, excluded, reason) in enumerate(rows):
        texts = captions.get(number, {})
        yield {
            "image": bytes(sha256).hex(),
            "tags": [names[tag] for tag in tags[offsets[place] : offsets[place + 1]]],
            "captions": {variant: text for variant, (text, *_) in texts.items()},
            "stars": stars,
            "rating": said.get(number),
            "excluded": bool(excluded),
            "reason": reason,
            "datasets": inside.get(number, []),
        }


def _datasets_of(c: Connection) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    for name, ids in sorted(members(c).items()):
        for number in ids.tolist():
            found[number].append(name)
    return found


def dataset_settings(c: Connection) -> dict[str, dict[str, Any]]:
    """Return what is set for each dataset, by name."""
    query = select(dataset).order_by(dataset.c.name)
    return {
        row["name"]: {key: value for key, value in row.items() if key not in {"id", "name"}}
        for row in c.execute(query).mappings()
    }
