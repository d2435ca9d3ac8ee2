"""What several images have in common: the tags on all and on some of them, their captions, how many tags."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lorairo.widgets.editing import target_view
from lorairo.widgets.standing import judged
from lorairo.widgets.wire import Answer

if TYPE_CHECKING:
    from lorairo.query import Index
    from lorairo.view import View
    from lorairo.widgets.session import Session

SOURCES = ("model", "hand", "rule", "file")
SAMPLE = 36


def in_common(session: Session, payload: dict[str, Any]) -> Answer:
    """Answer what the images of a target have in common."""
    revision = session.view.lens.revision  # taken first: a later selection makes an edit stale, not wrong
    view = target_view(session, payload.get("target"))
    index, snapshot = view.held()
    places = snapshot.positions
    total = len(places)
    on_all, on_some, categories = [], [], index.known_categories
    for tag, count in index.facets(places, None):
        entry = {"name": index.tag_name(tag), "category": int(categories[tag]), "count": count}
        if count == total:
            on_all.append({**entry, "source": _common_source(index, places, tag)})
        else:
            on_some.append(entry)
    return Answer(
        {
            "version": session.version,
            "count": total,
            "revision": revision,
            "on_all": on_all,
            "on_some": on_some,
            **judged(view),
            "captions": _captions(view, str(payload.get("variant") or "default")),
            "sample": view.ids[:SAMPLE].tolist(),
            "limits": _limits(index, places),
            "tokens": _tokens(index, places),
        }
    )


def _common_source(index: Index, places: np.ndarray, tag: int) -> str:
    kinds = set()
    for place in places[:SAMPLE].tolist():
        tags, sources = index.tags_of(place)
        kinds.update(sources[tags == tag].tolist())
    return SOURCES[kinds.pop()] if len(kinds) == 1 else "model"


def _limits(index: Index, places: np.ndarray) -> dict[str, int]:
    counts = index.column("tags")[places] if len(places) else np.zeros(1, dtype=np.int64)
    return {"min": int(counts.min()), "median": int(np.median(counts)), "max": int(counts.max())}


def _tokens(index: Index, places: np.ndarray) -> dict[str, int] | None:
    """Return how many captions an encoder would cut, and where; None where there are too many to count."""
    counts = index.tokens_at(places)
    limit = index.token_limit
    return None if counts is None else {"limit": limit, "over": int(np.count_nonzero(counts > limit))}


def _captions(view: View, variant: str) -> dict[str, Any]:
    texts = view.captions(variant)
    different = texts.nunique()
    return {
        "different": int(different),
        "empty": len(view) - len(texts),
        "text": str(texts.iloc[0]) if different == 1 and len(texts) == len(view) else None,
        "variant": variant,
    }
