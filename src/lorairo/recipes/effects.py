"""What an operation did, as calls: for those that say not what they were asked, from the values they set."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from lorairo.plaintext import literal
from lorairo.store.blobs import ACCEPTED, EFFECTIVE, REJECTED, Ragged
from lorairo.store.cuts import CATEGORY_NAMES
from lorairo.store.deltas import CellDelta, RecordDelta, TagDelta
from lorairo.store.state import COMBINING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from lorairo.store.deltas import Delta


@dataclass(frozen=True)
class Call:
    """One call of a recipe.

    Attributes
    ----------
    code
        What follows the view, such as ``.stars(4)``; the whole statement where it is about no images.
    images
        Ids, sorted; None where it is about no images.
    texts
        Captions by image, where they are many: ``code`` then takes them from the companion.
    lists
        Tags by image, likewise.
    by_view
        Whether the view it was asked on may choose the images again.
    """

    code: str
    images: NDArray[np.int64] | None = None
    texts: tuple[str | None, ...] | None = None
    by_view: bool = True
    lists: tuple[tuple[str, ...], ...] | None = None


TEXTS, LISTS = "{texts}", "{lists}"
"""Stand in the code of a call for the captions, and the lists of tags, in the companion."""

LONGEST = 600
"""Characters of a caption or tags that stand in the recipe; longer ones lie in the companion."""

_FEW = 3  # different lists of tags that stand in the recipe


def effects(changes: Sequence[Delta], names: Sequence[str | None]) -> list[Call]:
    """Return calls that set what an operation set.

    Parameters
    ----------
    changes
        Of the operation.
    names
        Tags by id.
    """
    return [call for delta in changes for call in _of(delta, names)]


def _of(delta: Delta, names: Sequence[str | None]) -> list[Call]:
    if isinstance(delta, TagDelta):
        return list(_tags(delta, names))
    if isinstance(delta, CellDelta):
        return cells(delta)
    if isinstance(delta, RecordDelta):
        return [_record(delta)] if delta.after is not None or delta.field == "policy" else []
    return []


def quoted(names: Sequence[str]) -> str:
    """Return tags as arguments of a call."""
    return ", ".join(literal(name) for name in names)


def _tags(delta: TagDelta, names: Sequence[str | None]) -> Iterator[Call]:
    """Yield one call for each decision about each tag, in the order in which an operation numbers them."""
    after, state = delta.after, delta.after["state"]
    decided = {"reject_tags": state == REJECTED, "add_tags": state == ACCEPTED}
    decided["clear_tags"] = (state == 0) & (after["rank"] == 0)
    for verb, chosen in decided.items():
        places = np.flatnonzero(chosen)
        numbered, which = np.unique(after[["order", "index", "tag"]][places], return_inverse=True)
        ends = np.cumsum(np.bincount(which, minlength=len(numbered)))
        alike = np.split(places[np.argsort(which, kind="stable")], ends[:-1]) if len(places) else []
        for tag, same in zip(numbered["tag"].tolist(), alike, strict=True):
            code = f".{verb}({quoted([names[tag] or ''])})"
            yield Call(code, delta.images[np.unique(delta.row[same])])
    orders: dict[tuple[int, ...], list[int]] = {}
    ranked = np.flatnonzero(after["rank"])
    for row in np.unique(delta.row[ranked]).tolist():
        mine = ranked[delta.row[ranked] == row]
        orders.setdefault(tuple(after["tag"][mine[np.argsort(after["rank"][mine])]].tolist()), []).append(row)
    for order, rows_of in orders.items():
        yield Call(f".order_tags({quoted([names[tag] or '' for tag in order])})", delta.images[rows_of])


def lists(delta: TagDelta, names: Sequence[str | None]) -> list[Call]:
    """Return the calls that give images lists of tags of their own: one for each, or one for many."""
    asked = Ragged.join([], EFFECTIVE) if delta.asked is None else delta.asked
    tags = asked.values["tag"].tolist()
    each = tuple(tuple(names[tag] or "" for tag in tags[i:j]) for i, j in pairwise(asked.offsets.tolist()))
    codes = {some: f".set_tags([{quoted(some)}])" for some in dict.fromkeys(each)}
    if len(codes) > _FEW or any(len(code) > LONGEST for code in codes.values()):
        return [Call(f".set_tags({LISTS})", delta.images, by_view=False, lists=each)]
    which = np.array([list(codes).index(some) for some in each])
    return [
        Call(code, delta.images[which == place], by_view=False) for place, code in enumerate(codes.values())
    ]


def cells(delta: CellDelta) -> list[Call]:
    """Return the calls that set one value of each image: one call for each value, captions in one."""
    kind, _, name = delta.field.partition(":")
    if kind == "caption":
        return [captions(delta, name)]
    if kind == "sentences":
        return _sentences(delta)
    if kind == "duplicates":
        return _pairs(delta)
    verb = _VERBS.get(kind)
    if verb is None:
        return []
    return [
        Call(verb(delta.values[code], name), delta.images[delta.after == code])
        for code in np.unique(delta.after).tolist()
    ]


def _sentences(delta: CellDelta) -> list[Call]:
    """Return the calls that leave images with just these decisions about sentences."""
    found = []
    for code in np.unique(delta.after).tolist():
        images = delta.images[delta.after == code]
        found.append(Call(".clear_sentences()", images))
        for text, variant in delta.values[code] or []:
            option = "" if variant in {None, "default"} else f", variant={literal(variant)}"
            verb = "strike" if variant is None else "accept"
            found.append(Call(f".{verb}_sentences({literal(text)}{option})", images))
    return found


def _pairs(delta: CellDelta) -> list[Call]:
    """Return the calls that leave images with just these verdicts about duplicates."""
    after = [delta.values[code] or [] for code in delta.after.tolist()]
    found = [Call(".unmark_duplicates()", delta.images)]
    for mark in sorted({mark for marks in after for mark in marks}):
        images = delta.images[[mark in marks for marks in after]]
        verdict, _, about = mark.partition(":")
        found.append(Call(ruled(verdict, about), images, by_view=False))
    return found


def ruled(verdict: str, mark: str | None) -> str:
    """Return the call that rules images to be different pictures, or variants.

    Parameters
    ----------
    verdict
        ``different`` or ``variant``.
    mark
        The digest in their mark, where it does not follow from the images of the call.
    """
    verb = {"different": "mark_different", "variant": "mark_variants"}[verdict]
    return f".{verb}({'' if mark is None else f'mark={literal(mark)}'})"


def _excluded(value: Any, _name: str) -> str:
    inside, reason = value
    if not inside:
        return ".include()"
    return ".exclude()" if reason is None else f".exclude(reason={literal(reason)})"


_VERBS: dict[str, Callable[[Any, str], str]] = {
    "stars": lambda value, _: f".stars({value})",
    "excluded": _excluded,
    "reviewed": lambda value, _: ".mark_reviewed()" if value else ".mark_reviewed(False)",
    "dataset": lambda value, name: f".add_to({literal(name)})" if value else f".remove_from({literal(name)})",
}


def captions(delta: CellDelta, variant: str) -> Call:
    """Return the call that sets captions of a variant."""
    texts: list[str | None] = [delta.values[code] for code in delta.after.tolist()]
    option = "" if variant == "default" else f", variant={literal(variant)}"
    only = texts[0] if len(set(texts)) == 1 else ""
    if len(set(texts)) == 1 and len(only or "") <= LONGEST:
        text = "None" if only is None else literal(only)
        # An empty text is only set where a caption stood, which no view says.
        return Call(f".set_caption({text}{option})", delta.images, by_view=only is None or bool(only.strip()))
    return Call(f".set_caption({TEXTS}{option})", delta.images, tuple(texts), by_view=False)


def _record(delta: RecordDelta) -> Call:
    given = delta.after or {}
    if delta.field != "policy":
        return Call(dataset(delta.key, given))
    if delta.key == COMBINING:
        return Call(combine(given or {"combine": "union"}))
    return Call(policy(delta.key, _set(given, delta.before or {})))


def _set(row: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
    """Return what has to be given to make a model's policy what it is."""
    named = [name for name in CATEGORY_NAMES.values() if name in row or name in before]
    return {
        "thresholds": {name: row.get(name) for name in named},
        "per_tag": {**dict.fromkeys(before.get("per_tag", {})), **row.get("per_tag", {})},
        "method": row.get("method") or ("fixed" if before.get("method") else None),
        "calibrated": row.get("calibrated"),
    }


def policy(model: str, given: dict[str, Any]) -> str:
    """Return the call that sets thresholds.

    Parameters
    ----------
    model
        ``provider/model``.
    given
        ``thresholds``, ``per_tag``, ``method``, ``calibrated``, as an operation keeps them.
    """
    named = [f"{name}={value!r}" for name, value in given["thresholds"].items()]
    named += [f"{key}={_limits(given[key])}" for key in ("per_tag", "calibrated") if given.get(key)]
    method = given.get("method")
    if method is not None and not (method == "fixed" and given["thresholds"]):
        named.append(f"method={literal(method)}")
    return f"project.view().threshold({', '.join([literal(model), *named])})"


def combine(given: dict[str, Any]) -> str:
    """Return the call that sets how models combine."""
    named = [f"weights={_limits(given['weights'])}"] if given.get("weights") else []
    named += [f"at_least={given['at_least']!r}"] if given.get("at_least") is not None else []
    return f"project.combine({', '.join([literal(given['combine']), *named])})"


def _limits(given: dict[str, float | None]) -> str:
    return "{" + ", ".join(f"{literal(name)}: {value!r}" for name, value in given.items()) + "}"


def dataset(name: str, given: dict[str, Any]) -> str:
    """Return the call that sets up a dataset."""
    named = "".join(
        f", {key}={literal(value)}" for key, value in given.items() if key != "id" and value is not None
    )
    return f"project.set_dataset({literal(name)}{named})"
