"""Token counts: exact where a tokenizer of the right family is here, else an estimate that says so."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from lorairo.captions.counting import counting, countings
from lorairo.captions.estimate import estimate, estimated_fit
from lorairo.captions.finding import family_of, tokenizer_of
from lorairo.captions.profiles import Family
from lorairo.errors import ArgumentError, ConfigError

GOLDEN = {  # counted with the real tokenizers
    "a photo of an astronaut riding a horse on mars": {
        "clip": 10,
        "t5": 12,
        "umt5": 10,
        "qwen": 10,
        "mistral": 10,
    },
    "1girl, solo, long hair, looking at viewer, smile, blue eyes, school uniform, outdoors, cherry blossoms, "
    "masterpiece": {"clip": 26, "t5": 27, "umt5": 31, "qwen": 27, "mistral": 28},
    "An elderly fisherman in a yellow raincoat mends a net on a stone pier at dusk; gulls circle overhead "
    "and the harbour lights reflect in the dark water.": {
        "clip": 32,
        "t5": 44,
        "umt5": 38,
        "qwen": 34,
        "mistral": 36,
    },
    "hatsune miku, vocaloid, twintails, aqua hair, detached sleeves, necktie, ^_^, 4k, absurdres": {
        "clip": 27,
        "t5": 38,
        "umt5": 33,
        "qwen": 32,
        "mistral": 32,
    },
    'The sign above the shop reads "OPEN 24 HOURS" in red neon letters, and a bicycle leans against the wall '
    "beneath it.": {"clip": 27, "t5": 32, "umt5": 32, "qwen": 29, "mistral": 31},
    "夕暮れの海辺に立つ、白いワンピースの女の子。髪が風になびいている。": {
        "clip": 57,
        "qwen": 27,
        "mistral": 31,
    },
    "Девушка в красном платье стоит у окна и смотрит на дождь": {  # noqa: RUF001 - it is Russian
        "clip": 56,
        "t5": 44,
        "qwen": 23,
        "mistral": 22,
    },
}


@pytest.fixture(autouse=True)
def no_hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The cache of the hub is a folder of this test."""
    constants = pytest.importorskip("huggingface_hub.constants")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    return tmp_path / "hub"


def trained(family: str, file: Path) -> Path:
    """Make a small tokenizer of the kind a family has."""
    tokenizers: Any = pytest.importorskip("tokenizers")
    if family == "t5":
        made = tokenizers.Tokenizer(tokenizers.models.Unigram([("<unk>", 0.0), ("▁hat", -1.0)], unk_id=0))
        made.pre_tokenizer = tokenizers.pre_tokenizers.Metaspace()
    else:
        made = tokenizers.Tokenizer(tokenizers.models.BPE(unk_token="<unk>", end_of_word_suffix="</w>"))
        made.normalizer = tokenizers.normalizers.Lowercase()
        made.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
        trainer = tokenizers.trainers.BpeTrainer(
            special_tokens=["<unk>"], end_of_word_suffix="</w>", show_progress=False
        )
        made.train_from_iterator(["a red hat on a dog, a red hat"] * 20, trainer)
    file.parent.mkdir(parents=True, exist_ok=True)
    made.save(str(file))
    return file


@pytest.mark.parametrize("text", GOLDEN)
def test_an_estimate_is_near_the_real_count(text: str):
    for family, real in GOLDEN[text].items():
        assert estimate(text, family) == pytest.approx(real, rel=0.31, abs=1.5), family  # type: ignore[arg-type]


def test_an_estimate_of_clip_is_nearer_than_a_quarter_of_the_characters():
    texts = [text for text in GOLDEN if text.isascii()]
    off = sum(abs(estimate(text, "clip") - GOLDEN[text]["clip"]) for text in texts)
    rough = sum(abs(len(text) / 4 - GOLDEN[text]["clip"]) for text in texts)
    assert off < rough / 2


def test_nothing_is_nothing():
    assert [estimate(text, "t5") for text in ("", "   \n")] == [0, 0]


def test_where_an_estimate_ends_lies_between_words():
    text = ", ".join(f"tag number {number}" for number in range(60))
    read = estimated_fit(text, "clip", 75)
    assert estimate(text[:read], "clip") <= 75 < estimate(text[: read + 12], "clip")
    assert estimated_fit("red hat", "clip", 75) == len("red hat")


def test_without_a_tokenizer_the_count_is_marked():
    found = counting("sdxl").count("a red hat")
    assert (str(found), found.exact, found.encoder, found.over) == ("≈3 / 75", False, "CLIP", False)
    assert counting("flux").count("hat " * 600).over


def test_the_tokenizer_that_is_set_counts_exactly(tmp_path: Path):
    file = trained("clip", tmp_path / "clip" / "tokenizer.json")
    for setting in (file, file.parent, tmp_path):
        counted = counting("sdxl", tokenizer=setting)
        assert counted.exact
        assert str(counted.count("a red hat, a red hat")) == "7 / 75"
    long = "hat " * 80
    assert counted.fits(long) == len("hat " * 75)


def test_a_tokenizer_of_another_family_is_passed_over(tmp_path: Path):
    file = trained("clip", tmp_path / "tokenizer.json")
    assert family_of(file) == "clip"
    five, clip = countings("flux", tokenizer=file)
    assert (five.encoder.name, five.exact) == ("T5", False)
    assert (clip.encoder.name, clip.exact) == ("CLIP", True)


def test_without_a_target_the_tokenizer_says_whose_it_is(tmp_path: Path):
    file = trained("t5", tmp_path / "tokenizer.json")
    assert str(counting(tokenizer=file).count("hat hat")) == "2 / 512"
    assert counting().encoder.name == "CLIP"


def test_the_cache_of_the_hub_is_looked_into(no_hub: Path):
    assert tokenizer_of("t5", None) is None
    repository = no_hub / "models--google-t5--t5-base"
    trained("t5", repository / "snapshots" / ("a" * 40) / "tokenizer.json")
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text("a" * 40, encoding="utf-8")
    assert counting("chroma").exact
    assert not counting("sdxl").exact


def test_without_the_package_counts_are_estimates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    file = trained("clip", tmp_path / "tokenizer.json")
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    assert not counting("sdxl", tokenizer=file).exact


def test_a_setting_that_names_nothing_is_an_error(tmp_path: Path):
    with pytest.raises(ConfigError, match="there is no tokenizer at"):
        counting("sdxl", tokenizer=tmp_path / "nowhere")
    (tmp_path / "tokenizer.json").write_text("nothing", encoding="utf-8")
    with pytest.raises(ConfigError, match="is no tokenizer"):
        counting("sdxl", tokenizer=tmp_path)
    with pytest.raises(ArgumentError, match="did you mean 'flux'"):
        counting("fluxx")


@pytest.mark.parametrize("family", ["clip", "t5", "umt5", "qwen", "mistral", "gemma"])
def test_a_longer_text_is_never_fewer_tokens(family: Family):
    words = ["a", "red", "hat", "1", "photolithography", "帽子", "шапка", "^_^", "HAT"]
    counts = [estimate(" ".join(words[:number]), family) for number in range(len(words) + 1)]
    assert counts == sorted(counts)
