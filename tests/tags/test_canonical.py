"""Canonical form, rendering, and telling tag lists from prose."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lorairo.errors import ArgumentError
from lorairo.tags import (
    KAOMOJI,
    RATINGS,
    TARGETS,
    canonical,
    category_from_site,
    category_name,
    category_number,
    looks_like_tags,
    rating_name,
    render,
    render_tag,
    split_tag_text,
)

if TYPE_CHECKING:
    from lorairo.tags.render import Target

FACES = [
    ":d",
    ";d",
    ":3",
    ";)",
    ":o",
    "^_^",
    ">_<",
    "3_3",
    r"\m/",
    r"\o/",
    r"\||/",
    r"\\//",
    r"\(^o^)/",
    "ಠ_ಠ",
    ";_;",
]
NAMES = [
    "red_hat",
    "saber_(fate)",
    "1girl",
    "score_9",
    "score_8_up",
    "fate/stay_night",
    "re:zero",
    "t_k",
    "no.",
]


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", [*sorted(KAOMOJI), *FACES, *NAMES])
def test_rendering_is_turned_back(name: str, target: Target):
    assert canonical(name) == name
    assert canonical(render_tag(name, target)) == name


@given(text=st.text(max_size=30), target=st.sampled_from(TARGETS))
def test_any_text_has_one_canonical_form(text: str, target: Target):
    name = canonical(text)
    assert canonical(name) == name
    assert canonical(render_tag(name, target)) == name


@given(st.lists(st.text("ab_ ()\\:;^-é", min_size=1, max_size=8).map(canonical).filter(bool), max_size=6))
def test_a_rendered_list_splits_into_the_same_tags(names: list[str]):
    for target in ("kohya", "prompt"):
        assert [canonical(part) for part in split_tag_text(render(names, target, separator=",\n"))] == names


def test_the_nineteen_faces_keep_their_underscore():
    assert len(KAOMOJI) == 19
    for face in KAOMOJI:
        assert "_" in render_tag(face, "kohya")
    assert render_tag("(o)_(o)", "prompt") == r"\(o\)_\(o\)"


def test_canonical_forms():
    assert canonical("  Red   Hat ") == "red_hat"
    assert canonical(r"Saber \(Fate\)") == "saber_(fate)"
    assert canonical("_a__b_") == "a_b"
    assert canonical(", ,") == ""


def test_rendering_per_target():
    names = ["long_hair", "saber_(fate)", "^_^", "score_9"]
    assert render(names) == "long hair, saber (fate), ^_^, score_9"
    assert render(names, "underscores") == "long_hair, saber_(fate), ^_^, score_9"
    assert render(names, "prompt") == r"long hair, saber \(fate\), ^_^, score_9"
    with pytest.raises(ArgumentError, match="kohya"):
        render(names, "kohia")


def test_splitting():
    assert split_tag_text("red hat, ;d,, (tag:1.2)\nx") == ["red hat", ";d", "(tag:1.2)", "x"]
    assert split_tag_text("(red hat:1.2), poster (object)", weights=True) == ["red hat", "poster (object)"]
    assert split_tag_text("1girl long_hair red_hat") == ["1girl", "long_hair", "red_hat"]
    assert split_tag_text("\ufeffdog") == ["dog"]


@pytest.mark.parametrize(
    "text",
    [
        "dog",
        "red hat",
        "1girl, solo, long hair, looking at viewer",
        "sks dog, hand on own hip, holding sword",
        "1girl solo long_hair red_hat",
        "dr._mario, ;d, (o)_(o)",
        "ohwx woman, red dress",
        "fate/stay night, saber (fate)",
    ],
)
def test_tag_lists(text: str):
    assert looks_like_tags(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "A photo of a dog",
        "a dog on a beach, the sun is low",
        "The cat sits. It looks at us.",
        "photo of sks dog",
        "Two men talk on a busy street in the rain, while a small dog watches them from afar",
        "a woman in a red dress, smiling",
        "her hair is long, red and curly.",
    ],
)
def test_prose(text: str):
    assert not looks_like_tags(text)


def test_categories_and_ratings():
    assert category_number("Character") == 4
    assert category_number(9) == 9
    assert category_name(3) == "copyright"
    with pytest.raises(ArgumentError, match="did you mean character"):
        category_number("caracter")
    assert category_from_site("e621", 5) == 0
    assert category_from_site("e621", 7) == category_from_site("danbooru", 5) == 5
    assert rating_name("s") == "sensitive"
    assert rating_name("s", scheme="e621") == "general"
    assert rating_name("rating:explicit") == "explicit"
    assert rating_name("dog") is None


def test_a_semicolon_never_separates_tags():
    assert split_tag_text("nier;automata, ;d, ;)") == ["nier;automata", ";d", ";)"]


def test_weights_are_read_only_when_asked_for():
    assert [canonical(part) for part in split_tag_text("poster (object), (hat:1.2)")] == [
        "poster_(object)",
        "(hat:1.2)",
    ]


def test_backslashes_of_prompts_are_not_stored_and_only_prompts_get_them():
    name = canonical(r"saber \(fate\)")
    assert name == "saber_(fate)"
    assert "\\" not in render_tag(name, "kohya") + render_tag(name, "underscores")
    assert canonical(r"saber \\(fate\\)") == name  # escaped twice, as cleaners of other tools leave it


def test_quality_tokens_keep_their_underscores():
    for name in ("score_9", "score_8_up", "source_anime", "rating_safe"):
        assert render_tag(name, "kohya") == name


def test_letter_case_never_tells_tags_apart():
    assert canonical("Red_Hat") == canonical("RED HAT") == "red_hat"
    assert canonical("ΟΔΟΣ") == "οδος"


@given(st.integers(-1, 20))
def test_a_category_of_a_site_is_one_of_ours(number: int):
    for site in ("danbooru", "e621"):
        ours = category_from_site(site, number)
        assert category_number(category_name(ours)) == ours
    assert category_from_site("danbooru", 5) != category_from_site("e621", 5)  # meta here, species there


@given(st.sampled_from(RATINGS), st.sampled_from(["{}", "rating:{}", "rating_{}", " Rating: {} "]))
def test_a_rating_is_read_in_every_spelling(rating: str, spelling: str):
    assert rating_name(spelling.format(rating)) == rating


def test_the_letter_s_means_another_rating_on_another_site():
    assert rating_name("rating:s") != rating_name("rating:s", scheme="e621")
    with pytest.raises(ArgumentError, match="danbooru, e621"):
        rating_name("s", scheme="gelbooru")
