"""A view as pandas tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lorairo.errors import ArgumentError, NotFoundError
from lorairo.store import columns as stored
from lorairo.tags import category_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from lorairo.query import Index, Snapshot
    from lorairo.view import View

_PLAIN = ("name", "path", "width", "height", "format", "bytes", "stars", "excluded", "reason", "reviewed")
_SOURCES = ("model", "hand", "rule", "file")


def _labels(snapshot: Snapshot) -> pd.Index:
    labels: pd.Index = pd.Index(snapshot.ids.copy(), name="image_id")
    return labels


def column_names(view: View) -> list[str]:
    """Names a view can give as a Series."""
    return [*_PLAIN, "tags", "caption", *sorted(view.project.index.score_names)]


def caption_variant(column: str) -> str | None:
    """Return the variant a column holds: ``caption``, or ``caption:short``; None for other columns."""
    name, _, variant = column.partition(":")
    return (variant or "default") if name == "caption" else None


def _values(view: View, index: Index, snapshot: Snapshot, name: str) -> Any:
    if name == "tags":
        return _tag_texts(index, snapshot)
    variant = caption_variant(name)
    if variant is not None:
        return captions_of(view, snapshot.ids, variant).reindex(snapshot.ids).to_numpy(dtype=object)
    try:
        values = index.column(name)[snapshot.positions]
    except (KeyError, NotFoundError) as error:
        raise ArgumentError(
            f"a view has no column {name!r}; it has {', '.join(column_names(view))}"
        ) from error
    return values.copy()


def _tag_texts(index: Index, snapshot: Snapshot) -> list[str]:
    names = index.tag_name
    texts = []
    for place in snapshot.positions.tolist():
        tag_ids, _sources = index.tags_of(place)
        texts.append(", ".join(names(tag) for tag in tag_ids.tolist()))
    return texts


def column(view: View, name: str) -> pd.Series:
    """One column of a view as a Series by image_id."""
    index, snapshot = view.held()
    return pd.Series(_values(view, index, snapshot, name), index=_labels(snapshot), name=name)


def to_frame(view: View, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """Return the contents of a view as a DataFrame; it remembers its project in ``df.attrs``."""
    wanted = column_names(view) if columns is None else list(columns)
    index, snapshot = view.held()  # once: the columns of a table are of one moment
    values = {name: _values(view, index, snapshot, name) for name in wanted}
    frame = pd.DataFrame(values, index=_labels(snapshot))
    frame.attrs["lorairo"] = str(view.project.location)
    return frame


def tag_counts(view: View, top: int | None) -> pd.DataFrame:
    """Count tags in a view."""
    index, snapshot = view.held()
    counts = index.facets(snapshot.positions, top)
    total, categories = max(1, len(snapshot)), index.known_categories
    return pd.DataFrame(
        {
            "tag": [index.tag_name(tag) for tag, _ in counts],
            "category": [category_name(int(categories[tag])) for tag, _ in counts],
            "images": [count for _, count in counts],
            "share": [count / total for _, count in counts],
        }
    )


def tag_frame(view: View) -> pd.DataFrame:
    """One row per image and tag, effective, suggested and rejected."""
    with view.project.database.read() as connection:
        rows = stored.load_tag_rows(connection, view.ids)
    return pd.DataFrame(rows, columns=["image_id", "tag", "state", "source", "model", "score", "revision"])


def captions(view: View, variant: str) -> pd.Series:
    """Captions of one variant by image_id; an empty one is none."""
    return captions_of(view, view.ids, variant)


def captions_of(view: View, wanted: np.ndarray, variant: str) -> pd.Series:
    """Captions of named images, by image_id."""
    with view.project.database.read() as connection:
        texts = stored.load_captions(connection, variant, wanted)
    ids = [image_id for image_id in wanted.tolist() if texts.get(image_id)]
    return pd.Series(
        [texts[i] for i in ids],
        index=pd.Index(ids, name="image_id", dtype=np.int64),
        name=variant,
        dtype=object,
    )


def model_runs(view: View) -> pd.DataFrame:
    """Model runs on the images of a view."""
    with view.project.database.read() as connection:
        return table(stored.load_annotations(connection, view.ids), stored.RUNS)


def table(rows: Sequence[Mapping[str, Any]], columns: Iterable[str]) -> pd.DataFrame:
    """Make a table of records; times, which the database keeps in seconds since 1970, become dates (UTC)."""
    frame = pd.DataFrame([dict(row) for row in rows], columns=list(columns))
    for name in {"at", "created_at", "updated_at"} & set(frame.columns):
        frame[name] = pd.to_datetime(frame[name], unit="s", utc=True)
    return frame
