"""Completions: for the search box, and for the field in which tags are typed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np

from lorairo.captions.phrases import shipped
from lorairo.query.fields import FIELDS, FLAGS, ORDERS, score_key
from lorairo.query.tree import Tag
from lorairo.query.unparse import unparse
from lorairo.tags import CATEGORIES, RATINGS, canonical

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from numpy.typing import NDArray

    from lorairo.query.index import Index
    from lorairo.tags import Vocabulary
    from lorairo.tags.vocabulary import Suggestion

_OPERATORS = (("OR", "either side"), ("AND", "both sides, as a space does"), ("-", "not"))
_PART = 2000  # tags looked at before it is asked whether there are enough
_SHOWN = ("caption", "sharpness", "width", "stars", "is", "order")  # offered before anything is typed


@dataclass(frozen=True, slots=True)
class Completion:
    """What the search box offers.

    Attributes
    ----------
    text
        Replaces the characters from `start` to `stop`.
    kind
        ``field``, ``tag`` or ``operator``.
    label
        What is shown.
    count
        Images, where it is known without searching.
    """

    text: str
    kind: str
    label: str
    count: int | None
    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class TagOption:
    """What the tag field offers.

    Attributes
    ----------
    name, category
        The tag, and danbooru's number for its category.
    count
        Images of the project that have it.
    in_target
        Images of the target that have it.
    alias
        What was typed, when that is another word for the tag.
    new
        Whether no image has it and no vocabulary knows it.
    """

    name: str
    category: int
    count: int
    in_target: int
    alias: str | None
    new: bool


def complete(
    text: str, cursor: int, index: Index, *, limit: int = 10, vocabulary: Vocabulary | None = None
) -> list[Completion]:
    """Complete a search at the cursor.

    Parameters
    ----------
    text
        What stands in the box.
    cursor
        Where the caret is, in characters.
    index
        Gives tags, scores, datasets and models.
    limit
        How many at most.
    vocabulary
        Gives aliases; only tags that images have are offered.

    Returns
    -------
    list of Completion
        Fields first, then tags by the number of images, then operators.
    """
    cursor = max(0, min(cursor, len(text)))
    start = _word_start(text, cursor)
    stop = cursor + len(re.match(r"\S*", text[cursor:])[0])  # type: ignore[index]  # a star always matches
    word = text[start:cursor]
    found = [
        Completion(new, kind, label, count, start, stop)
        for new, kind, label, count in _offers(word, text[:start], index, limit, vocabulary)
    ]
    return found[:limit]


def _word_start(text: str, cursor: int) -> int:
    """Return where the word before the cursor starts, behind minus signs and parentheses that group."""
    quoted = text[:cursor].count('"') % 2 == 1
    if quoted:
        opening = text.rfind('"', 0, cursor)
        return max(text.rfind(" ", 0, opening), -1) + 1
    start = max(text.rfind(" ", 0, cursor), text.rfind("\n", 0, cursor)) + 1
    while start < cursor and text[start] in "-(":
        start += 1
    return start


Offer = tuple[str, str, str, int | None]


def _offers(
    word: str, before: str, index: Index, limit: int, vocabulary: Vocabulary | None
) -> Iterator[Offer]:
    field, colon, value = word.partition(":")
    if colon and field.lower() in FIELDS:
        yield from _values(field.lower(), value, index)
        return
    if word.lower().startswith("score("):
        typed = word[len("score(") :]
        for tag, count in _tags(typed, index, limit, _suggested(typed, limit, vocabulary)):
            name = unparse(Tag(index.tag_name(tag)))
            yield f"score({name}):>", "field", f"score({name})", count
        return
    names = [*FIELDS, *(score_key(name) for name in sorted(index.score_names))]
    for name in names:
        if (name.startswith(word.lower()) and word) or (not word and name in _SHOWN):
            yield ("score(" if name == "score" else f"{name}:"), "field", name, None
    if word:
        typed = word.strip('"')
        for tag, count in _tags(typed, index, limit, _suggested(typed, limit, vocabulary)):
            name = index.tag_name(tag)
            yield unparse(Tag(name)), "tag", name, count
    for operator, label in _OPERATORS:
        if before.strip() and operator.lower().startswith(word.lower()) and operator != word:
            yield operator, "operator", label, None


def _values(field: str, value: str, index: Index) -> Iterator[Offer]:
    """Offer what may stand behind a field."""
    known: dict[str, Callable[[], Iterable[str]]] = {
        "is": lambda: FLAGS,
        "rating": lambda: RATINGS,
        "category": lambda: CATEGORIES,
        "order": lambda: [*ORDERS, *map(score_key, sorted(index.score_names)), "random:0"],
        "dataset": lambda: index.datasets,
        "phrase": shipped,
        "source": lambda: index.sources,
        "refused": lambda: index.refusals,
        "format": lambda: sorted(set(index.column("format").tolist())),
    }
    minus = "-" if field == "order" and value.startswith("-") else ""
    typed = value.removeprefix(minus).strip('"').lower()
    for name in known.get(field, tuple)():
        if name.lower().startswith(typed):
            shown = name if re.fullmatch(r"[\w./:-]+", name) else f'"{name}"'
            yield f"{field}:{minus}{shown}", "field", name, None


def _suggested(text: str, limit: int, vocabulary: Vocabulary | None) -> list[Suggestion]:
    return vocabulary.complete(text, limit) if vocabulary else []


def _tags(text: str, index: Index, limit: int, suggested: Iterable[Suggestion]) -> list[tuple[int, int]]:
    """Return ids and counts of tags that images have: exact, so beginning, by alias, containing it."""
    typed = canonical(text)
    if not typed:
        return []
    counts, names = index.matrix.counts, cast("list[str]", index.tag_names)  # what is counted has a name
    aliases = {index.tag_id(each.entry.name) for each in suggested if each.alias}
    own = [tag for tag in {*aliases, index.tag_id(typed)} if tag is not None and counts[tag]]
    ranked = [(0 if names[tag] == typed else 2, -int(counts[tag]), names[tag], tag) for tag in own]
    frequent = np.flatnonzero(counts)
    frequent = frequent[np.argsort(-counts[frequent], kind="stable")]
    sure, last = 0, 0
    for start in range(0, len(frequent), _PART):
        part = frequent[start : start + _PART]
        if sure >= limit and counts[part[0]] < last:  # what follows is rarer than enough that begin so
            break
        for tag in [tag for tag in part.tolist() if typed in names[tag]]:
            count = int(counts[tag])
            begins = names[tag].startswith(typed)
            ranked.append((1 if begins else 3, -count, names[tag], tag))
            if begins:
                sure, last = sure + 1, count
    found: dict[int, int] = {}
    for _, count, _, tag in sorted(ranked):
        found.setdefault(tag, -count)
    return list(found.items())[:limit]


def complete_tag(
    text: str,
    index: Index,
    positions: NDArray[np.int64] | None = None,
    limit: int = 10,
    *,
    vocabulary: Vocabulary | None = None,
) -> list[TagOption]:
    """Complete a tag that is about to be added.

    Parameters
    ----------
    text
        What was typed.
    index
        The project.
    positions
        The images it would be added to.
    limit
        How many at most.
    vocabulary
        Tags and aliases beyond the project's.

    Returns
    -------
    list of TagOption
        The project's tags, then the vocabulary's, then the text itself where nobody knows it.
    """
    typed = canonical(text)
    if not typed or limit < 1:
        return []
    target = np.zeros(len(index), dtype=bool)
    target[np.empty(0, dtype=np.int64) if positions is None else positions] = True
    suggested = _suggested(typed, limit, vocabulary)
    alias = {s.entry.name: s.alias for s in suggested}
    options: dict[str, TagOption] = {}
    categories = index.known_categories
    for tag, count in _tags(typed, index, limit, suggested):
        name = index.tag_name(tag)
        inside = int(np.count_nonzero(target[index.postings(tag)]))
        options[name] = TagOption(name, int(categories[tag]), count, inside, alias.get(name), new=False)
    for suggestion in suggested:
        entry = suggestion.entry
        options.setdefault(
            entry.name, TagOption(entry.name, entry.category, 0, 0, suggestion.alias, new=False)
        )
    known = typed in options or any(suggestion.alias == typed for suggestion in suggested)
    chosen = sorted(options.values(), key=lambda option: option.name != typed)[:limit]
    if not known and not (vocabulary and vocabulary.resolve(typed)):
        chosen = [*chosen[: limit - 1], TagOption(typed, index.category_of(typed), 0, 0, None, new=True)]
    return chosen
