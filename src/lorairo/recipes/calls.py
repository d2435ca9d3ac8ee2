"""One operation as the call that was made, from what it was asked."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from lorairo.plaintext import literal
from lorairo.recipes.effects import Call, captions, cells, combine, dataset, lists, policy, quoted, ruled
from lorairo.store.deltas import CellDelta, TagDelta, images_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lorairo.store.deltas import Delta
    from lorairo.store.logged import Logged

    Given = dict[str, Any]

_BY_ID = re.compile(r"(?<![\w:])-?id:")


def calls_of(entry: Logged, changes: Sequence[Delta], names: Sequence[str | None]) -> list[Call] | None:
    """Return the call that was made, from what the operation was asked and what it changed.

    None where it does not say what it was asked: then only its effect can be written.

    Parameters
    ----------
    entry
        The operation.
    changes
        What it changed.
    names
        Tags by id.
    """
    given = entry.parameters
    if given is None:
        return None
    if entry.kind in _ABOUT_NOTHING:
        return [Call(_ABOUT_NOTHING[entry.kind](given))]
    if given.get("each"):
        return [call for delta in changes for call in _each(delta, names)]
    if entry.kind in _ABOUT_IMAGES:
        return [Call(_ABOUT_IMAGES[entry.kind](given), images_of(changes))]
    if entry.kind == "caption":
        return [captions(delta, given["variant"]) for delta in changes if isinstance(delta, CellDelta)]
    return None


def _each(delta: Delta, names: Sequence[str | None]) -> list[Call]:
    """Return the calls that give each image a value of its own."""
    if isinstance(delta, TagDelta):
        return lists(delta, names)
    return cells(delta) if isinstance(delta, CellDelta) else []


def view_of(entry: Logged, call: Call) -> str | None:
    """Return the view a call was made on as Python; None where images were chosen one by one, or by ids."""
    if entry.expression is None or not call.by_view or _BY_ID.search(entry.expression):
        return None
    return entry.expression


def _replaced(given: Given) -> str:
    pairs = ", ".join(f"{literal(old)}: {literal(new)}" for old, new in given["tags"].items())
    return f".replace_tags({{{pairs}}})"


def _excluded(given: Given) -> str:
    return ".exclude()" if given["reason"] is None else f".exclude(reason={literal(given['reason'])})"


def _variant(name: str | None) -> str:
    return "" if name is None else f", variant={literal(name)}"


_ABOUT_IMAGES: dict[str, Callable[[Given], str]] = {
    "tags.add": lambda given: f".add_tags({quoted(given['tags'])})",
    "tags.remove": lambda given: (
        f".{'reject' if given['everywhere'] else 'remove'}_tags({quoted(given['tags'])})"
    ),
    "tags.replace": _replaced,
    "tags.clear": lambda given: f".clear_tags({quoted(given['tags'])})",
    "tags.order": lambda given: f".order_tags({quoted(given['tags'])})",
    "tags.set": lambda given: f".set_tags([{quoted(given['tags'])}])",
    "sentences.accept": lambda given: (
        f".accept_sentences({quoted(given['sentences'])}{_variant(given.get('variant'))})"
    ),
    "sentences.strike": lambda given: f".strike_sentences({quoted(given['sentences'])})",
    "sentences.clear": lambda given: f".clear_sentences({quoted(given['sentences'])})",
    "duplicates.different": lambda given: ruled("different", given.get("mark")),
    "duplicates.variant": lambda given: ruled("variant", given.get("mark")),
    "duplicates.clear": lambda _given: ".unmark_duplicates()",
    "stars": lambda given: f".stars({given['stars']})",
    "exclude": _excluded,
    "include": lambda _given: ".include()",
    "reviewed": lambda given: ".mark_reviewed()" if given["reviewed"] else ".mark_reviewed(False)",
    "dataset.add": lambda given: f".add_to({literal(given['dataset'])})",
    "dataset.remove": lambda given: f".remove_from({literal(given['dataset'])})",
}

_ABOUT_NOTHING: dict[str, Callable[[Given], str]] = {
    "policy": lambda given: policy(given["model"], given),
    "combine": combine,
    "dataset.set": lambda given: dataset(
        given["dataset"], {key: value for key, value in given.items() if key != "dataset"}
    ),
}
