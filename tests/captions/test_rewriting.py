"""A text gets other tags or words; what was not meant stays as it was written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lorairo.captions import rewrite_prose, rewrite_tags, tag_names
from lorairo.tags import split_tag_text

LISTS = st.lists(
    st.sampled_from(
        [
            "dog",
            " Long Hair",
            "long_hair",
            "saber \\(fate\\)",
            "(hat:1.2)",
            "",
            " ",
            "^_^",
            "score_9",
            "a b_c",
            ",",
            "x" * 300,
        ]
    ),
    max_size=8,
).flatmap(
    lambda parts: st.sampled_from([", ", ",", " ,\t", "\n", "\r\n", " ", ",\r\n"]).map(
        lambda gap: gap.join(parts)
    )
)
NAMES = st.lists(
    st.sampled_from(["dog", "long_hair", "saber_(fate)", "red_hat", "^_^", "cat", "score_9", "solo"]),
    unique=True,
    max_size=5,
)


def listed(text: str) -> tuple[str, ...]:
    return tag_names(split_tag_text(text))


@pytest.mark.parametrize(
    ("text", "names", "result"),
    [
        ("dog, cat, hat\n", ["dog", "hat"], "dog, hat\n"),
        ("dog, cat,\r\n", ["dog"], "dog,\r\n"),
        ("Dog,cat", ["dog", "cat", "red_hat"], "Dog,cat,red hat"),
        ("long_hair, cat", ["long_hair", "red_hat", "cat"], "long_hair, red_hat, cat"),
        ("Saber \\(fate\\), hat", ["saber_(fate)", "x_(y)", "hat"], "Saber \\(fate\\), x \\(y\\), hat"),
        ("(dog:1.2), cat,, dog", ["(dog:1.2)", "dog"], "(dog:1.2),, dog"),
        ("dog, cat\nhat, sun", ["dog", "hat", "sun"], "dog\nhat, sun"),
        ("dog, cat\nhat, sun", ["dog", "cat", "sun"], "dog, cat\nsun"),
        ("dog, Dog, cat, dog", ["dog", "cat"], "dog, Dog, cat, dog"),
        ("dog, Dog, cat, dog", ["cat"], "cat"),
        ("1girl long_hair red_hat", ["1girl", "red_hat"], "1girl red_hat"),
        ("1girl solo red_hat", ["1girl", "solo"], "1girl, solo"),
        ("a_b c", ["a_b"], "a_b"),
        ("dog, cat, hat", ["hat", "dog", "cat"], "hat, dog, cat"),
        ("dog, cat, dog", ["cat", "dog"], "cat, dog, dog"),
        ("dog\n", [], "\n"),
        ("\n", ["dog"], "dog\n"),
        ("", ["red_hat", "dog"], "red hat, dog"),
        (", ,", [], ", ,"),
    ],
)
def test_only_what_was_meant_changes(text: str, names: list[str], result: str):
    assert rewrite_tags(text, names) == result


def test_a_text_without_a_manner_of_its_own_follows_the_target():
    assert rewrite_tags("dog", ["dog", "x_(y)"], target="prompt", separator=",") == "dog,x \\(y\\)"
    assert rewrite_tags("", ["red_hat", "dog"], target="underscores") == "red_hat, dog"


@given(LISTS)
def test_the_tags_it_has_change_nothing(text: str):
    assert rewrite_tags(text, listed(text)) == text


@given(LISTS, NAMES)
def test_it_lists_what_was_asked_for(text: str, names: list[str]):
    assert listed(rewrite_tags(text, names)) == tuple(names)


@pytest.mark.parametrize(
    ("text", "caption", "result"),
    [
        ("A dog.\n", "A cat.", "A cat.\n"),
        ("  A dog.\r\nIt sits.\r\n", "A cat.\nIt lies.", "  A cat.\r\nIt lies.\r\n"),
        ("A dog.\n", None, "\n"),
        ("", "A cat.", "A cat."),
        (" \n", "A cat.", "A cat.\n"),
    ],
)
def test_prose(text: str, caption: str | None, result: str):
    assert rewrite_prose(text, caption) == result
