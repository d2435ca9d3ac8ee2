"""Categories and ratings: numbers and letters differ between sites, so a scheme is always named."""

from __future__ import annotations

import difflib

from lorairo.errors import ArgumentError

CATEGORIES: dict[str, int] = {
    "general": 0,
    "artist": 1,
    "copyright": 3,
    "character": 4,
    "meta": 5,
    "rating": 9,
}
"""Category names to danbooru's numbers; 9 is what WD taggers call a rating."""

RATINGS: tuple[str, ...] = ("general", "sensitive", "questionable", "explicit")
"""Ratings from mild to explicit."""

_NAMES = {number: name for name, number in CATEGORIES.items()}
# e621 has categories that danbooru has not; its 5 is species, where danbooru's 5 is meta.
_SITES = {
    "danbooru": {number: number for number in _NAMES},
    "e621": {0: 0, 1: 1, 2: 1, 3: 3, 4: 4, 5: 0, 6: 5, 7: 5, 8: 5},
}
_LETTERS = {
    "danbooru": {"g": "general", "s": "sensitive", "q": "questionable", "e": "explicit"},
    "e621": {"s": "general", "q": "questionable", "e": "explicit"},  # s is "safe" here
}


def category_number(name: str | int) -> int:
    """Return the number of a category given by name or number.

    Raises
    ------
    ArgumentError
        When there is no such category; the message names the nearest.
    """
    if isinstance(name, int):
        if name in _NAMES:
            return name
    elif name.lower() in CATEGORIES:
        return CATEGORIES[name.lower()]
    near = difflib.get_close_matches(str(name), CATEGORIES, 1)
    hint = f"did you mean {near[0]}?" if near else f"use one of {', '.join(CATEGORIES)}"
    raise ArgumentError(f"unknown tag category {name!r}: {hint}")


def category_name(number: int) -> str:
    """Return the name of a category; an unknown number reads as ``general``."""
    return _NAMES.get(number, "general")


def category_from_site(site: str, number: int) -> int:
    """Translate a category number of ``danbooru`` or ``e621`` to ours; what we do not have is 0 (general)."""
    if site not in _SITES:
        raise ArgumentError(f"unknown tag site {site!r}: use one of {', '.join(_SITES)}")
    return _SITES[site].get(number, 0)


def rating_name(text: str, *, scheme: str = "danbooru") -> str | None:
    """Read a rating word, or a letter in a scheme.

    Parameters
    ----------
    text
        ``general``, ``rating:s``, ``rating_explicit``, ``q``...
    scheme
        ``danbooru`` (g, s = sensitive, q, e) or ``e621`` (s = safe, q, e). The letter s alone says nothing.

    Returns
    -------
    str or None
        One of `RATINGS`; None when the text is no rating.
    """
    if scheme not in _LETTERS:
        raise ArgumentError(f"unknown rating scheme {scheme!r}: use one of {', '.join(_LETTERS)}")
    word = text.strip().lower().removeprefix("rating").lstrip(":_ ")
    if word in RATINGS:
        return word
    if word == "safe":
        return "general"
    return _LETTERS[scheme].get(word)
