"""Prompts: found by name and target, filled in for an image, versioned, and checked when they are read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

import lorairo as lr
from lorairo.captions.pieces import Facts
from lorairo.captions.profiles import PROFILES
from lorairo.errors import ConfigError, NotFoundError
from lorairo.prompting import asked_for
from lorairo.services.asking import Service
from lorairo.services.prompts import Prompt, checked, filled, for_target, prompt_of, prompts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from PIL import Image

FACTS = Facts(
    trigger="ohwx",
    captions={"default": "A dog."},
    tags=[("red_hat", 0), ("dog", 0), ("rex", 4)],
    rating="general",
)
PRAISE = ("stunning", "masterpiece", "high quality", "professional")


def prose() -> list[Prompt]:
    return [prompt for prompt in prompts().values() if prompt.captions and not prompt.document]


def own(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    (file.parent / "prompts.toml").write_text(text, encoding="utf-8")


def test_every_target_that_captions_are_written_for_has_a_prompt():
    assert [name for name in PROFILES if for_target(name) is None] == []
    assert prompt_of("flux").name == "flux"
    assert prompt_of("pony").name == prompt_of("sdxl").name == "booru"
    assert prompt_of("wan").name == prompt_of("ltx").name == "motion"


def test_prompts_for_tags_ask_for_tags_and_prompts_for_prose_for_captions():
    assert prompt_of("illustrious").tags
    assert not prompt_of("illustrious").captions
    assert prompt_of("qwen-image").writes == "caption"
    assert prompt_of("variants").writes == "caption short, caption long, tags"
    assert (prompt_of("rating").rating, prompt_of("appeal").score) == (True, "appeal")


@pytest.mark.parametrize("prompt", prose(), ids=lambda prompt: prompt.name)
def test_captions_are_asked_for_without_inventions_openings_and_praise(prompt: Prompt):
    said = prompt.text.lower()
    assert "watermark" in said
    assert "the image shows" in said
    assert "can be seen" in said or "cannot be seen" in said
    assert any(word in said for word in PRAISE) or "prais" in said


@pytest.mark.parametrize("prompt", prose(), ids=lambda prompt: prompt.name)
def test_the_trigger_stands_in_what_is_asked_for_only_where_there_is_one(prompt: Prompt):
    _, without = Service(prompt=prompt).words(FACTS)
    _, said = Service(prompt=prompt, trigger="ohwx dog").words(FACTS)
    assert '"ohwx dog", exactly as written' in said
    assert "exactly as written" not in without
    assert "{trigger" not in without


def test_a_line_whose_pieces_are_all_empty_is_left_out():
    text = "First.\nTags: {tags}.\nWho: {tags:artist} {rating}\n  {{kept}}\nNothing: {caption:long}"
    assert filled(text, FACTS) == "First.\nTags: red hat, dog, rex.\nWho: general\n  {kept}"
    assert filled(text, Facts()) == "First.\n  {kept}"


def test_what_is_asked_of_images_is_what_the_lines_name():
    service = Service(prompt=prompt_of("flux"), omit="concept")
    assert service.templates
    assert {type(piece).__name__ for one in service.templates for piece in one.pieces} == {"Trigger", "Tags"}
    assert Service(prompt=prompt_of("revise")).templates[0].variants == {"default"}


def test_what_a_lora_teaches_is_left_out_of_its_captions():
    _, said = Service(prompt=prompt_of("flux"), trigger="ohwx", omit="character").words()
    assert "hair colour" in said
    service = Service(omit="Leave out {trigger} and hats.")
    assert "hats" not in service.words()[1]
    assert "Leave out ohwx and hats." in service.model_copy(update={"trigger": "ohwx"}).words()[1]
    with pytest.raises(NotFoundError, match="did you mean 'character'"):
        Service(omit="charakter")


def test_trigger_and_omission_are_stored_with_the_answers():
    plain, told = Service().told(), Service(trigger="ohwx", omit="style").told()
    assert (told["trigger"], "technique" in told["omit"]) == ("ohwx", True)
    assert plain != told


def test_what_a_prompt_is_found_by_and_what_the_bill_needs_make_no_other_question():
    flux = prompts()["flux"]
    more = flux.model_copy(update={"targets": (*flux.targets, "flux-next")})
    told = Service(prompt=flux).told()
    assert Service(prompt=more, batch=True, vision="patches", vision_factor=2.0).told() == told
    assert Service(prompt=flux.model_copy(update={"version": "99"})).told() != told
    assert Service.model_validate(told).told() == told


def test_the_shape_is_told_in_words_where_it_is_more_than_a_caption():
    assert "JSON" in Service(prompt=prompt_of("variants")).words()[1]
    assert "JSON" not in Service(prompt=prompt_of("flux")).words()[1]
    assert "JSON" in Service(prompt=prompt_of("flux"), structured="json").words()[1]


def test_a_text_is_a_prompt_of_its_own_and_another_text_another_version():
    first, second = prompt_of("What is it?"), prompt_of("What is this?")
    assert (first.name, second.name) == ("own", "own")
    assert first.version != second.version
    assert prompt_of("What is it?") == first


def test_an_unknown_prompt_names_the_nearest():
    with pytest.raises(NotFoundError, match="did you mean 'flux2'"):
        prompt_of("flux22")


def test_a_prompt_of_the_users_own_is_found_before_ours(user_file: Path):
    own(
        user_file,
        '[[prompt]]\nname = "mine"\ntargets = ["flux"]\ntext = "What is it?"\n[omit]\nhat = "No hats."',
    )
    assert for_target("flux").name == "mine"
    assert prompt_of("flux").name == "flux"
    assert Service(omit="hat").omit == "No hats."


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ('name = "a"\ntext = "b"\ncaption = ["c"]', "unknown key 'caption': did you mean 'captions'"),
        ('name = "a"\ntext = "b"\ncaptions = []', "asks for nothing"),
        ('name = "a"\ntext = "b"\ncaptions = ["c", "c"]', "each once"),
        ('name = "a"\ntext = "b\\n{tagz}"', "line 2: there is no piece 'tagz'"),
        ('name = "a"\ntext = "b"\ndocument = true\ntags = true', "one caption and nothing else"),
        ('name = "a"', "text: Field required"),
    ],
)
def test_a_mistake_in_the_users_file_is_named(user_file: Path, row: str, said: str):
    own(user_file, f"[[prompt]]\n{row}")
    with pytest.raises(ConfigError, match=said):
        prompts()


def test_another_table_in_the_users_file_is_named(user_file: Path):
    own(user_file, '[[prompts]]\nname = "a"')
    with pytest.raises(ConfigError, match="unknown table 'prompts': did you mean 'prompt'"):
        prompts()


def test_a_row_is_checked_as_it_is_read():
    assert checked({"name": "a", "text": "b"}, "here").version == "1"


def test_prompts_are_listed_with_what_they_write():
    frame = lr.prompts()
    assert list(frame.columns) == ["version", "target", "writes", "own", "text"]
    assert frame.loc["booru", "writes"] == "tags"
    assert "pony" in frame.loc["booru", "target"]
    assert not frame["own"].any()


def test_a_prompt_that_is_changed_has_the_next_version(user_file: Path):
    first = prompts()["flux"]
    saved = lr.save_prompt("flux", text="Describe the dog.\nIt is called {trigger}.")
    assert saved.prompt.version == str(int(first.version) + 1)
    assert (prompt_of("flux").text, prompt_of("flux").system) == (saved.prompt.text, first.system)
    assert for_target("flux").name == "flux"
    assert lr.prompts().loc["flux", "own"]
    again = lr.save_prompt("flux", text=saved.prompt.text)
    assert again.prompt.version == saved.prompt.version
    assert "as it was" in repr(again)
    assert saved.file == user_file.parent / "prompts.toml"


def test_a_new_prompt_stands_beside_what_is_there_with_its_comments(user_file: Path):
    own(user_file, '# mine\n[[prompt]]\nname = "old"  # keep\ntext = "What is it?"\n')
    lr.save_prompt("new", text='Say """this""" and \\ that.\nTwice.', captions="long", targets="flux")
    lr.save_prompt("old", tags=True)
    text = (user_file.parent / "prompts.toml").read_text(encoding="utf-8")
    assert "# mine" in text
    assert "# keep" in text
    assert prompts()["new"].text == 'Say """this""" and \\ that.\nTwice.'
    assert prompts()["new"].captions == ("long",)
    assert (prompts()["old"].version, prompts()["old"].writes) == ("2", "caption, tags")


def test_a_prompt_that_makes_no_sense_is_not_saved(user_file: Path):
    with pytest.raises(ConfigError, match="line 1: there is no piece"):
        lr.save_prompt("mine", text="{tagz}")
    with pytest.raises(ConfigError, match="text: Field required"):
        lr.save_prompt("mine", captions="long")
    with pytest.raises(lr.Error, match="did you mean 'captions'"):
        lr.save_prompt("mine", caption="long")
    assert not (user_file.parent / "prompts.toml").exists()


@pytest.fixture
def project(tmp_path: Path, draw: Callable[..., Image.Image]) -> Iterator[lr.Project]:
    with lr.open_project(tmp_path / "project") as opened:
        opened.add([draw(1)])
        opened.set_dataset("train", profile="pony", trigger="ohwx dog")
        yield opened


def test_a_dataset_gives_its_trigger_and_the_prompt_of_its_target(project: lr.Project):
    assert asked_for(project, {"dataset": "train"}) == {"trigger": "ohwx dog", "prompt": "booru"}
    told = asked_for(project, {"dataset": "train", "trigger": "sks", "prompt": "flux", "effort": "low"})
    assert told == {"trigger": "sks", "prompt": "flux", "effort": "low"}
    assert asked_for(project, None) is None
    with pytest.raises(NotFoundError, match="train"):
        asked_for(project, {"dataset": "trian"})


def test_a_prompt_as_an_object_can_be_kept_with_its_job(project: lr.Project):
    told = asked_for(project, {"prompt": prompt_of("flux")})
    assert Service.model_validate(json.loads(json.dumps(told))).prompt == prompt_of("flux")


def test_what_is_stored_of_a_question_is_this_and_nothing_more():
    """Answers are found again by it: with a new field in it every image would be asked about and paid anew.

    Leave a new one out of `Service.told` while it is at its default.
    """
    assert Service(prompt=Prompt(name="plain", text="Describe it.")).told() == {
        "prompt": {
            "name": "plain",
            "version": "1",
            "system": "",
            "text": "Describe it.",
            "captions": ["default"],
            "tags": False,
            "rating": False,
            "score": "",
            "document": False,
        },
        "trigger": "",
        "omit": "",
        "max_tokens": 1024,
        "long_edge": 1024,
        "api": "chat",
        "structured": "schema",
    }
