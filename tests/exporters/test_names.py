from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from lorairo.exporters.names import numbered_stems, safe_stem, unique_stems

NAMES = st.lists(
    st.tuples(st.text(st.sampled_from("aAb.-_2 é日") | st.characters(), max_size=8), st.uuids().map(str))
)


def test_safe_stems():
    assert safe_stem("folder/Ein Bild_01.v2.JPG") == "Ein-Bild-01-v2"
    assert safe_stem(r"C:\photos\é.png") == "e"
    assert safe_stem("日本.png") == "image"
    assert safe_stem(".jpg") == "jpg"
    assert safe_stem("CON.png") == "CON-image"
    assert len(safe_stem("x" * 300 + ".png")) == 80


@settings(deadline=None)  # a busy machine is no failure
@given(NAMES)
def test_stems_are_safe_and_unique_and_do_not_depend_on_the_order(names: list[tuple[str, str]]):
    stems = unique_stems(names)
    assert len({stem.casefold() for stem in stems}) == len(names)
    assert all(re.fullmatch(r"[A-Za-z0-9-]+", stem) for stem in stems)
    backwards = unique_stems(names[::-1])[::-1]
    assert backwards == stems


@settings(deadline=None)  # a busy machine is no failure
@given(NAMES)
def test_numbers_do_not_depend_on_the_order(names: list[tuple[str, str]]):
    stems = numbered_stems(names, "my dog")
    assert len(set(stems)) == len(names)
    assert stems == numbered_stems(names[::-1], "my dog")[::-1]
