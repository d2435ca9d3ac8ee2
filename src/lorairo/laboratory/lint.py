"""What is wrong with a text as a caption for training: short names that count well in a table."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lorairo.captions import has_trigger
from lorairo.captions.phrases import find

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lorairo.captions.counting import Counting
    from lorairo.captions.phrases import Phrases

OVER, NO_TRIGGER, REPEATED, BANNED = "over budget", "no trigger", "repeated", "banned phrase"
RULES = (OVER, NO_TRIGGER, REPEATED, BANNED)
"""Everything that `findings` can say."""

_PHRASE = 5  # words: shorter ones come twice in good sentences
_WORD = re.compile(r"[^\W_]+(?:['\u2019-][^\W_]+)*")


def words(text: str) -> list[str]:
    """Return the words of a text, lower case."""
    return [word.lower() for word in _WORD.findall(text)]


def findings(
    text: str, tokens: int, counting: Counting, *, trigger: str = "", banned: Sequence[Phrases] = ()
) -> tuple[str, ...]:
    """Say what is wrong with a text.

    Parameters
    ----------
    text
        A caption; an empty one has nothing wrong with it.
    tokens
        How long it is.
    counting
        Of the encoder that will read it.
    trigger
        What each caption is to hold; empty for nothing.
    banned
        Phrases that none is to hold.
    """
    if not text:
        return ()
    broken = {
        OVER: tokens > counting.encoder.limit,
        NO_TRIGGER: bool(trigger) and not has_trigger(text, trigger),
        REPEATED: repeats(text),
        BANNED: bool(find(text, banned)),
    }
    return tuple(rule for rule in RULES if broken[rule])


def repeats(text: str) -> bool:
    """Whether five words in a row come twice."""
    said = words(text)
    phrases = [tuple(said[at : at + _PHRASE]) for at in range(len(said) - _PHRASE + 1)]
    return len(set(phrases)) < len(phrases)
