"""Vocabulary files: aliases never pick silently, a tag wins over an alias."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pytest

from lorairo.errors import ConfigError
from lorairo.tags import read_vocabulary

if TYPE_CHECKING:
    from pathlib import Path

    from lorairo.tags import Vocabulary


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
