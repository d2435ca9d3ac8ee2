"""Sentences: split where people end them, compared by what they say, taken out without a trace."""

# ruff: noqa: RUF001 - texts as people write them

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lorairo.sentences import cut, key, spans, split, without


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("A dog. It runs!", ["A dog.", "It runs!"]),
        ("A dog runs", ["A dog runs"]),
        ("Mr. Smith at 5 p.m. in St. Ives. He waves.", ["Mr. Smith at 5 p.m. in St. Ives.", "He waves."]),
        ("A 3.5 m wall. It is old.", ["A 3.5 m wall.", "It is old."]),
        ("J. R. R. Tolkien reads. He smokes.", ["J. R. R. Tolkien reads.", "He smokes."]),
        (
            'A sign says "Stop. Go home." in red. A man looks.',
            ['A sign says "Stop. Go home." in red.', "A man looks."],
        ),
        ("A sign says “Stop. Go.” in red. Fine.", ["A sign says “Stop. Go.” in red.", "Fine."]),
        ('She says "Stop!" He stops.', ['She says "Stop!"', "He stops."]),
        ('A 6" doll. It sits.', ['A 6" doll.', "It sits."]),
        ("Wait... what is it? A cat…", ["Wait... what is it?", "A cat…"]),
        ("一只狗。它在跑！真的吗？是", ["一只狗。", "它在跑！", "真的吗？", "是"]),
        ("標語「停。走。」很大。完", ["標語「停。走。」很大。", "完"]),
        ("First line\nsecond line. Third", ["First line", "second line.", "Third"]),
        ("A dog, e.g. Rex. It sits.", ["A dog, e.g. Rex.", "It sits."]),
        ("A cat etc. It sits.", ["A cat etc. It sits."]),
        ("1girl, solo, red hat", ["1girl, solo, red hat"]),
        ("", []),
        (" \n ", []),
    ],
)
def test_sentences_end_where_people_end_them(text: str, parts: list[str]):
    assert split(text) == parts


def test_sentences_that_say_the_same_have_one_key():
    assert (
        key(" A  Watermark is visible. ") == key('"a watermark is visible"') == key("A watermark is visible!")
    )
    assert key("A dog.") != key("A cat.")


def test_sentences_go_without_a_trace():
    text = "A dog. A watermark is visible. It runs.\nA second line. The end."
    assert without(text, {key("a watermark is visible"), key("A second line")}) == "A dog. It runs.\nThe end."
    assert without("A dog. A watermark.", {key("A watermark")}) == "A dog."
    assert without("A watermark. A dog.", {key("A watermark")}) == "A dog."
    assert without("A dog.", {key("A dog")}) == ""
    assert without("一只狗。有水印。它在跑。", {key("有水印")}) == "一只狗。它在跑。"
    assert without("As  it was. ", set()) == "As  it was. "


WRITTEN = st.text(alphabet="aB .!?\"“”。\n…'", max_size=60)


@given(WRITTEN)
def test_nothing_but_blanks_lies_between_sentences(text: str):
    parts = spans(text)
    place = 0
    for start, end in parts:
        assert not text[place:start].strip()
        assert text[start:end].strip() == text[start:end] != ""
        place = end
    assert not text[place:].strip()


@given(WRITTEN, st.sets(st.integers(0, 5)))
def test_what_is_left_is_what_was_not_taken(text: str, chosen: set[int]):
    parts = spans(text)
    gone = [part for number, part in enumerate(parts) if number in chosen]
    kept = "".join(text[slice(*part)] for number, part in enumerate(parts) if number not in chosen)
    assert "".join(cut(text, gone).split()) == "".join((kept if gone else text).split())
