"""How many tokens a text is about, where no tokenizer can be loaded: from its words, digits and marks.

The weights were fitted by least squares on captions counted with the real tokenizers; docs/captions.md says
which captions, and what error was left. There is one fit for tag lists and one for prose: names of characters
and rare tags fall into more pieces than the words of a sentence. Gemma was not measured; it takes the weights
of umT5, whose vocabulary is made the same way and is as large.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from lorairo.tags import looks_like_tags

if TYPE_CHECKING:
    from collections.abc import Callable

    from lorairo.captions.profiles import Family

_PIECE = re.compile(r"[^\W\d_]+|\d+|[^\w\s]+|_+")
_LATIN = "\u024f"  # the last letter of Latin Extended-B
_UNSPACED = re.compile(
    r"[\u0e00-\u0eff\u1100-\u11ff\u2e80-\u9fff\uac00-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff]"
)


@dataclass(frozen=True, slots=True)
class _Weights:
    """Tokens of each kind of piece.

    Attributes
    ----------
    word, knee, over
        A word of Latin letters, and what each letter after the first `knee` adds.
    digit
        Each digit.
    mark, more
        A run of marks, and what each mark after its first adds.
    upper
        What each letter after the first adds in a word of capitals.
    """

    word: float
    knee: int
    over: float
    digit: float
    mark: float
    more: float
    upper: float = 0.0


@dataclass(frozen=True, slots=True)
class _Rules:
    """Weights of a family.

    Attributes
    ----------
    tags, prose
        For tag lists, and for everything else.
    article
        What the word ``a`` adds: it is two tokens where the blank before it is one of its own.
    letter
        Each letter of other alphabets.
    sign
        Each letter of scripts without blanks between words, and of Korean.
    accent
        What each accented Latin letter adds.
    """

    tags: _Weights
    prose: _Weights
    letter: float
    sign: float
    accent: float
    article: float = 0.0


_UMT5 = _Rules(
    _Weights(0.876, 3, 0.146, 1.167, 1.288, 0.468),
    _Weights(0.872, 2, 0.096, 1.117, 1.263, 0.491),
    letter=0.35,
    sign=0.85,
    accent=0.1,
)
_RULES: dict[Family, _Rules] = {
    "clip": _Rules(
        _Weights(1.075, 7, 0.217, 0.937, 1.062, 0.616),
        _Weights(0.866, 2, 0.07, 1.02, 1.001, 0.294),
        letter=1.2,
        sign=2.1,
        accent=0.5,
    ),
    "t5": _Rules(
        _Weights(0.944, 4, 0.192, 0.27, 1.54, 1.452),
        _Weights(0.838, 2, 0.1, 0.224, 1.455, 0.601, 0.333),
        letter=0.9,
        sign=0.15,  # it has none of them: a whole run is one unknown token
        accent=0.3,
        article=1.044,
    ),
    "qwen": _Rules(
        _Weights(0.907, 3, 0.125, 1.227, 1.048, 0.831),
        _Weights(0.862, 2, 0.074, 1.204, 1.034, 0.231, 0.218),
        letter=0.5,
        sign=0.8,
        accent=0.3,
    ),
    "mistral": _Rules(
        _Weights(0.921, 3, 0.14, 1.232, 1.036, 0.856),
        _Weights(0.853, 2, 0.081, 1.293, 1.069, 0.326),
        letter=0.48,
        sign=1.0,
        accent=0.2,
    ),
    "umt5": _UMT5,
    "gemma": _UMT5,
}


def estimate(text: str, family: Family) -> int:
    """Return about how many tokens a text has, begin and end marks left out."""
    cost = _costs(family, looks_like_tags(text))
    return round(sum(map(cost, _PIECE.findall(text))))


def estimated_fit(text: str, family: Family, limit: int) -> int:
    """Return about how many characters of a text lie within the first `limit` tokens."""
    cost = _costs(family, looks_like_tags(text))
    used = 0.0
    for piece in _PIECE.finditer(text):
        used += cost(piece[0])
        if round(used) > limit:
            return piece.start()
    return len(text)


@cache
def _costs(family: Family, tags: bool) -> Callable[[str], float]:
    """Return what gives the tokens of a piece; it remembers, as the same words come again and again."""
    rules = _RULES[family]
    weights = rules.tags if tags else rules.prose

    @lru_cache(maxsize=2**16)
    def cost(piece: str) -> float:
        if piece[0].isalpha():
            return _letters(piece, rules, weights)
        if piece[0].isalnum():
            return weights.digit * len(piece)
        return weights.mark + weights.more * (len(piece) - 1)

    return cost


def _letters(word: str, rules: _Rules, weights: _Weights) -> float:
    if not word.isascii() and max(word) > _LATIN:
        signs = len(_UNSPACED.findall(word))
        return max(1.0, rules.sign * signs + rules.letter * (len(word) - signs))
    cost = weights.word + weights.over * max(0, len(word) - weights.knee)
    if len(word) > 1 and weights.upper and word.isupper():
        cost += weights.upper * (len(word) - 1)
    if word == "a":
        cost += rules.article
    return cost if word.isascii() else cost + rules.accent * sum(not letter.isascii() for letter in word)
