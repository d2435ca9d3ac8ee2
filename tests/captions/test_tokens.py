"""Exact token counts, with a tokenizer file."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from lorairo.captions import TokenCounter
from lorairo.errors import ConfigError, MissingExtra

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def tokenizer(tmp_path: Path) -> Path:
    """A tokenizer that knows words and commas, and asks for cutting and padding as CLIP's file does."""
    tokenizers = pytest.importorskip("tokenizers")
    words = {word: number for number, word in enumerate(["[UNK]", ",", "red", "hat", "dog"])}
    made = tokenizers.Tokenizer(tokenizers.models.WordLevel(words, unk_token="[UNK]"))
    made.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    made.enable_truncation(4)
    made.enable_padding(length=4)
    made.save(str(tmp_path / "tokenizer.json"))
    return tmp_path


def test_counts_are_neither_cut_nor_padded(tokenizer: Path):
    assert TokenCounter(tokenizer).count_many(["red hat", "red hat, dog, red hat"]) == [2, 7]
    assert TokenCounter(tokenizer / "tokenizer.json").count_many(["", "dog"]) == [0, 1]


def test_where_reading_ends(tokenizer: Path):
    counter = TokenCounter(tokenizer)
    assert counter.fits("red hat, dog", 3) == len("red hat, ")
    assert counter.fits("red hat, dog", 4) == len("red hat, dog")


def test_a_wrong_file_is_named(tmp_path: Path):
    with pytest.raises(ConfigError, match=r"tokenizer\.json"):
        TokenCounter(tmp_path)
    (tmp_path / "tokenizer.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ConfigError, match="is no tokenizer"):
        TokenCounter(tmp_path)


def test_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    with pytest.raises(MissingExtra, match=r"lorairo\[tokens\]"):
        TokenCounter(tmp_path)
