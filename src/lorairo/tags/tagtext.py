"""Tag text: told from prose, and taken apart."""

from __future__ import annotations

import re

_WEIGHTED = re.compile(r"^\((.+):\s*\d+(?:\.\d+)?\)$")
_PART = re.compile(r"[^,\n\r]+")
_WORD = re.compile(r"\S+")
_ARTICLE = re.compile(r"^(?:an?|the|this|these|there|it|he|she|they|his|her)\s", re.IGNORECASE)
_VERB = re.compile(r"\s(?:is|are|was|were|has|have)\s", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?][\"')]*\s+[A-Z\"']")
_FUNCTION_WORD = re.compile(r"\b(?:a|an|the|of|with|is|are|and|in)\b", re.IGNORECASE)
_LONGEST_TAG = 7  # words; no general tag of danbooru is longer
_LONGEST_PHRASE = 4  # words that may stand without any comma and still be one tag
_MEAN_WORDS = 4.0  # danbooru's mean is 1.9 words per tag


def split_tag_text(text: str, *, weights: bool = False) -> list[str]:
    """Take a tag list apart, in order, as written (not canonical; repeats stay).

    Parameters
    ----------
    text
        ``red hat, long_hair``; commas and line ends separate. Text without either whose words carry
        underscores (``1girl long_hair red_hat``, as boorus write it) is separated at blanks.
    weights
        Read ``(tag:1.2)`` as ``tag``. Off, because it would destroy ``poster_(object:2)`` and its like.

    Returns
    -------
    list of str
        The parts, trimmed, without empty ones.
    """
    parts = [text[start:end] for start, end in tag_spans(text)]
    if weights:
        parts = [_WEIGHTED.sub(r"\1", part).strip() for part in parts]
    return [part for part in parts if part]


def tag_spans(text: str) -> list[tuple[int, int]]:
    """Return where the parts of a tag list begin and end, as `split_tag_text` takes them apart."""
    first = len(text) - len(text.lstrip("\ufeff"))
    found = (_WORD if _is_booru_line(text[first:]) else _PART).finditer(text, first)
    spans = []
    for part in found:
        whole = part[0]
        start = part.start() + len(whole) - len(whole.lstrip())
        end = start + len(whole.strip())
        if end > start:
            spans.append((start, end))
    return spans


def looks_like_tags(text: str) -> bool:
    """Whether a caption reads as a tag list rather than as prose.

    A heuristic for sidecar files, which do not say what they hold. Sentences, articles at the start of longer
    parts and long parts speak for prose; commas between short parts speak for tags.
    """
    text = text.strip().lstrip("\ufeff")
    if _is_booru_line(text):
        return True
    parts = split_tag_text(text)
    if not parts or _SENTENCE_END.search(text):
        return False
    words = [len(part.replace("_", " ").split()) for part in parts]
    if text.endswith((".", "!", "?")) and max(words) >= _LONGEST_PHRASE:
        return False
    if len(parts) == 1 and words[0] > 2 and (_FUNCTION_WORD.search(text) or words[0] > _LONGEST_PHRASE):  # noqa: PLR2004 - `of the` needs something on both sides
        return False
    return not any(map(_is_phrase, parts)) and sum(words) / len(words) <= _MEAN_WORDS


def _is_phrase(part: str) -> bool:
    """Whether one part between commas is a piece of a sentence; `hand_on_own_hip` counts as one word."""
    written = len(part.split())
    if written > 1 and _ARTICLE.match(part):
        return True
    return written > _LONGEST_TAG or (written >= _LONGEST_PHRASE and _VERB.search(part) is not None)


def _is_booru_line(text: str) -> bool:
    """Whether this is one line of blank-separated names with underscores."""
    words = text.split()
    if "," in text or "\n" in text.strip() or len(words) == 1:
        return False
    joined = sum("_" in word.strip("_") for word in words)
    return joined >= max(1, len(words) // 3) and not _FUNCTION_WORD.search(text.replace("_", ""))
