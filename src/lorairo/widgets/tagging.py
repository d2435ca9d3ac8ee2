"""Requests of the tag editor: one image in detail, many images in common, completion, caption previews."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from lorairo.captions import CLIP_LIMIT, count_tokens
from lorairo.query import complete_tag
from lorairo.store import columns
from lorairo.tags import CATEGORIES, canonical, read_vocabulary
from lorairo.widgets.editing import target_view
from lorairo.widgets.wire import Answer, Route

if TYPE_CHECKING:
    from pathlib import Path

    from lorairo.query import Index
    from lorairo.view import View
    from lorairo.widgets.session import Session

SOURCES = ("model", "hand", "rule", "file")
SUGGEST_FROM = 0.2  # below this a model's tag is noise more often than not
SUGGESTIONS = 12
SUGGEST_IMAGES = 400  # evidence of more images than this is not read while somebody waits
SAMPLE = 36
PREVIEW = 8


def routes(session: Session) -> dict[str, Route]:
    """Return the handlers, bound to a session."""
    return {
        "details": Route(partial(_details, session)),
        "tags": Route(partial(_tags, session)),
        "complete": Route(partial(_complete, session)),
        "captions.preview": Route(partial(_preview, session)),
        "having": Route(partial(_having, session)),
    }


def _details(session: Session, payload: dict[str, Any]) -> Answer:
    project = session.view.project
    record = project[int(payload["id"])]
    index = project.index
    place = index.position(record.id)
    with project.database.read() as connection:
        rows = columns.load_tag_rows(connection, np.array([record.id], dtype=np.int64))
        written = columns.caption_origin(connection, record.id, "default")
    captions = record.captions
    groups: dict[str, list[dict[str, Any]]] = {"effective": [], "suggested": [], "rejected": []}
    for _image, name, state, source, model, score in rows:
        groups[state].append(_tag(index, name, source, model, score))
    suggested = [
        tag
        for tag in groups["suggested"]
        if tag.get("score", 0.0) >= SUGGEST_FROM and tag["category"] != CATEGORIES["rating"]
    ]
    suggested.sort(key=lambda tag: -tag["score"])
    return Answer(
        {
            "version": session.version,
            "id": record.id,
            "name": record.name,
            "path": record.paths[0] if record.paths else "",
            "width": record.size[0],
            "height": record.size[1],
            "format": record.facts["format"],
            "bytes": record.facts["bytes"],
            "stars": int(index.column("stars")[place]),
            "excluded": bool(index.column("excluded")[place]),
            "reason": record.facts.get("reason"),
            "reviewed": bool(index.column("reviewed")[place]),
            "caption": {
                "variant": "default",
                "text": captions.get("default", ""),
                "source": written,
                "variants": sorted({"default", *captions}),
                "tokens": _tokens(captions.get("default", ""), session.view.project.config.tokenizer),
            },
            "tags": groups["effective"],
            "suggested": suggested[:SUGGESTIONS],
            "rejected": groups["rejected"],
            "scores": record.scores,
        }
    )


def _tokens(text: str, tokenizer: Path | None) -> dict[str, int] | None:
    used = count_tokens(text, tokenizer)
    return None if used is None else {"used": used, "limit": CLIP_LIMIT}


def _tag(
    index: Index, name: str, source: str | None, model: str | None, score: float | None
) -> dict[str, Any]:
    tag: dict[str, Any] = {"name": name, "category": _category(index, name), "source": source or "model"}
    if model:
        tag["model"] = model
    if score is not None and score == score:  # noqa: PLR0124 - NaN: the source gives no score
        tag["score"] = round(float(score), 3)
        tag["why"] = f"{model}, score {score:.2f}" if model else f"score {score:.2f}"
    return tag


def _category(index: Index, name: str) -> int:
    tag = index.tag_id(name)
    return 0 if tag is None else index.tag_category(tag)


def _tags(session: Session, payload: dict[str, Any]) -> Answer:
    revision = session.view.lens.revision  # taken first: a later selection makes an edit stale, not wrong
    view = target_view(session, payload.get("target"))
    index, snapshot = view.held()
    places = snapshot.positions
    total = len(places)
    on_all, on_some = [], []
    for tag, count in index.facets(places, None):
        entry = {"name": index.tag_name(tag), "category": index.tag_category(tag), "count": count}
        if count == total:
            on_all.append({**entry, "source": _common_source(index, places, tag)})
        else:
            on_some.append(entry)
    counts = np.array([len(index.tags_of(place)[0]) for place in places[:SUGGEST_IMAGES].tolist()] or [0])
    return Answer(
        {
            "version": session.version,
            "count": total,
            "revision": revision,
            "on_all": on_all,
            "on_some": on_some,
            "suggested": _suggested(view),
            "captions": _captions(view),
            "sample": view.ids[:SAMPLE].tolist(),
            "limits": {"min": int(counts.min()), "median": int(np.median(counts)), "max": int(counts.max())},
        }
    )


def _common_source(index: Index, places: np.ndarray, tag: int) -> str:
    kinds = set()
    for place in places[:SAMPLE].tolist():
        tags, sources = index.tags_of(place)
        kinds.update(sources[tags == tag].tolist())
    return SOURCES[kinds.pop()] if len(kinds) == 1 else "model"


def _suggested(view: View) -> list[dict[str, Any]]:
    if not 0 < len(view) <= SUGGEST_IMAGES:
        return []
    with view.project.database.read() as connection:
        rows = columns.load_tag_rows(connection, view.ids)
    index = view.project.index
    found: dict[str, list[float]] = {}
    for _image, name, state, _source, _model, score in rows:
        rating = _category(index, name) == CATEGORIES["rating"]
        if state == "suggested" and not rating and score is not None and score >= SUGGEST_FROM:
            found.setdefault(name, []).append(float(score))
    best = sorted(found.items(), key=lambda item: (-len(item[1]), item[0]))[:SUGGESTIONS]
    return [
        {
            "name": name,
            "category": _category(index, name),
            "count": len(scores),
            "score": round(sum(scores) / len(scores), 3),
        }
        for name, scores in best
    ]


def _captions(view: View) -> dict[str, Any]:
    texts = view.captions("default")
    different = texts.nunique()
    return {
        "different": int(different),
        "empty": len(view) - len(texts),
        "text": str(texts.iloc[0]) if different == 1 and len(texts) == len(view) else None,
        "variant": "default",
    }


def _complete(session: Session, payload: dict[str, Any]) -> Answer:
    target = payload.get("target", "selected")
    view = target_view(session, target) if target else session.view
    limit = min(50, int(payload.get("limit", 12)))
    vocabulary = view.project.config.vocabulary
    words = read_vocabulary(vocabulary) if vocabulary else None
    found = complete_tag(
        str(payload.get("text", "")), view.project.index, view.snapshot.positions, limit, vocabulary=words
    )
    return Answer(
        {"version": session.version, "count": len(view), "options": [asdict(option) for option in found]}
    )


def _preview(session: Session, payload: dict[str, Any]) -> Answer:
    view = target_view(session, payload.get("target"))
    preview = view.edit_captions(
        str(payload.get("pattern", "")),
        str(payload.get("replacement", "")),
        variant=str(payload.get("variant") or "default"),
        regex=bool(payload.get("regex", False)),
    )
    samples = [
        {"id": int(image_id), "before": before, "after": after}
        for image_id, before, after in preview.frame.head(
            min(PREVIEW, int(payload.get("limit", PREVIEW)))
        ).itertuples()
    ]
    return Answer({"version": session.version, "changed": len(preview), "samples": samples})


def _having(session: Session, payload: dict[str, Any]) -> Answer:
    index = session.view.project.index
    asked = np.array([int(image_id) for image_id in payload.get("ids", [])], dtype=np.int64)
    tag = index.tag_id(canonical(str(payload.get("name", ""))))
    have = index.ids[index.postings(tag)] if tag is not None else np.empty(0, dtype=np.int64)
    return Answer({"version": session.version, "ids": asked[np.isin(asked, have)].tolist()})
