"""Tags: the canonical form, rendering per target, categories and vocabularies."""

from lorairo.tags.canonical import KAOMOJI, canonical, canonical_names, is_literal
from lorairo.tags.categories import (
    CATEGORIES,
    RATINGS,
    category_from_site,
    category_name,
    category_number,
    rating_name,
)
from lorairo.tags.render import TARGETS, render, render_tag
from lorairo.tags.tagtext import looks_like_tags, split_tag_text
from lorairo.tags.vocabulary import Vocabulary, VocabularyEntry, read_vocabulary

__all__ = [
    "CATEGORIES",
    "KAOMOJI",
    "RATINGS",
    "TARGETS",
    "Vocabulary",
    "VocabularyEntry",
    "canonical",
    "canonical_names",
    "category_from_site",
    "category_name",
    "category_number",
    "is_literal",
    "looks_like_tags",
    "rating_name",
    "read_vocabulary",
    "render",
    "render_tag",
    "split_tag_text",
]
