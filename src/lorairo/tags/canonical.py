"""The canonical form of a tag: one spelling in the store, whatever a person, a file or a model wrote."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from lorairo.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Iterable

KAOMOJI = frozenset(
    {
        "0_0",
        "(o)_(o)",
        "+_+",
        "+_-",
        "._.",
        "<o>_<o>",
        "<|>_<|>",
        "=_=",
        ">_<",
        "3_3",
        "6_9",
        ">_o",
        "@_@",
        "^_^",
        "o_o",
        "u_u",
        "x_x",
        "|_|",
        "||_||",
    }
)
"""Faces whose underscore is part of the face; the list every tagger of the field ships."""

LONGEST_NAME = 255
"""Characters; what is longer is no tag."""

_BANZAI = r"\(^o^)/"  # the one danbooru name in which a backslash stands before a parenthesis
_BANZAI_FORMS = frozenset({_BANZAI, _BANZAI.replace("(", r"\(").replace(")", r"\)")})
_SHORT = (
    3  # sd-scripts leaves tags of up to three characters as they are, so models have seen `t_k`, not `t k`
)
# Pony and NoobAI learnt these tokens with their underscores.
_QUALITY_TOKEN = re.compile(
    r"score_\d+(_up)?|source_(anime|furry|pony|cartoon)|rating_(safe|questionable|explicit)"
)
_ESCAPED = re.compile(r"\\+([()])")
_BLANK = re.compile(r"[\s_,]+")
# What is canonical at a glance, as are nearly all names of a vocabulary.
_PLAIN = re.compile(r"[!-+\--@\[\]^`-~]+(?:_[!-+\--@\[\]^`-~]+)*")


def canonical(text: str) -> str:
    r"""Bring a tag to the form it is stored in.

    Lower case, Unicode NFC, single underscores for blanks, none at the edges, parentheses not escaped: the
    naming rules of danbooru (help:tags). A comma cannot stand in a tag, so it counts as a blank.

    Parameters
    ----------
    text
        One tag, as written by a person, a file or a model: ``Red Hat``, ``saber \(fate\)``.

    Returns
    -------
    str
        The canonical name; empty when nothing is left. ``canonical(canonical(t)) == canonical(t)``.
    """
    if _PLAIN.fullmatch(text):
        return text
    text = text.strip()
    if text.lower() in _BANZAI_FORMS:
        return _BANZAI
    text = unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).lower())
    text = "".join(c for c in text if c.isspace() or unicodedata.category(c) != "Cc")
    text = _ESCAPED.sub(r"\1", text)
    return _BLANK.sub("_", text).strip("_")


def canonical_names(tags: Iterable[str]) -> list[str]:
    """Return the canonical names of tags that a person gave, at least one.

    Raises
    ------
    ArgumentError
        When there is none, or one is no text, empty, or several in one text.
    """
    given = list(tags)
    for tag in given:
        if not isinstance(tag, str):
            raise ArgumentError(f'tags are texts, one after the other: ("smile", "hat"), not {tag!r}')
        if "," in tag.strip(" ,"):
            raise ArgumentError(f'{tag!r} holds a comma: name tags one after the other: ("smile", "hat")')
    names = [canonical(tag) for tag in given]
    if not names or not all(names):
        raise ArgumentError("name at least one tag, and none that is empty")
    return names


def is_literal(name: str) -> bool:
    """Whether the underscores of a canonical name are part of it, so that no target makes blanks of them.

    True for `KAOMOJI`, tags of up to three characters (as in sd-scripts) and quality tokens (``score_9``).
    """
    return name in KAOMOJI or len(name) <= _SHORT or _QUALITY_TOKEN.fullmatch(name) is not None
