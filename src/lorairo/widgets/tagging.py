"""Requests of the tag editor: one image in detail, many images in common, completion, caption previews."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from lorairo.query import TagOption, complete_tag
from lorairo.sentences import split
from lorairo.store import columns, state
from lorairo.store.sentencing import decided, spoken
from lorairo.tags import canonical
from lorairo.widgets.editing import target_view
from lorairo.widgets.several import in_common
from lorairo.widgets.standing import SUGGESTIONS, Row, is_suggested
from lorairo.widgets.wire import Answer, Route

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from lorairo.query import Index
    from lorairo.store.cuts import Cut
    from lorairo.tags import Vocabulary
    from lorairo.view import View
    from lorairo.widgets.session import Session

PREVIEW = 8
MOST_SENTENCES = 100
IMPLIED = 3  # tags that follow from one, as many as are read at a glance


def routes(session: Session) -> dict[str, Route]:
    """Return the handlers, bound to a session."""
    return {
        "details": Route(partial(_details, session)),
        "tags": Route(partial(in_common, session)),
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
        cuts = {key.partition("/")[2]: cut for key, cut in state.cuts(connection).models.items()}
        caption = _caption(connection, record.id, str(payload.get("variant") or "default"))
    groups: dict[str, list[dict[str, Any]]] = {"effective": [], "suggested": [], "rejected": []}
    for row in rows:
        if row[2] != "suggested" or is_suggested(index, row):
            groups[row[2]].append(_tag(index, row, cuts))
    suggested = sorted(groups["suggested"], key=lambda tag: -tag["score"])
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
            "caption": caption,
            "tags": groups["effective"],
            "suggested": suggested[:SUGGESTIONS],
            "rejected": groups["rejected"],
            "scores": record.scores,
        }
    )


def _caption(connection: Connection, image_id: int, variant: str) -> dict[str, Any]:
    """Return one variant of an image's caption, what others there are, and what was said of the image."""
    rows = columns.load_caption_rows(connection, np.array([image_id], dtype=np.int64))
    in_force = {name: (text, model or source) for _id, name, text, source, model, counts in rows if counts}
    text, source = in_force.get(variant, ("", None))
    said = {
        model or source: text
        for _id, name, text, source, model, _counts in reversed(rows)
        if name == variant and source != "hand"
    }
    return {
        "variant": variant,
        "text": text,
        "source": source,
        "variants": [{"name": name, "source": who} for name, (words, who) in in_force.items() if words],
        "said": [{"by": by, "text": words} for by, words in reversed(said.items())],
        "sentences": _sentences(connection, image_id, variant),
    }


def _sentences(connection: Connection, image_id: int, variant: str) -> list[dict[str, Any]]:
    """Return what each model said last, sentence by sentence, and what was decided; the newest first."""
    ids = np.array([image_id], dtype=np.int64)
    newest: dict[str, str] = {}
    for one in spoken(connection, ids):
        if one.variant == variant:
            newest.pop(one.model, None)
            newest[one.model] = one.text
    people = decided(connection, ids).get(image_id)
    return [
        {"by": by, "text": sentence, "state": "" if people is None else people.state(sentence)}
        for by, text in reversed(newest.items())
        for sentence in split(text)[:MOST_SENTENCES]
    ]


def _tag(index: Index, row: Row, cuts: dict[str, Cut]) -> dict[str, Any]:
    _image, name, standing, source, model, score, _revision = row
    tag: dict[str, Any] = {"name": name, "category": index.category_of(name), "source": source or "model"}
    if model:
        tag["model"] = model
    if score is not None and score == score:  # noqa: PLR0124 - NaN: the source gives no score
        tag["score"] = round(float(score), 3)
        tag["why"] = f"{model}, score {score:.2f}" if model else f"score {score:.2f}"
        if model in cuts and standing == "effective" and source == "model":
            number = index.tag_id(name)
            limit = cuts[model].of(number, 0 if number is None else index.tag_category(number))
            tag["why"] += ", accepted by the gap" if limit is None else f", accepted by threshold {limit:.2f}"
    return tag


def _complete(session: Session, payload: dict[str, Any]) -> Answer:
    target = payload.get("target", "selected")
    view = target_view(session, target) if target else session.view
    limit = min(50, int(payload.get("limit", 12)))
    if not str(payload.get("text", "")).strip():
        return Answer({"version": session.version, "count": len(view), "options": _at_hand(view, limit)})
    index, snapshot = view.held()
    known = view.project.vocabulary.known
    found = complete_tag(str(payload.get("text", "")), index, snapshot.positions, limit, vocabulary=known)
    options = [
        {**asdict(option), "implies": _implied(index, snapshot.positions, known, option.name)}
        for option in found
    ]
    return Answer({"version": session.version, "count": len(view), "options": options})


def _implied(index: Index, places: np.ndarray, known: Vocabulary, name: str) -> list[dict[str, Any]]:
    """Return what follows from a tag, and how many images of the target have it already."""
    names = known.implications.of(name)[:IMPLIED]
    tags = [(implied, index.tag_id(implied)) for implied in names]
    return [
        {
            "name": implied,
            "in_target": 0 if tag is None else int(np.isin(places, index.postings(tag)).sum()),
        }
        for implied, tag in tags
    ]


def _at_hand(view: View, limit: int) -> list[dict[str, Any]]:
    """Return what is offered before anything is typed: pinned tags, then those given last."""
    project, (index, snapshot) = view.project, view.held()
    pinned = project.pinned_tags
    names = [*pinned, *(name for name in project.recently(limit) if name not in pinned)]
    inside = {index.tag_name(tag): count for tag, count in index.facets(snapshot.positions, None)}
    counts = index.tag_counts()
    options = []
    for name in names[: max(limit, len(pinned))]:
        tag = index.tag_id(name)
        count = 0 if tag is None else int(counts[tag])
        option = TagOption(name, index.category_of(name), count, inside.get(name, 0), None, new=False)
        options.append({**asdict(option), "pinned": name in pinned})
    return options


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
