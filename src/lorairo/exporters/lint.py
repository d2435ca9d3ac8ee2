"""What would go wrong in training, found before anything is written.

Sources of the rules: sd-scripts (caption processing, buckets), and what the field reports about triggers and
small sets. A rule gets the `Draft` and gives a `Finding` or None; `lint` asks them all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lorairo.exporters import lint_buckets, lint_trigger
from lorairo.exporters.names import collisions
from lorairo.exporters.options import PROSE_PROFILES
from lorairo.exporters.plan import Finding
from lorairo.exporters.wording import images
from lorairo.tags import looks_like_tags

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable

    from lorairo.captions.counting import Counting
    from lorairo.exporters.kohya_options import KohyaOptions
    from lorairo.exporters.plan import Placement
    from lorairo.images.buckets import BucketRules

_FEW = 10  # images; below this a set rarely holds enough variety
_WILDCARD = re.compile(r"\{[^{}]*\|[^{}]*\}")


@dataclass(frozen=True)
class Draft:
    """What the rules look at.

    Attributes
    ----------
    placements
        Every image with its caption and bucket.
    options, rules
        What was asked for.
    words
        Words that a trigger must not be: tag names known to the project or to the user's vocabulary.
    countings
        How the text encoders count, the one whose limit is the caption's first.
    """

    placements: tuple[Placement, ...]
    options: KohyaOptions
    rules: BucketRules
    words: Container[str]
    countings: tuple[Counting, ...]

    @property
    def counting(self) -> Counting:
        """How the encoder counts whose limit is the caption's."""
        return self.countings[0]

    def ids(self, chosen: Iterable[Placement]) -> tuple[int, ...]:
        """Ids of some of the images."""
        return tuple(placed.item.id for placed in chosen)


def lint(draft: Draft) -> tuple[Finding, ...]:
    """Ask every rule."""
    found = (rule(draft) for rule in RULES)
    return tuple(finding for finding in found if finding is not None)


def _no_images(draft: Draft) -> Finding | None:
    if draft.placements:
        return None
    return Finding("error", "no-images", (), "there are no images", "Widen the search of the view.")


def _no_caption(draft: Draft) -> Finding | None:
    bare = [placed for placed in draft.placements if placed.caption is None]
    if not bare:
        return None
    ids, number = draft.ids(bare), images(len(bare))
    if draft.options.missing == "omit":
        tokens = draft.options.class_tokens or draft.options.trigger
        return Finding(
            "warning",
            "no-caption",
            ids,
            f"{number} without caption train as {tokens!r}",
            "Write captions for them.",
        )
    needs = "needs" if len(bare) == 1 else "need"
    kind = {"tags": "tags", "prose": "a caption", "both": "tags or a caption"}[draft.options.form]
    return Finding(
        "error",
        "no-caption",
        ids,
        f"{number} {needs} {kind}",
        'Tag or caption them, exclude them, or pass missing="omit" to train them on the class tokens alone.',
    )


def _estimated(draft: Draft) -> Finding | None:
    if draft.counting.exact or not any(placed.caption for placed in draft.placements):
        return None
    name = draft.counting.encoder.name
    return Finding(
        "info",
        "tokens-estimated",
        (),
        f"caption lengths are estimates, as the tokenizer of {name} is not here",
        f"Install lorairo[tokens] and pass tokenizer= with the tokenizer.json of {name}, or set it.",
    )


def _too_long(draft: Draft) -> Finding | None:
    encoder = draft.counting.encoder
    limit = draft.options.max_tokens or encoder.limit
    long = [placed for placed in draft.placements if placed.tokens is not None and placed.tokens > limit]
    if not long:
        return None
    most = f"{'' if draft.counting.exact else '≈'}{max(placed.tokens or 0 for placed in long)}"
    chunks = " or ".join(str(chunk) for chunk in encoder.chunks)
    return Finding(
        "warning",
        "too-long",
        draft.ids(long),
        f"{images(len(long))} with a caption over {limit} tokens (longest {most}): the end is cut or weak",
        f"Shorten them, or pass max_tokens={chunks} if the trainer gets --max_token_length."
        if chunks
        else "Shorten them.",
    )


def _comma_in_tag(draft: Draft) -> Finding | None:
    separator = draft.options.caption_separator or ","
    odd = [placed for placed in draft.placements if any(separator in name for name, _ in placed.item.tags)]
    if not odd or draft.options.form == "prose":
        return None
    return Finding(
        "warning",
        "comma-in-tag",
        draft.ids(odd),
        f"{images(len(odd))} with a tag that contains {separator!r}: the trainer reads it as two",
        "Rename the tag.",
    )


def _renamed(draft: Draft) -> Finding | None:
    if draft.options.names == "number":
        return None
    same = collisions(placed.item.name for placed in draft.placements)
    if not same:
        return None
    return Finding(
        "info",
        "same-name",
        tuple(draft.placements[index].item.id for index in same),
        f"{images(len(same))} share a name with another, so they were numbered",
        'None needed; names="number" numbers all of them.',
    )


def _mixed(draft: Draft) -> Finding | None:
    if draft.options.form != "prose":
        return None
    tagged = [
        placed for placed in draft.placements if placed.item.caption and looks_like_tags(placed.item.caption)
    ]
    written = sum(bool(placed.item.caption) for placed in draft.placements)
    if not tagged or (len(tagged) == written and draft.options.profile not in PROSE_PROFILES):
        return None
    return Finding(
        "warning",
        "mixed-styles",
        draft.ids(tagged),
        f"{images(len(tagged))} with a tag list where sentences were asked for",
        "Write sentences, or choose another caption variant.",
    )


def _form_of_model(draft: Draft) -> Finding | None:
    profile, form = draft.options.profile, draft.options.form
    if profile is None or (profile in PROSE_PROFILES) == (form == "prose"):
        return None
    if profile in PROSE_PROFILES:
        said, better = f"{profile} was trained on sentences, and gets tags", 'captions="prose"'
    elif profile in {"sd15", "sdxl", "lumina", "anima"}:
        return None  # these take both
    elif form == "prose":
        said, better = f"{profile} was trained on tags, and gets sentences", 'captions="tags" or "both"'
    else:
        return None
    return Finding("warning", "form-of-model", (), said, f"Pass {better}.")


def _torn(draft: Draft) -> Finding | None:
    options = draft.options
    if options.form == "tags" or not (options.shuffle_caption or options.caption_tag_dropout_rate):
        return None
    torn = [placed for placed in draft.placements if placed.item.caption and "," in placed.item.caption]
    if not torn:
        return None
    return Finding(
        "warning",
        "prose-is-shuffled",
        draft.ids(torn),
        f"{images(len(torn))} with sentences that shuffling tears apart at their commas",
        "Turn shuffling and tag dropout off, or write the sentences without commas.",
    )


def _literal_marks(draft: Draft) -> Finding | None:
    options = draft.options
    odd = [
        placed
        for placed in draft.placements
        if placed.caption
        and (
            (not options.keep_tokens_separator and "|||" in placed.caption)
            or (not options.enable_wildcard and _WILDCARD.search(placed.caption))
        )
    ]
    if not odd:
        return None
    return Finding(
        "warning",
        "literal-marks",
        draft.ids(odd),
        f"{images(len(odd))} with ||| or {{a|b}} in the caption, which is learnt letter by letter",
        'Pass keep_tokens_separator="|||" or enable_wildcard=True with layout="toml", or take the marks out.',
    )


def _alpha(draft: Draft) -> Finding | None:
    clear = [placed for placed in draft.placements if placed.item.alpha]
    if not clear:
        return None
    return Finding(
        "info",
        "alpha",
        draft.ids(clear),
        f"{images(len(clear))} with transparent parts: they are laid on {draft.options.background}",
        "Pass background= for another colour.",
    )


def _few(draft: Draft) -> Finding | None:
    if not 0 < len(draft.placements) < _FEW:
        return None
    return Finding(
        "warning",
        "few-images",
        (),
        f"{images(len(draft.placements))} only: sets of fewer than {_FEW} mostly learn by heart",
        "15 to 40 are usual for a character or an object, 20 to 100 for a style.",
    )


def _extension(draft: Draft) -> Finding | None:
    options = draft.options
    if options.layout == "toml" or options.caption_extension == ".caption":
        return None
    return Finding(
        "info",
        "caption-extension",
        (),
        f"the trainer looks for .caption files unless it is told of {options.caption_extension}",
        f"Start it with --caption_extension {options.caption_extension}",
    )


RULES: tuple[Callable[[Draft], Finding | None], ...] = (
    _no_images,
    _no_caption,
    lint_buckets.unusable,
    lint_trigger.alone,
    _estimated,
    _too_long,
    _comma_in_tag,
    lint_trigger.common,
    lint_trigger.inside_word,
    lint_trigger.absent,
    lint_trigger.late,
    _mixed,
    _form_of_model,
    _torn,
    lint_trigger.shuffled,
    _literal_marks,
    lint_buckets.longest_side,
    lint_buckets.upscaled,
    lint_buckets.cropped,
    lint_buckets.lonely,
    lint_buckets.step,
    _few,
    _renamed,
    _alpha,
    _extension,
)
"""Every rule, in the order in which findings of one level are shown."""
