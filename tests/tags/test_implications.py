"""Implications: direction matters, circles end, nothing is dropped for being part of another word."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lorairo.tags import Implications

EARS = Implications({"cat_ears": ["animal_ears"], "kitten_ears": ["cat_ears"], "animal_ears": ["ears"]})
TAGS = st.lists(st.sampled_from("abcdef"), max_size=6, unique=True)
ANY = st.dictionaries(st.sampled_from("abcdef"), st.lists(st.sampled_from("abcdef"), max_size=3))


def test_a_child_implies_its_parents_and_never_the_other_way():
    assert EARS.of("kitten_ears") == ("cat_ears", "animal_ears", "ears")
    assert EARS.of("ears") == ()
    assert EARS.strip(["animal_ears", "smile", "kitten_ears"]) == ["smile", "kitten_ears"]
    assert EARS.expand(["cat_ears", "smile"]) == ["cat_ears", "smile", "animal_ears", "ears"]


def test_parts_of_words_are_no_implications():
    assert EARS.strip(["cat", "cat_ears", "male", "female"]) == ["cat", "cat_ears", "male", "female"]


@given(parents=ANY, names=TAGS)
def test_what_is_stripped_comes_back_by_expanding(parents: dict[str, list[str]], names: list[str]):
    implications = Implications(parents)
    stripped = implications.strip(names)
    assert set(names) <= set(implications.expand(stripped))
    assert implications.strip(stripped) == stripped
    assert [name for name in names if name in stripped] == stripped


@given(parents=ANY, names=TAGS)
def test_expanding_adds_behind_and_only_once(parents: dict[str, list[str]], names: list[str]):
    implications = Implications(parents)
    expanded = implications.expand(names)
    assert expanded[: len(names)] == names
    assert implications.expand(expanded) == expanded
