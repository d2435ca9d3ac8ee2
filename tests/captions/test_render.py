"""Effective captions: trigger first and once, one line, tags as the target wants them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lorairo.captions import STYLES, has_trigger, render_caption
from lorairo.errors import ArgumentError
from lorairo.tags import canonical

TAGS = ["1girl", "long_hair", "saber_(fate)", "^_^"]


def test_styles():
    prose = "A girl\n smiles."
    assert render_caption(TAGS) == "1girl, long hair, saber (fate), ^_^"
    assert render_caption(TAGS, prose, style="prose") == "A girl smiles."
    assert render_caption(TAGS, prose, style="both") == "A girl smiles., 1girl, long hair, saber (fate), ^_^"
    assert render_caption(TAGS, target="prompt") == r"1girl, long hair, saber \(fate\), ^_^"
    assert render_caption([], None, style="both", trigger="sks") == "sks"
    assert render_caption() == ""
    with pytest.raises(ArgumentError, match="prose"):
        render_caption(style="poem")  # type: ignore[arg-type]  # the mistake under test


def test_the_trigger_stands_first_and_once():
    assert render_caption(["dog", "my_dog"], trigger="My Dog") == "My Dog, dog"
    assert render_caption([], "a photo of my_dog", style="prose", trigger="my dog") == "a photo of my_dog"
    assert render_caption([], "a woman", style="prose", trigger="man") == "man, a woman"
    assert render_caption(["sks", "dog"], "a sks dog", style="both", trigger="sks") == "a sks dog, dog"


@pytest.mark.parametrize(
    ("text", "trigger", "found"),
    [
        ("a woman", "man", False),
        ("spider-man", "man", False),
        ("Man, hat", "man", True),
        ("red_hat girl", "red hat", True),
        ("red  hat", "red_hat", True),
        ("sks_dog", "sks", False),
        ("a [t] b", "[t]", True),
        ("anything", "", False),
    ],
)
def test_whole_tokens(text: str, trigger: str, found: bool):
    assert has_trigger(text, trigger) is found


@given(
    names=st.lists(st.text(max_size=8).map(canonical).filter(bool), max_size=5),
    text=st.text(max_size=40),
    style=st.sampled_from(STYLES),
    trigger=st.text("abz _-", max_size=6),
)
def test_any_caption_is_one_line_and_has_its_trigger(names: list[str], text: str, style: str, trigger: str):
    line = render_caption(names, text, style=style, trigger=trigger)  # type: ignore[arg-type]  # sampled from STYLES
    assert len(line.splitlines()) <= 1
    assert line == line.strip()
    if canonical(trigger).strip("-"):
        assert has_trigger(line, trigger)
