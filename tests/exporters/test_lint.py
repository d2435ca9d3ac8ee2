from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from lorairo.exporters import find

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from lorairo.exporters.plan import ExportItem, Finding

    Make = Callable[..., ExportItem]
    Lint = Callable[..., dict[str, Finding]]


@pytest.fixture
def lint(tmp_path: Path) -> Lint:
    """Lint items with options: findings by rule."""

    def run(items: list[ExportItem], **options: Any) -> dict[str, Finding]:
        planned = find("kohya").plan(items, tmp_path / "out", **options)
        return {found.rule: found for found in planned.findings}

    return run


@pytest.fixture
def dozen(make_item: Make) -> list[ExportItem]:
    """Twelve images of 1024 x 1024 with nothing wrong."""
    return [make_item(seed, size=(64, 64), width=1024, height=1024) for seed in range(1, 13)]


def test_a_good_set_has_no_warnings(dozen: list[ExportItem], lint: Lint):
    found = lint(dozen, trigger="zxc girl", caption_extension=".caption")
    assert {rule for rule, finding in found.items() if finding.level != "info"} == set()
    assert set(found) == {"tokens-estimated"}


def test_captions_that_are_missing_or_only_the_trigger(dozen: list[ExportItem], make_item: Make, lint: Lint):
    bare = make_item(20, tags=(), width=1024, height=1024)
    assert lint([*dozen, bare])["no-caption"].level == "error"
    assert lint([*dozen, bare])["no-caption"].ids == (20,)
    assert lint([*dozen, bare], captions="prose")["no-caption"].message == "13 images need a caption"
    omitted = lint([*dozen, bare], missing="omit", trigger="zxc")["no-caption"]
    assert (omitted.level, omitted.message) == ("warning", "1 image without caption train as 'zxc'")
    own = make_item(21, tags=(("zxc_girl", 0),), width=1024, height=1024)
    assert lint([*dozen, own], trigger="zxc girl")["trigger-only"].ids == (21,)


def test_blank_captions_count_as_missing(dozen: list[ExportItem], make_item: Make, lint: Lint):
    blank = make_item(20, caption=" \n ", width=1024, height=1024)
    assert 20 in lint([*dozen, blank], captions="prose")["no-caption"].ids


def test_long_captions_are_counted_by_the_tokenizer_given(
    dozen: list[ExportItem], make_item: Make, lint: Lint, tmp_path: Path
):
    tokenizer = {
        "version": "1.0",
        "model": {"type": "WordLevel", "vocab": {"x": 0, "[UNK]": 1}, "unk_token": "[UNK]"},
        "pre_tokenizer": {"type": "Whitespace"},
        "added_tokens": [],
    }
    file = tmp_path / "tokenizer.json"
    file.write_text(json.dumps(tokenizer), encoding="utf-8")
    long = make_item(20, caption=" ".join(["word"] * 76), width=1024, height=1024)
    estimated = lint([*dozen, long], captions="both")
    assert estimated["too-long"].ids == (20,)
    assert "(longest ≈" in estimated["too-long"].message
    found = lint([*dozen, long], captions="both", tokenizer=file)
    assert "tokens-estimated" not in found
    assert "(longest 81)" in found["too-long"].message
    assert found["too-long"].ids == (20,)
    assert "too-long" not in lint([*dozen, long], captions="both", tokenizer=file, max_tokens=150)


def test_the_profile_says_how_long_a_caption_may_be(
    dozen: list[ExportItem], make_item: Make, lint: Lint, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    constants = pytest.importorskip("huggingface_hub.constants")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "no hub"))
    longish = make_item(20, caption="a word, " * 60, width=1024, height=1024)
    assert lint([*dozen, longish], captions="prose", profile="sdxl")["too-long"].ids == (20,)
    found = lint([*dozen, longish], captions="prose", profile="flux")
    assert "too-long" not in found
    assert "the tokenizer of T5 is not here" in found["tokens-estimated"].message
    late = make_item(21, caption="a word, " * 60 + "zxc girl", width=1024, height=1024)
    found = lint([*dozen, longish, late], captions="prose", profile="flux", trigger="zxc girl")
    assert found["trigger-late"].ids == (21,)
    assert "the 75 tokens that CLIP reads" in found["trigger-late"].message


@pytest.mark.parametrize(("trigger", "warned"), [("woman", True), ("dog in hat", True), ("zxc woman", False)])
def test_a_trigger_that_is_a_word(dozen: list[ExportItem], lint: Lint, trigger: str, warned: bool):
    assert ("trigger-is-a-word" in lint(dozen, trigger=trigger)) is warned


def test_a_trigger_from_the_vocabulary(
    dozen: list[ExportItem], lint: Lint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    file = tmp_path / "tags.csv"
    file.write_text("hatsune_miku,4,100000,\n", encoding="utf-8")
    monkeypatch.setenv("LORAIRO_VOCABULARY", str(file))
    assert "trigger-is-a-word" in lint(dozen, trigger="hatsune miku")


def test_a_trigger_inside_a_word(dozen: list[ExportItem], make_item: Make, lint: Lint):
    item = make_item(20, tags=(("mansion", 0),), width=1024, height=1024)
    assert lint([*dozen, item], trigger="man")["trigger-inside-word"].ids == (20,)
    assert "trigger-inside-word" not in lint(dozen, trigger="zxc")


def test_no_trigger_is_worth_a_word(dozen: list[ExportItem], lint: Lint):
    assert lint(dozen)["no-trigger"].level == "info"


def test_tags_where_sentences_were_asked_for(dozen: list[ExportItem], make_item: Make, lint: Lint):
    prose = [
        make_item(seed, caption="A girl stands on a bridge.", width=1024, height=1024)
        for seed in range(30, 40)
    ]
    listed = make_item(40, caption="1girl, solo, bridge, smile", width=1024, height=1024)
    assert lint([*prose, listed], captions="prose")["mixed-styles"].ids == (40,)
    assert "mixed-styles" not in lint(prose, captions="prose")


def test_the_form_a_model_was_trained_on(dozen: list[ExportItem], lint: Lint):
    assert "form-of-model" in lint(dozen, profile="flux", captions="tags")
    assert "form-of-model" in lint(dozen, profile="pony", captions="prose", missing="omit")
    assert "form-of-model" not in lint(dozen, profile="pony")
    assert "form-of-model" not in lint(dozen, profile="sdxl", captions="prose", missing="omit")


def test_sentences_that_would_be_shuffled(make_item: Make, lint: Lint):
    items = [make_item(1, caption="A girl, smiling.", width=1024, height=1024)]
    assert lint(items, captions="prose", layout="toml", shuffle_caption=True)["prose-is-shuffled"].ids == (1,)
    assert "prose-is-shuffled" not in lint(items, captions="prose", layout="toml")


def test_a_trigger_that_would_be_shuffled_away(dozen: list[ExportItem], lint: Lint):
    options = {"layout": "toml", "shuffle_caption": True, "trigger": "zxc, cape"}
    assert "trigger-is-shuffled" in lint(dozen, keep_tokens=1, **options)
    assert "trigger-is-shuffled" not in lint(dozen, **options)


def test_marks_that_would_be_learnt_as_letters(make_item: Make, lint: Lint):
    items = [
        make_item(1, caption="zxc ||| a girl", width=1024, height=1024),
        make_item(2, caption="a {red|blue} hat", width=1024, height=1024),
        make_item(3, caption="a hat", width=1024, height=1024),
    ]
    assert lint(items, captions="prose")["literal-marks"].ids == (1, 2)
    options = {"captions": "prose", "layout": "toml", "enable_wildcard": True, "keep_tokens_separator": "|||"}
    assert "literal-marks" not in lint(items, **options)


def test_a_tag_with_the_separator_in_it(dozen: list[ExportItem], make_item: Make, lint: Lint):
    odd = make_item(20, tags=(("a;b", 0),), width=1024, height=1024)
    assert lint([*dozen, odd], layout="toml", caption_separator=";")["comma-in-tag"].ids == (20,)
    assert "comma-in-tag" not in lint([*dozen, odd])


def test_the_trap_of_the_longest_side(dozen: list[ExportItem], make_item: Make, lint: Lint):
    wide = make_item(20, size=(64, 64), width=1920, height=1080, name="wide.jpg")
    found = lint([*dozen, wide], max_bucket_reso=1024)["max-bucket-reso"]
    assert found.ids == (20,)
    assert "wide.jpg (1920x1080) trains at 1024x576, not 1344x768" in found.message
    assert "max-bucket-reso" not in lint([*dozen, wide])


def test_sizes(dozen: list[ExportItem], make_item: Make, lint: Lint):
    small = make_item(20, size=(64, 64), width=500, height=500)
    strip = make_item(21, size=(64, 64), width=4000, height=300)
    thin = make_item(22, size=(64, 64), width=4000, height=40)
    items = [*dozen, small, strip]
    assert lint(items)["upscaled"].level == "warning"
    assert lint(items)["cropped"].ids == (21,)
    assert lint(items, batch_size=4)["lonely-bucket"].ids == (21,)
    assert "lonely-bucket" not in lint(items)
    assert lint([*dozen, thin], bucket_no_upscale=True)["too-thin"].level == "error"
    assert "upscaled" not in lint(items, bucket_no_upscale=True)


def test_steps_the_model_cannot_take(dozen: list[ExportItem], lint: Lint):
    assert lint(dozen, profile="sdxl", bucket_reso_steps=16)["step"].level == "error"
    assert "step" not in lint(dozen, profile="sdxl", bucket_reso_steps=32)
    assert "step" in lint(dozen, profile="sd15", bucket_reso_steps=32)


def test_what_is_worth_knowing(dozen: list[ExportItem], make_item: Make, lint: Lint):
    clear = make_item(20, alpha=True, width=1024, height=1024, name="picture 1.png")
    found = lint([*dozen, clear])
    assert found["alpha"].ids == (20,)
    assert found["same-name"].ids == (1, 20)
    assert "--caption_extension .txt" in found["caption-extension"].fix
    assert "few-images" in lint(dozen[:9])
