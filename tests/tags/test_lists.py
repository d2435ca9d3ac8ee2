"""Lists of words in files: what is written is read again."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lorairo.errors import ArgumentError, ConfigError
from lorairo.tags import CATEGORIES, canonical
from lorairo.tags.lists import Word, read_words, write_words

PRINTABLE = st.characters(exclude_categories=("C", "Z")) | st.just(" ")
NAMES = st.text(PRINTABLE, min_size=1, max_size=12).map(canonical).filter(bool)
WORDS = st.lists(
    st.builds(
        Word,
        NAMES,
        st.sampled_from(sorted(CATEGORIES.values())),
        st.integers(0, 10**7),
        st.lists(NAMES, max_size=3, unique=True).map(tuple),
        st.booleans(),
    ),
    max_size=6,
    unique_by=lambda word: word.name,
)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=WORDS)
def test_json_keeps_everything_and_csv_all_but_pins(words: list[Word], tmp_path: Path):
    assert read_words(write_words(words, tmp_path / "words.json")) == words
    from_csv = {word.name: word for word in read_words(write_words(words, tmp_path / "words.csv"))}
    assert from_csv == {w.name: Word(w.name, w.category, w.count, w.aliases) for w in words}
    names = [word.name for word in read_words(write_words(words, tmp_path / "words.txt"))]
    assert names == [word.name for word in words]


def test_other_forms_are_named(tmp_path: Path):
    with pytest.raises(ArgumentError, match=r"words\.xls"):
        write_words([], tmp_path / "words.xls")
    for text in ("{", '[{"tag": "hat"}]', '["hat"]', '[{"name": "hat", "category": "hats"}]', "3"):
        (tmp_path / "words.json").write_text(text, encoding="utf-8")
        with pytest.raises(ConfigError, match="to_file"):
            read_words(tmp_path / "words.json")
    with pytest.raises(ConfigError, match=r"none\.txt"):
        read_words(tmp_path / "none.txt")
