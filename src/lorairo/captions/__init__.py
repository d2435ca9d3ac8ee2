"""Captions: the line a trainer reads, and how many tokens it has."""

from lorairo.captions.encoding import Encoding, encoding_of
from lorairo.captions.jsontext import TEXT_KEYS, Member, as_json, members
from lorairo.captions.render import STYLES, has_trigger, render_caption, single_line
from lorairo.captions.rewriting import rewrite_prose, rewrite_tags, tag_names
from lorairo.captions.tokens import TokenCounter

__all__ = [
    "STYLES",
    "TEXT_KEYS",
    "Encoding",
    "Member",
    "TokenCounter",
    "as_json",
    "encoding_of",
    "has_trigger",
    "members",
    "render_caption",
    "rewrite_prose",
    "rewrite_tags",
    "single_line",
    "tag_names",
]
