"""Vocabulary files: aliases never pick silently, a tag wins over an alias."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lorairo.errors import ConfigError
from lorairo.tags import KAOMOJI, Vocabulary, VocabularyEntry, canonical, read_vocabulary, render_tag

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def vocabulary(tmp_path: Path):
    path = tmp_path / "tags.csv"
    path.write_text(
        'thighhighs,0,1000,"thighhigh,stockings"\nsingle_thighhigh,0,10,thighhigh\nstockings,0,5,\n'
        'saber_(fate),4,500,"artoria,セイバー"\n1girl,0,9000,girl\nhat,0,100,\nred_hat,0,50,\n',
        encoding="utf-8",
    )
    return read_vocabulary(path)


def test_aliases(vocabulary: Vocabulary):
    assert vocabulary.resolve("Stockings") == ("stockings",)
    assert vocabulary.resolve("thighhigh") == ("thighhighs", "single_thighhigh")
    assert vocabulary.resolve("セイバー") == ("saber_(fate)",)
    assert vocabulary.resolve("nothing") == ()


def test_completion_is_alias_aware(vocabulary: Vocabulary):
    found = vocabulary.complete("art")
    assert [(s.entry.name, s.alias) for s in found] == [("saber_(fate)", "artoria")]
    assert [s.entry.name for s in vocabulary.complete("hat")] == ["hat", "red_hat"]
    assert [s.entry.name for s in vocabulary.complete("h", 1)] == ["hat"]
    assert vocabulary.complete("") == []


def test_site_numbers_do_not_collide(tmp_path: Path):
    path = tmp_path / "e.csv"
    path.write_text("fox,5,10,\n", encoding="utf-8")
    assert read_vocabulary(path, site="e621").entries["fox"].category == 0
    assert read_vocabulary(path).entries["fox"].category == 5


def test_a_file_of_another_form_is_named(tmp_path: Path):
    path = tmp_path / "bad.csv"
    path.write_text("hat,0,1,\nname;category\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="line 2"):
        read_vocabulary(path)
    with pytest.raises(ConfigError, match=r"none\.csv"):
        read_vocabulary(tmp_path / "none.csv")


def test_the_danbooru_list(shared: Path):
    vocabulary = read_vocabulary(shared / "data" / "tags" / "danbooru.csv")
    assert len(vocabulary) == 140_742  # canonical() merges none of the names
    assert set(vocabulary.resolve("tails")) == {"tail", "multiple_tails"}
    assert vocabulary.resolve("red_pillow") == ("red_pillow",)
    with (shared / "data" / "tags" / "danbooru.csv").open(encoding="utf-8", newline="") as file:
        rows = [(row[0], row[3].split(",")) for row in csv.reader(file) if row[3]]
    names: dict[str, set[str]] = {}
    for name, aliases in rows:
        for alias in aliases:
            names.setdefault(alias, set()).add(name)
    ambiguous = {alias: found for alias, found in names.items() if len(found) > 1}
    assert len(ambiguous) == 36
    for alias, found in ambiguous.items():
        assert set(vocabulary.resolve(alias)) in ({alias}, found)


def test_completion_goes_from_the_same_over_the_beginning_to_a_part(vocabulary: Vocabulary):
    found = [(s.entry.name, s.alias) for s in vocabulary.complete("thighhigh")]
    assert found == [("thighhighs", "thighhigh"), ("single_thighhigh", "thighhigh")]
    assert [s.entry.name for s in vocabulary.complete("rtori")] == ["saber_(fate)"]  # inside an alias


@given(st.text(max_size=6), st.integers(-1, 4))
def test_completion_finds_what_a_look_at_every_word_finds(text: str, limit: int):
    entries = [
        VocabularyEntry("hat", 0, 9, ("cap", "ハット")),
        VocabularyEntry("red_hat", 0, 7),
        VocabularyEntry(">_<", 0, 5, (), ("目を閉じる",)),
        VocabularyEntry("cap_(headwear)", 0, 3, ("^^",)),
    ]
    typed = canonical(text)
    words = {entry.name: (entry.name, *entry.aliases, *entry.translations) for entry in entries}
    wanted = {name for name, known in words.items() if typed and any(typed in word for word in known)}
    found = [s.entry.name for s in Vocabulary(entries).complete(text, limit)]
    assert len(found) == len(set(found)) == min(max(0, limit), len(wanted))
    assert set(found) <= wanted


def test_every_face_completes_to_itself():
    vocabulary = Vocabulary([VocabularyEntry(face, 0, 1) for face in KAOMOJI])
    for face in KAOMOJI:
        assert vocabulary.complete(face, 1)[0].entry.name == face
        assert vocabulary.complete(render_tag(face, "prompt"), 1)[0].entry.name == face


def test_implications_and_translations_come_from_files_of_their_own(tmp_path: Path):
    tags, parents, words = tmp_path / "tags.csv", tmp_path / "parents.csv", tmp_path / "words.csv"
    tags.write_text("cat_ears,0,9,\nanimal_ears,0,20,\n", encoding="utf-8")
    parents.write_text("antecedent_name,consequent_name\ncat ears,animal_ears\n", encoding="utf-8")
    words.write_text('cat_ears,猫耳\nanimal_ears,"Tierohren,ケモミミ"\nunknown,nichts\n', encoding="utf-8")
    vocabulary = read_vocabulary(tags, implications=parents, translations=words)
    assert vocabulary.implications.of("cat_ears") == ("animal_ears",)
    assert [(s.entry.name, s.alias) for s in vocabulary.complete("tier")] == [("animal_ears", "tierohren")]
    assert vocabulary.complete("猫")[0].entry.name == "cat_ears"
    assert vocabulary.resolve("tierohren") == ()  # another language is no alias: no cleaner goes by it
    words.write_text("cat_ears\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"line 1 of .*words\.csv is not 'tag,translation'"):
        read_vocabulary(tags, translations=words)


def test_a_tag_called_like_the_head_of_a_table_is_a_tag(tmp_path: Path):
    path = tmp_path / "tags.csv"
    path.write_text("tag,0,5,\nname,4,3,\n", encoding="utf-8")
    assert list(read_vocabulary(path).entries) == ["tag", "name"]


def test_a_list_of_e621_is_known_by_its_name(tmp_path: Path):
    path = tmp_path / "e621_sfw.csv"
    path.write_text("fox,5,10,\n", encoding="utf-8")
    assert read_vocabulary(path).entries["fox"].category == 0
