"""Bring the texts beside an image up to date: what was edited since the import changes, nothing else."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from lorairo.captions import (
    TEXT_KEYS,
    as_json,
    encoding_of,
    members,
    rewrite_prose,
    rewrite_tags,
    tag_names,
)
from lorairo.tags import split_tag_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lorairo.captions import Member
    from lorairo.exporters.beside import Beside
    from lorairo.exporters.plan import ExportItem
    from lorairo.tags.render import Target

_LONE: Final = re.compile("[\ud800-\udfff]")  # bytes without meaning: `Encoding.decode`
Role = Literal["tags", "prose", "blank"]


class Manner(NamedTuple):
    """How tags are written where no text shows it."""

    target: Target
    separator: str


@dataclass(slots=True)
class Revision:
    """What becomes of the texts beside one image.

    Attributes
    ----------
    raw
        New bytes by number, of the texts that change.
    recoded
        Numbers of those that had to become UTF-8, as their encoding lacks a letter that is needed.
    tags, caption
        What no text there is can take.
    """

    raw: dict[int, bytes] = field(default_factory=dict)
    recoded: list[int] = field(default_factory=list)
    tags: tuple[str, ...] = ()
    caption: str | None = None


@dataclass(slots=True)
class _Side:
    """One text that holds tags or prose: a file, or a value in a line of a table."""

    beside: Beside
    role: Role
    text: str
    names: tuple[str, ...] = ()
    key: str | None = None
    many: bool = False  # a list, not a text
    now: str | list[str] | None = None  # what it shall be instead


def revise(item: ExportItem, manner: Manner, *, keep_caption: bool = False) -> Revision:
    """Compare what the texts beside an image said with what the project holds now.

    Parameters
    ----------
    item
        The image, with its places.
    manner
        How tags are written where no text shows it.
    keep_caption
        Leave prose alone where the image has no caption.
    """
    revision = Revision()
    if _is_said(item, keep_caption=keep_caption):
        return revision
    places = [
        [side for text in place.beside if text.understood for side in _sides(text)] for place in item.places
    ]
    revision.tags = _revise_tags(places, [name for name, _ in item.tags], manner)
    if item.caption is not None or not keep_caption:
        revision.caption = _revise_caption(places, item.caption)
    changed: dict[int, list[_Side]] = {}
    for side in (side for sides in places for side in sides if side.now is not None):
        changed.setdefault(side.beside.number, []).append(side)
    for number, sides in changed.items():
        revision.raw[number], recoded = _written(sides)
        revision.recoded += [number] if recoded else []
    return revision


def _is_said(item: ExportItem, *, keep_caption: bool) -> bool:
    """Whether the texts say already what the project holds."""
    texts = sorted((text for place in item.places for text in place.beside), key=lambda text: text.number)
    tags = dict.fromkeys(tag for text in texts for tag in text.tags)
    caption = next((text.caption for text in texts if text.caption is not None), None)
    same = item.caption == caption or (keep_caption and item.caption is None)
    return same and list(tags) == [name for name, _ in item.tags]


def _sides(beside: Beside) -> list[_Side]:
    text = encoding_of(beside.raw).decode(beside.raw)
    if beside.document is None:
        role = _role(text, beside)
        return [_Side(beside, role, text, beside.tags if role == "tags" else ())]
    sides = []
    for key, member in _fields(text, beside.kind).items():
        many = isinstance(member.value, list)
        value = ", ".join(member.value) if many else member.value
        role = _role(value, beside) if key != "tags" else "tags"
        names = tag_names(split_tag_text(value)) if role == "tags" else ()
        sides.append(_Side(beside, role, value, names, key, many))
    return sides


def _role(text: str, beside: Beside) -> Role:
    if not text.strip():
        return "blank"
    return "tags" if beside.caption is None else "prose"


def _fields(text: str, kind: str) -> dict[str, Member]:
    """Return the values of a row that hold its text and its tags."""
    found = members(text)
    keys = TEXT_KEYS if kind == "metadata.jsonl" else ("caption",)
    chosen = [next((key for key in keys if key in found), ""), "tags"]
    return {key: found[key] for key in chosen if key in found and _is_text(found[key].value)}


def _is_text(value: Any) -> bool:
    return isinstance(value, str) or (
        isinstance(value, list) and all(isinstance(part, str) for part in value)
    )


def _revise_tags(places: Sequence[Sequence[_Side]], now: Sequence[str], manner: Manner) -> tuple[str, ...]:
    """Say in each side which tags it shall list; return the tags when there is no side for them.

    Each place says all of it for itself: what is new comes to every one, what is gone goes from all.
    """
    tagged = [[side for side in sides if side.role == "tags"] for sides in places]
    before = _listed(tagged)
    if list(now) == before:
        return ()
    if not any(tagged):
        tagged = [[side for side in sides if side.role == "blank"][:1] for sides in places]
        for side in (side for sides in tagged for side in sides):
            side.role = "tags"
    staying, known = set(now), set(before)
    moved = [name for name in before if name in staying] != [name for name in now if name in known]
    rank = {name: place for place, name in enumerate(now)}
    for sides in filter(None, tagged):
        listed = [[name for name in side.names if name in staying] for side in sides]
        _settle(listed, now, known)
        for side, names in zip(sides, listed, strict=True):
            wanted = sorted(names, key=rank.__getitem__) if moved else names
            if wanted != list(side.names):
                text = rewrite_tags(side.text, wanted, target=manner.target, separator=manner.separator)
                side.now = split_tag_text(text) if side.many else text
    return () if any(tagged) else tuple(now)


def _listed(tagged: Sequence[Sequence[_Side]]) -> list[str]:
    """Return the tags of an image as its texts alone say them."""
    sides = sorted((side for sides in tagged for side in sides), key=lambda side: side.beside.number)
    return list(dict.fromkeys(name for side in sides for name in side.names))


def _settle(listed: list[list[str]], now: Sequence[str], known: set[str]) -> None:
    """Put new tags behind the tag they follow, into the text that has it."""
    home, after = 0, ""
    for name in now:
        if name not in known:
            names = listed[home]
            names.insert(names.index(after) + 1 if after in names else 0, name)
            after = name
            continue
        place = next((place for place, names in enumerate(listed) if name in names), None)
        if place is not None:
            home, after = place, name


def _revise_caption(places: Sequence[Sequence[_Side]], now: str | None) -> str | None:
    """Say in the side that has the caption what it shall be; return the caption when there is none."""
    prose = [side for sides in places for side in sides if side.role == "prose"]
    if prose:
        first = min(prose, key=lambda side: side.beside.number)
        chosen = [] if now == first.beside.caption else _firsts(places, "prose")
    elif now:
        chosen = _firsts(places, "blank")
    else:
        return None
    for side in chosen:
        side.now = rewrite_prose(side.text, now)
    return None if prose or chosen else now


def _firsts(places: Sequence[Sequence[_Side]], role: Role) -> list[_Side]:
    """Return the first side of a kind at each place."""
    found = (next((side for side in sides if side.role == role), None) for sides in places)
    return [side for side in found if side is not None]


def _written(sides: Sequence[_Side]) -> tuple[bytes, bool]:
    """Return the new bytes of a text, and whether they are UTF-8 where they were not."""
    beside = sides[0].beside
    encoding = encoding_of(beside.raw)
    text = encoding.decode(beside.raw)
    if beside.document is None:
        text = str(sides[0].now)
    else:
        fields = _fields(text, beside.kind)
        for side in sorted(sides, key=lambda side: fields[side.key or ""].start, reverse=True):
            member = fields[side.key or ""]
            text = text[: member.start] + as_json(side.now, text) + text[member.end :]
    try:
        data = encoding.encode(text)
    except UnicodeEncodeError:  # the encoding does not have a letter that was written
        data = b""
    # What gave an encoding away may be gone, and then the rest would be read as another.
    if encoding_of(data).decode(data) == text:
        return data, False
    return _LONE.sub("\ufffd", text).encode(), True
