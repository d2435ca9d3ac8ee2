"""Completions in the search box and in the tag field."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from lorairo.query import complete, complete_tag, parse
from lorairo.tags import Vocabulary, VocabularyEntry

if TYPE_CHECKING:
    from lorairo.query import Index


@pytest.fixture
def vocabulary() -> Vocabulary:
    return Vocabulary(
        [
            VocabularyEntry("dog", 0, 1000, ("doggo", "hound")),
            VocabularyEntry("dogma", 3, 5),
            VocabularyEntry("hotdog", 0, 50),
            VocabularyEntry("wolf", 0, 70, ("hound_of_hell",)),
        ]
    )


def texts(text: str, index: Index, cursor: int | None = None, **options: object) -> list[str]:
    found = complete(text, len(text) if cursor is None else cursor, index, **options)  # type: ignore[arg-type]
    return [text[: each.start] + each.text + text[each.stop :] for each in found]


def test_fields_tags_operators(index: Index):
    assert texts("sh", index) == ["sharpness:"]
    assert texts("sk", index) == ["skin_tone:"]
    assert texts("d", index) == ["disagreement:", "dataset:", "dog", "outdoors", ":d"]
    assert "dog OR" in texts("dog o", index)
    assert "OR" not in texts("o", index)
    found = complete("do", 2, index)[0]
    assert (found.text, found.kind, found.label, found.count) == ("dog", "tag", "dog", 4)


def test_the_word_at_the_cursor_is_replaced(index: Index):
    assert texts("cat -(do -x", index, cursor=8) == ["cat -(dog -x", "cat -(outdoors -x"]
    assert texts("ou blurry", index, cursor=2)[0] == "outdoors blurry"
    assert texts("a oudoors", index, cursor=4)[0] == "a outdoors"


def test_values_of_fields(index: Index):
    assert texts("is:dis", index) == ["is:disputed"]
    assert texts("rating:", index) == [
        f"rating:{name}" for name in ("general", "sensitive", "questionable", "explicit")
    ]
    assert texts("x order:-sh", index) == ["x order:-sharpness"]
    assert texts("dataset:t", index) == ["dataset:train"]
    assert texts("source:wd-v", index) == ["source:wd-vit"]
    assert texts("refused:o", index) == ["refused:openai", "refused:openai/gpt-9"] or texts(
        "refused:o", index
    )
    assert texts("score(smi", index) == ["score(smile):>"]
    assert texts("format:p", index) == ["format:PNG"]


def test_what_is_offered_can_be_parsed(index: Index):
    for start in ("", "sa", ":", "(", "re", "o", "-", 'x "sab'):
        for text in texts(start, index):
            if not text.endswith((":", "(", ">", "OR", "AND", "-")):
                parse(text, index.score_names)


def test_aliases(index: Index, vocabulary: Vocabulary):
    assert texts("doggo", index, vocabulary=vocabulary) == ["dog"]


def test_the_tag_field(index: Index, vocabulary: Vocabulary):
    found = complete_tag("dog", index, np.array([2, 3, 4]), vocabulary=vocabulary)
    assert [(each.name, each.count, each.in_target, each.alias, each.new) for each in found] == [
        ("dog", 4, 2, None, False),
        ("dogma", 0, 0, None, False),
        ("hotdog", 0, 0, None, False),
    ]
    assert found[1].category == 3
    assert [(each.name, each.alias) for each in complete_tag("hound", index, vocabulary=vocabulary)] == [
        ("dog", "hound"),
        ("wolf", "hound_of_hell"),
    ]
    new = complete_tag("Brand New", index, vocabulary=vocabulary)
    assert [(each.name, each.new) for each in new] == [("brand_new", True)]
    assert [each.name for each in complete_tag("o", index, limit=2)] == ["outdoors", "o"]
    assert complete_tag("  ", index) == []
