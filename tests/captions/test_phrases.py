"""Phrases that captions are better without: found by kind, taken away with what they stand in."""

from __future__ import annotations

import pytest

from lorairo.captions.phrases import OWN, chosen, cleaned, find, shipped
from lorairo.errors import ArgumentError


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("A dog. A watermark is visible in the corner. It runs.", "A dog. It runs."),
        ("A dog. There is a WATERMARKED stamp.", "A dog."),
        ("1girl, watermark, artist name, hat", "1girl, hat"),
        ("The image shows a dog on grass.", "A dog on grass."),
        ("A dog. In this image, the dog runs.", "A dog. The dog runs."),
        ("A man who appears to be happy.", "A man who is happy."),
        ("A stunning view over an breathtaking lake.", "A view over a lake."),
        ("This is a photo of a captivating old house.", "An old house."),
        ("The view is stunning.", "The view is stunning."),
        ("A dog. The overall mood is serene.", "A dog."),
        ("A dog. No text is visible.", "A dog."),
        ("A design signatures-like.", ""),
        ("A dog with assigned numbers, signaturesque.", "A dog with assigned numbers, signaturesque."),
        ("A dog.", "A dog."),
    ],
)
def test_captions_come_clean(text: str, left: str):
    assert cleaned(text, chosen(None)) == left


def test_a_clause_goes_alone_where_that_is_asked_for():
    wanted = chosen(["watermark"], takes="clause")
    assert cleaned("A dog on grass, with a watermark in the corner.", wanted) == "A dog on grass."
    assert cleaned("A dog on grass with a watermark. It runs.", wanted) == "A dog on grass. It runs."
    assert cleaned("A watermark, and a dog. It runs.", wanted) == "It runs."


def test_kinds_are_chosen_and_ones_own_phrases_added():
    text = "The image shows a dog. A frog on a log. A watermark."
    assert cleaned(text, chosen(["opening"])) == "A dog. A frog on a log. A watermark."
    assert cleaned(text, chosen([], ["frog"])) == "The image shows a dog. A watermark."
    assert cleaned(text, chosen([OWN], ["fro*"], "words")) == text.replace("A frog", "An")


def test_phrases_are_found_with_the_sentence_they_stand_in():
    found = find("The image shows a dog. A watermark.", chosen(None))
    assert [(one.kind, one.phrase, one.part) for one in found] == [
        ("opening", "The image shows", "The image shows a dog."),
        ("watermark", "watermark", "A watermark."),
    ]
    assert find("A dog.", chosen(None)) == []


def test_what_means_nothing_is_refused():
    with pytest.raises(ArgumentError, match="did you mean 'watermark'"):
        chosen(["watermarks"])
    with pytest.raises(ArgumentError, match="did you mean 'clause'"):
        chosen(None, takes="clauses")
    with pytest.raises(ArgumentError, match="a text with a word"):
        chosen(None, [" * "])


def test_the_list_covers_what_people_complain_of():
    assert {"watermark", "opening", "hedge", "praise"} <= set(shipped())
