"""Captions: the line a trainer reads, and how many tokens it has."""

from lorairo.captions.render import STYLES, has_trigger, render_caption, single_line
from lorairo.captions.tokens import CLIP_LIMIT, TokenCounter, count_tokens, token_warning

__all__ = [
    "CLIP_LIMIT",
    "STYLES",
    "TokenCounter",
    "count_tokens",
    "has_trigger",
    "render_caption",
    "single_line",
    "token_warning",
]
