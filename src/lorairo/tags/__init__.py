"""Tags: the canonical form, rendering per target, categories and vocabularies."""

from lorairo.tags.canonical import KAOMOJI, LONGEST_NAME, canonical, canonical_names, is_literal
from lorairo.tags.categories import (
    CATEGORIES,
    RATINGS,
    category_from_site,
    category_name,
    category_number,
    rating_name,
)
from lorairo.tags.implications import Implications
from lorairo.tags.known import download_vocabulary, known_vocabulary
from lorairo.tags.reading import read_vocabulary
from lorairo.tags.render import TARGETS, render, render_tag
from lorairo.tags.tagtext import looks_like_tags, split_tag_text, tag_spans
from lorairo.tags.vocabulary import Vocabulary, VocabularyEntry

__all__ = [
    "CATEGORIES",
    "KAOMOJI",
    "LONGEST_NAME",
    "RATINGS",
    "TARGETS",
    "Implications",
    "Vocabulary",
    "VocabularyEntry",
    "canonical",
    "canonical_names",
    "category_from_site",
    "category_name",
    "category_number",
    "download_vocabulary",
    "is_literal",
    "known_vocabulary",
    "looks_like_tags",
    "rating_name",
    "read_vocabulary",
    "render",
    "render_tag",
    "split_tag_text",
    "tag_spans",
]
