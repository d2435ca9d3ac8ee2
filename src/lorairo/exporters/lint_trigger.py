"""Lint rules about the trigger: the words that call up what was learnt."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lorairo.captions import has_trigger
from lorairo.exporters.plan import Finding
from lorairo.exporters.wording import images

if TYPE_CHECKING:
    from lorairo.exporters.lint import Draft

# Words for what pictures show in general; a trigger like these cannot be told from them.
_COMMON = frozenset(
    {
        "animal",
        "art",
        "baby",
        "bear",
        "bird",
        "boy",
        "car",
        "cat",
        "character",
        "child",
        "concept",
        "dog",
        "dress",
        "drawing",
        "face",
        "female",
        "flower",
        "girl",
        "hat",
        "horse",
        "house",
        "human",
        "item",
        "lady",
        "landscape",
        "logo",
        "male",
        "man",
        "object",
        "painting",
        "person",
        "photo",
        "picture",
        "style",
        "toy",
        "woman",
    }
)


def alone(draft: Draft) -> Finding | None:
    """Find captions that are the trigger and nothing else."""
    trigger = draft.options.trigger
    alone = [placed for placed in draft.placements if trigger and placed.caption == trigger]
    if not alone:
        return None
    return Finding(
        "info",
        "trigger-only",
        draft.ids(alone),
        f"{images(len(alone))} with nothing but the trigger as caption",
        "Right for some styles; otherwise tag or caption them.",
    )


def common(draft: Draft) -> Finding | None:
    """Check that the trigger is no word the model has learnt already."""
    trigger = draft.options.trigger
    if trigger is None:
        return None
    first = re.split(r"[\s,]+", trigger.strip())[0].lower()
    if first not in _COMMON and trigger.lower().replace(" ", "_") not in draft.words:
        return None
    return Finding(
        "warning",
        "trigger-is-a-word",
        (),
        f"the trigger {trigger!r} is a word the model knows already",
        "Put a rare string first, such as 'zxc dog' for a dog.",
    )


def inside_word(draft: Draft) -> Finding | None:
    """Find captions in which the trigger stands inside another word."""
    trigger = draft.options.trigger
    if trigger is None or len(trigger) < 2:  # noqa: PLR2004 - one letter is in everything
        return None
    inside = re.compile(rf"(?i)\w{re.escape(trigger)}|{re.escape(trigger)}\w")
    hits = [placed for placed in draft.placements if placed.caption and inside.search(placed.caption)]
    if not hits:
        return None
    return Finding(
        "warning",
        "trigger-inside-word",
        draft.ids(hits),
        f"{images(len(hits))} with the trigger {trigger!r} inside another word",
        "Choose one that is no part of a word in the captions: some trainers look for bare letters.",
    )


def absent(draft: Draft) -> Finding | None:
    """Say that there is no trigger."""
    if draft.options.trigger is not None or not draft.placements:
        return None
    return Finding(
        "info",
        "no-trigger",
        (),
        "there is no trigger word: captions replace the class tokens, so nothing calls up what is learnt",
        "Pass trigger='zxc dog'; for a style that should always be on, none is needed.",
    )


def late(draft: Draft) -> Finding | None:
    """Find triggers behind what a second encoder reads, as CLIP does beside T5."""
    trigger = draft.options.trigger or ""
    for counting in draft.countings[1:]:
        told = [
            placed for placed in draft.placements if placed.caption and has_trigger(placed.caption, trigger)
        ]
        texts = [placed.caption or "" for placed in told]
        hits = [
            placed
            for placed, text, count in zip(told, texts, counting.many(texts), strict=True)
            if count > counting.encoder.limit and not has_trigger(text[: counting.fits(text)], trigger)
        ]
        if hits:
            return Finding(
                "warning",
                "trigger-late",
                draft.ids(hits),
                f"{images(len(hits))} with the trigger behind the {counting.encoder.limit} tokens that "
                f"{counting.encoder.name} reads",
                "Say it in the first sentence.",
            )
    return None


def shuffled(draft: Draft) -> Finding | None:
    """Check that shuffling leaves the trigger in front."""
    options = draft.options
    if not options.shuffle_caption or options.trigger is None or options.keep_tokens_separator:
        return None
    tags = len(options.trigger.split(options.caption_separator or ","))
    if options.keep_tokens is None or options.keep_tokens >= tags:
        return None
    return Finding(
        "warning",
        "trigger-is-shuffled",
        (),
        f"keep_tokens={options.keep_tokens} lets the trigger be shuffled away from the front",
        f"Pass keep_tokens={tags}; it counts comma-separated tags, not tokens.",
    )
