"""Captions under way, as the editor asks about them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import lorairo as lr

Open = Callable[..., Any]


@pytest.fixture(autouse=True)
def no_hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Any):
    """No tokenizer of this machine counts."""
    constants = pytest.importorskip("huggingface_hub.constants")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))


def test_a_text_is_counted_while_it_is_typed(browse: Open):
    ok, _ = browse().ask("captions.tokens", text="a red hat")
    assert ok["tokens"] == [{"count": 3, "limit": 75, "exact": False, "encoder": "CLIP", "cut": None}]
    ok, _ = browse().ask("captions.tokens", text="")
    assert ok["tokens"][0]["count"] == 0


def test_where_reading_ends_is_told_in_the_browsers_characters(browse: Open):
    text = "🐶 " * 3 + "hat " * 100
    ok, _ = browse().ask("captions.tokens", text=text)
    cut = ok["tokens"][0]["cut"]
    read = text.encode("utf-16-le")[: 2 * cut].decode("utf-16-le")
    assert text.startswith(read)
    assert read.endswith("hat ")
    assert 60 < read.count("hat") < 80


def test_the_dataset_says_which_encoders_read(browse: Open, project: lr.Project):
    project.set_dataset("train", profile="flux")
    ok, _ = browse().ask("captions.tokens", text="a red hat")
    assert [(found["encoder"], found["limit"]) for found in ok["tokens"]] == [("T5", 512), ("CLIP", 75)]
    project.set_dataset("other", profile="sdxl")
    ok, _ = browse().ask("captions.tokens", text="a red hat", dataset="other")
    assert [found["encoder"] for found in ok["tokens"]] == ["CLIP"]


def test_a_template_is_shown_on_some_images_and_written_on_all(browse: Open, project: lr.Project):
    browser = browse()
    view = project.view("dog")
    view.set_caption("a brown dog")
    project.set_dataset("train", profile="sdxl", trigger="sks")
    asked = {"template": "{trigger}, {caption}, {tags}", "variant": "long"}
    ok, _ = browser.ask("captions.compose", ids=view.ids[:2].tolist(), **asked)
    assert [(sample["before"], sample["after"]) for sample in ok["samples"]] == [
        (None, "sks, a brown dog, dog, outdoors")
    ] * 2
    assert {sample["tokens"]["limit"] for sample in ok["samples"]} == {75}
    target = {"ids": view.ids.tolist()}
    done, _ = browser.ask("edit", action="captions.compose", target=target, **asked)
    assert done["count"] == len(view)
    assert view.captions("long").tolist() == ["sks, a brown dog, dog, outdoors"] * len(view)


def test_a_mistake_and_too_many_images_are_refused(browse: Open, project: lr.Project):
    browser = browse()
    reply, _ = browser.reply("captions.compose", template="{trigerr}", variant="long", ids=[])
    assert "did you mean 'trigger'? (character 1)" in reply["error"]["message"]
    ids = project.view().ids[:6].tolist()
    reply, _ = browser.reply("captions.compose", template="{tags}", variant="long", ids=ids)
    assert "at most 5" in reply["error"]["message"]
    reply, _ = browser.reply("captions.tokens", text="x" * 20_001)
    assert "too long" in reply["error"]["message"]


def test_what_models_say_is_shown_sentence_by_sentence(browse: Open, project: lr.Project):
    browser, one = browse(), project.view()[[1]]
    for text in ("An old answer.", "A dog. It runs."):
        one.annotate({"talker": lambda _, text=text: text}, version=text, background=False)
    one.annotate({"other": lambda _: "A hound."}, background=False)

    def shown() -> list[tuple[str, str, str]]:
        caption = browser.ask("details", id=1)[0]["caption"]
        return [(said["by"], said["text"], said["state"]) for said in caption["sentences"]]

    assert shown() == [("other", "A hound.", ""), ("talker", "A dog.", ""), ("talker", "It runs.", "")]
    browser.ask("edit", action="sentences.strike", sentence="A hound.", target={"id": 1})
    browser.ask("edit", action="sentences.accept", sentence="It runs.", variant="default", target={"id": 1})
    assert [state for *_, state in shown()] == ["struck", "", "accepted"]
    browser.ask("edit", action="sentences.clear", sentence="A hound.", target={"id": 1})
    assert [state for *_, state in shown()] == ["", "", "accepted"]
    assert browser.ask("details", id=1, variant="long")[0]["caption"]["sentences"] == []
